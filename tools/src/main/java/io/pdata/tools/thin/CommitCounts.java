package io.pdata.tools.thin;

import io.pdata.core.block.Block;
import io.pdata.core.block.CorruptionException;
import io.pdata.core.device.DeviceException;
import io.pdata.core.spacemap.BitmapBlock;
import io.pdata.core.spacemap.IndexBlock;
import io.pdata.core.spacemap.IndexEntry;
import io.pdata.tools.MetadataFile;
import java.util.Arrays;
import java.util.TreeSet;

/**
 * The counts of metadata blocks in one commit, as the index block of its metadata space map leads to them, and sums of what
 * the blocks in use refer to. Moving from one commit to the next costs what is different between their bitmaps.
 *
 * <p>Memory: a quarter of a byte for each block that bitmaps count, and a little for each block in use that is not a bottom
 * node of a mapping tree. Used by one thread.
 */
final class CommitCounts {
    private static final int EPB = BitmapBlock.ENTRIES;
    private static final int PER_WORD = 32;
    private static final int WORDS = EPB / PER_WORD;
    private static final long LOWER_BITS = 0x5555_5555_5555_5555L;

    private final MetadataFile file;
    private final BlockSurvey survey;
    private final long[] locations = new long[IndexBlock.ENTRIES];
    private final long[][] words = new long[IndexBlock.ENTRIES][];
    /** Blocks in use that roots can be found among, ascending. */
    private final TreeSet<Integer> special = new TreeSet<>();
    private int bitmaps;
    private int index;
    private long counted;
    private long overflowing;
    private long references;
    private long data;
    private int unknown;
    private long work;

    CommitCounts(MetadataFile file, BlockSurvey survey) {
        this.file = file;
        this.survey = survey;
    }

    /** Moves to a commit by its index block; returns whether all bitmaps are there. */
    boolean load(int indexBlock) {
        long[] wanted = new long[IndexBlock.ENTRIES];
        try (Block block = file.readLock(indexBlock, IndexBlock.VALIDATOR)) {
            for (int i = 0; i < wanted.length; i++) {
                wanted[i] = IndexEntry.location(block.data(), IndexBlock.entryOffset(i));
            }
        } catch (CorruptionException | DeviceException e) {
            return false; // a device that fails now and then
        }
        index = indexBlock;
        bitmaps = 0;
        for (long location : wanted) {
            if (location != 0 && survey.type(location) != BlockSurvey.BITMAP) {
                return false;
            }
            bitmaps += location != 0 ? 1 : 0;
        }
        for (int slot = 0; slot < wanted.length; slot++) {
            if (wanted[slot] != locations[slot] && !move(slot, wanted[slot])) {
                return false;
            }
        }
        return bitmaps > 0;
    }

    private boolean move(int slot, long location) {
        long[] now = new long[WORDS];
        if (location != 0) {
            try (Block block = file.readLock(location, BitmapBlock.VALIDATOR)) {
                for (int i = 0; i < WORDS; i++) {
                    now[i] = BitmapBlock.word(block.data(), i * PER_WORD);
                }
            } catch (CorruptionException | DeviceException e) {
                return false; // as above
            }
        }
        long[] before = words[slot] == null ? new long[WORDS] : words[slot];
        for (int i = 0; i < WORDS; i++) {
            if (before[i] != now[i]) {
                change(slot * EPB + i * PER_WORD, before[i], now[i]);
            }
        }
        work += WORDS;
        words[slot] = now;
        locations[slot] = location;
        return true;
    }

    private void change(int first, long before, long now) {
        long different = before ^ now;
        for (long pairs = (different | different >>> 1) & LOWER_BITS; pairs != 0; pairs &= pairs - 1) {
            int shift = Long.numberOfTrailingZeros(pairs);
            int block = first + shift / 2;
            count(block, (int) (before >>> shift) & 3, -1);
            count(block, (int) (now >>> shift) & 3, 1);
        }
    }

