package io.pdata.era;

import io.pdata.core.array.ArrayCursor;
import io.pdata.core.array.ArrayReader;
import io.pdata.core.bitset.BitsetCursor;
import io.pdata.core.bitset.BitsetReader;
import io.pdata.core.block.Block;
import io.pdata.core.block.CorruptionException;
import io.pdata.core.btree.BTreeReader;
import io.pdata.core.transaction.BlockReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Reads one state of era metadata: of the running transaction, of a commit, or of a metadata snapshot.
 *
 * <p>The last era in which a block was written is the current one if it is in the current writeset; else the highest
 * archived one whose writeset has it; else what the era array says.
 *
 * <p>As thread-safe as the {@link BlockReader} it reads from. A visitor must not change the metadata. Source: format
 * document "era", section 2.
 */
public final class EraReader {
    /** How many blocks are looked at together. */
    private static final int CHUNK = 4096;

    private final BlockReader blocks;
    private final EraSuperblock superblock;
    private final BTreeReader writesets;
    private final BitsetReader bits;
    private final ArrayReader eras;

    EraReader(BlockReader blocks, EraSuperblock superblock) {
        this.blocks = blocks;
        this.superblock = superblock;
        this.writesets = new BTreeReader(blocks, 1, Writeset.SIZE);
        this.bits = new BitsetReader(blocks);
        this.eras = new ArrayReader(blocks, EraArray.VALUE_SIZE);
    }

    /** A writeset and the era it belongs to (unsigned 32 bits). */
    public record EraWriteset(long era, Writeset writeset) {}

    /** Gets a run of blocks: {@code begin} included, {@code end} not. */
    @FunctionalInterface
    public interface RangeVisitor {
        void range(long begin, long end);
    }

    /** What the superblock of this state says (or is going to say). */
    public EraSuperblock superblock() {
        return superblock;
    }

    /** The state that the metadata snapshot keeps, if there is one. Its current writeset is none. */
    public Optional<EraReader> snapshot() {
        if (superblock.metadataSnapshot() == 0) {
            return Optional.empty();
        }
        try (Block copy = blocks.readLock(superblock.metadataSnapshot(), EraSuperblockLayout.VALIDATOR)) {
            return Optional.of(new EraReader(blocks, EraSuperblock.read(copy.data()).asSnapshot()));
        } catch (CorruptionException e) {
            throw e.via("metadata snapshot");
        }
    }

    /** The archived writesets, in ascending order of eras. */
    public List<EraWriteset> archivedWritesets() {
        List<EraWriteset> found = new ArrayList<>();
        writesets.walk(superblock.writesetTreeRoot(), (era, block, offset) -> {
            Writeset writeset = Writeset.read(block, offset);
            if (!writeset.exists()) {
                throw new CorruptionException(superblock.writesetTreeRoot(), "btree node",
                        "the archived writeset of era " + Long.toUnsignedString(era) + " has no root");
            }
            found.add(new EraWriteset(era, writeset));
            return true;
        });
        return found;
    }

    /** Whether a writeset has a block; blocks that did not exist in its era are not in it. */
    public boolean contains(Writeset writeset, long block) {
        return writeset.exists() && block < writeset.bits() && bits.test(writeset.root(), block);
    }

    /** What the era array says of a block; writesets not digested yet may know better. */
    public long storedEra(long block) {
        Objects.checkIndex(block, superblock.blocks());
        return Integer.toUnsignedLong(eras.getInt(superblock.eraArrayRoot(), block));
    }

    /** The last era in which a block was written, 0 for never. O(archived writesets). */
    public long lastWritten(long block) {
        Objects.checkIndex(block, superblock.blocks());
        if (contains(superblock.currentWriteset(), block)) {
            return superblock.currentEra();
        }
        for (EraWriteset archived : archivedWritesets().reversed()) {
            if (contains(archived.writeset(), block)) {
                return archived.era();
            }
        }
        return storedEra(block);
    }

    /** The last eras (unsigned) in which {@code result.length} blocks from {@code first} on were written. */
    public void lastWritten(long first, int[] result) {
        Objects.checkFromIndexSize(first, result.length, superblock.blocks());
        ArrayCursor stored = eras.cursor(superblock.eraArrayRoot(), first + result.length);
        stored.skip(first);
        for (int i = 0; i < result.length; i++) {
            result[i] = stored.intValue();
            stored.next();
        }
        for (EraWriteset archived : archivedWritesets()) {
            overlay(archived.writeset(), (int) archived.era(), first, result);
        }
        overlay(superblock.currentWriteset(), (int) superblock.currentEra(), first, result);
    }

    /** The runs of blocks written in an era or later, ascending. Memory is bounded whatever the size. */
    public void writtenSince(long era, RangeVisitor visitor) {
        int[] chunk = new int[0];
        long begin = -1;
        for (long first = 0; first < superblock.blocks(); first += CHUNK) {
            int length = (int) Math.min(CHUNK, superblock.blocks() - first);
            chunk = chunk.length == length ? chunk : new int[length];
            lastWritten(first, chunk);
            for (int i = 0; i < length; i++) {
                boolean written = chunk[i] != 0 && Integer.toUnsignedLong(chunk[i]) >= era;
                if (written && begin < 0) {
                    begin = first + i;
                } else if (!written && begin >= 0) {
                    visitor.range(begin, first + i);
                    begin = -1;
                }
            }
        }
        if (begin >= 0) {
            visitor.range(begin, superblock.blocks());
        }
    }

    private void overlay(Writeset writeset, int era, long first, int[] result) {
        if (writeset.exists()) {
            BitsetCursor marked = bits.cursor(writeset.root(), Math.min(first + result.length, writeset.bits()));
            marked.skip(first);
            for (; marked.nextSet(); marked.next()) {
                result[(int) (marked.index() - first)] = era;
            }
        }
    }
}
