package io.pdata.tools.era;

import io.pdata.core.array.ArrayBlock;
import io.pdata.core.array.ArrayCursor;
import io.pdata.core.array.ArrayReader;
import io.pdata.core.bitset.BitsetCursor;
import io.pdata.core.bitset.BitsetReader;
import io.pdata.core.btree.BTreeReader;
import io.pdata.core.btree.Cursor;
import io.pdata.era.EraSuperblock;
import io.pdata.era.EraSuperblockLayout;
import io.pdata.era.Writeset;
import io.pdata.tools.MetadataFile;
import io.pdata.tools.ToolException;
import io.pdata.tools.text.TextOut;
import io.pdata.tools.text.XmlOut;
import java.util.Arrays;
import java.util.function.Supplier;

/**
 * Lists the blocks that may have been written since an era, as {@code era_invalidate} of thin-provisioning-tools does: those
 * of which the era array or a writeset says so, the current writeset included.
 *
 * <p>Streams: memory is the {@linkplain MetadataFile#CACHE_BYTES block cache} and 4 KiB. Damage is a
 * {@link io.pdata.core.block.CorruptionException}. Source: format document "tools-xml", section 4.
 */
public final class EraInvalidate {
    /** How many blocks are looked at together: as many as one block of a bitset has bits. */
    private static final int WINDOW = ArrayBlock.capacity(Long.BYTES) * Long.SIZE;

    private final MetadataFile file;
    private final EraSuperblock superblock;
    private final long since;
    private final XmlOut xml;
    private final long[] written = new long[WINDOW / Long.SIZE];
    private long begin = -1;

    private EraInvalidate(MetadataFile file, EraSuperblock superblock, long since, TextOut out) {
        this.file = file;
        this.superblock = superblock;
        this.since = since;
        this.xml = new XmlOut(out);
    }

    /**
     * Lists blocks.
     *
     * @param since the era, unsigned 32 bits
     * @param metadataSnapshot whether to look into the metadata snapshot
     * @param output is asked where to write to once the superblock has been read; gets flushed, not closed
     * @throws ToolException if there is no superblock, or no metadata snapshot
     */
    public static void list(MetadataFile file, long since, boolean metadataSnapshot, Supplier<TextOut> output) {
        EraSuperblock superblock = file.superblock(EraSuperblockLayout.VALIDATOR, EraSuperblock::read);
        if (metadataSnapshot) {
            if (superblock.metadataSnapshot() == 0) {
                throw new ToolException("no current metadata snap");
            }
            superblock = file.superblock(superblock.metadataSnapshot(), EraSuperblockLayout.VALIDATOR,
                    EraSuperblock::read).asSnapshot();
        }
        TextOut out = output.get();
        new EraInvalidate(file, superblock, since, out).write();
        out.flush();
    }

    private void write() {
        xml.element("blocks").open();
        ArrayCursor eras = new ArrayReader(file, Integer.BYTES).cursor(superblock.eraArrayRoot(), superblock.blocks());
        for (long first = 0; first < superblock.blocks(); first += WINDOW) {
            int length = (int) Math.min(WINDOW, superblock.blocks() - first);
            Arrays.fill(written, 0);
            for (int i = 0; i < length; i++, eras.next()) {
                if (Integer.toUnsignedLong(eras.intValue()) >= since) {
                    mark(i);
                }
            }
            markWritesets(first, length);
            emit(first, length);
        }
        end(superblock.blocks());
        xml.end();
    }

    private void markWritesets(long first, int length) {
        try (Cursor cursor = new BTreeReader(file, 1, Writeset.SIZE).cursor(superblock.writesetTreeRoot())) {
            for (; cursor.valid(); cursor.next()) {
                if (Long.compareUnsigned(cursor.key(), since) >= 0) {
                    mark(Writeset.read(cursor.block(), cursor.valueOffset()), first, length);
                }
            }
        }
        if (superblock.currentWriteset().exists() && superblock.currentEra() >= since) {
            mark(superblock.currentWriteset(), first, length);
        }
    }

    private void mark(Writeset writeset, long first, int length) {
        if (writeset.bits() <= first) {
            return;
        }
        BitsetCursor bits = new BitsetReader(file).cursor(writeset.root(), Math.min(writeset.bits(), first + length));
        bits.skip(first);
        for (; bits.nextSet(); bits.next()) {
            mark((int) (bits.index() - first));
        }
    }

    private void mark(int block) {
        written[block / Long.SIZE] |= 1L << block;
    }

    private void emit(long first, int length) {
        for (int i = 0; i < length; i++) {
            boolean marked = (written[i / Long.SIZE] & 1L << i) != 0;
            if (marked && begin < 0) {
                begin = first + i;
            } else if (!marked) {
                end(first + i);
            }
        }
    }

    /** Ends a run of blocks, if there is one, before a block. */
    private void end(long block) {
        if (begin >= 0 && block == begin + 1) {
            xml.element("block").attribute("block", begin).empty();
        } else if (begin >= 0) {
            xml.element("range").attribute("begin", begin).attribute("end", block).empty();
        }
        begin = -1;
    }
}