    private void count(int block, int count, int sign) {
        if (count == 0) {
            return;
        }
        long hash = sign * BlockSurvey.hash(block);
        if (count == BitmapBlock.OVERFLOW) {
            overflowing += hash;
        } else {
            counted += count * hash;
        }
        byte type = survey.type(block);
        if (type == BlockSurvey.NONE || type == BlockSurvey.INTERNAL) {
            unknown += block == 0 ? 0 : sign;
            return;
        }
        references += sign * survey.references(block);
        data += sign * survey.dataReferences(block);
        byte leaf = survey.leafType(block);
        if (leaf != BlockSurvey.MAPPINGS && leaf != BlockSurvey.BITMAP) {
            if (sign > 0) {
                special.add(block);
            } else {
                special.remove(block);
            }
        }
    }

    int index() {
        return index;
    }

    /** How many bitmaps there are. */
    int bitmaps() {
        return bitmaps;
    }

    /** The sum of all counts of blocks that have 1 or 2. */
    long counted() {
        return counted;
    }

    /** The sum for the blocks whose count is in a tree; each once. */
    long overflowing() {
        return overflowing;
    }

    /** The sum of what all blocks in use refer to, {@link BlockSurvey#SINGLE} leaves taken for mappings. */
    long references() {
        return references;
    }

    /** The sum of the data blocks that leaves in use refer to. */
    long data() {
        return data;
    }

    /** How many blocks in use are none of a pool's, or belong to no tree. */
    int unknown() {
        return unknown;
    }

    /** All blocks in use that roots can be among: those that are no bitmaps, and no nodes of mappings with several. */
    Iterable<Integer> special() {
        return special;
    }

    /** How many words have been compared so far: the cost. */
    long work() {
        return work;
    }

    boolean uses(int block) {
        long[] map = block < 0 || block / EPB >= words.length ? null : words[block / EPB];
        return map != null && (map[block % EPB / PER_WORD] >>> 2 * (block % PER_WORD) & 3) != 0;
    }

    /** The first block in use from {@code from} on, or -1. */
    int next(int from) {
        for (int at = from; at / EPB < words.length;) {
            int first = at / PER_WORD * PER_WORD;
            long bits = used(at / EPB, at % EPB / PER_WORD) & -1L << 2 * (at - first);
            if (bits != 0) {
                return first + Long.numberOfTrailingZeros(bits) / 2;
            }
            at = words[at / EPB] == null ? (at / EPB + 1) * EPB : first + PER_WORD;
        }
        return -1;
    }

    /** The blocks in use here and not in another commit, ascending. */
    int[] addedTo(CommitCounts other) {
        int[] added = new int[16];
        int n = 0;
        for (int slot = 0; slot < words.length; slot++) {
            if (words[slot] == null || locations[slot] == other.locations[slot]) {
                continue;
            }
            for (int i = 0; i < WORDS; i++) {
                for (long bits = used(slot, i) & ~other.used(slot, i); bits != 0; bits &= bits - 1) {
                    added = n == added.length ? Arrays.copyOf(added, 2 * n) : added;
                    added[n++] = slot * EPB + i * PER_WORD + Long.numberOfTrailingZeros(bits) / 2;
                }
            }
        }
        return Arrays.copyOf(added, n);
    }

    /** How many blocks in {@code [from, to)} neither commit uses. */
    int free(CommitCounts other, int from, int to) {
        int free = 0;
        for (int at = from; at < to;) {
            int slot = at / EPB;
            int word = at % EPB / PER_WORD;
            int first = slot * EPB + word * PER_WORD;
            int next = Math.min(to, first + PER_WORD);
            long bits = ~(used(slot, word) | other.used(slot, word)) & LOWER_BITS;
            bits &= -1L << 2 * (at - first);
            if (next - first < PER_WORD) {
                bits &= (1L << 2 * (next - first)) - 1;
            }
            free += Long.bitCount(bits);
            at = next;
        }
        return free;
    }

    /** One bit, the lower of its pair, for each block in use. */
    private long used(int slot, int word) {
        long counts = slot >= words.length || words[slot] == null ? 0 : words[slot][word];
        return (counts | counts >>> 1) & LOWER_BITS;
    }
}
