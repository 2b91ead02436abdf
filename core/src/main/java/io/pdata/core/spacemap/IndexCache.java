package io.pdata.core.spacemap;

import io.pdata.core.block.CorruptionException;
import io.pdata.core.btree.BTree;
import io.pdata.core.btree.TreeRoot;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * A direct-mapped write-back cache of 64 entries before the disk map's index tree.
 *
 * <p>It decides when the tree changes, and with it bytes on disk: an entry is written back when another one needs its
 * slot, be it only to be read, and the rest at commit in the order of the slots. Source: format document
 * "persistent-data", section 5.1.
 */
final class IndexCache {
    private static final int SLOTS = 64;
    private static final long MULTIPLIER = 4294967291L;
    private static final long NOTHING = -1;

    private final BTree tree;
    private final TreeRoot root = new TreeRoot(0);
    private final MemorySegment entries = Arena.ofAuto().allocate(SLOTS * IndexEntry.SIZE, Long.BYTES);
    private final MemorySegment scratch = Arena.ofAuto().allocate(IndexEntry.SIZE, Long.BYTES);
    private final long[] bitmaps = new long[SLOTS];
    private final boolean[] dirty = new boolean[SLOTS];

    IndexCache(BTree tree) {
        this.tree = tree;
    }

    void open(long newRoot) {
        root.moveTo(newRoot);
        Arrays.fill(bitmaps, NOTHING);
        Arrays.fill(dirty, false);
    }

    /** Becomes equal to {@code other}, which has no dirty entry. */
    void copyFrom(IndexCache other) {
        root.moveTo(other.root.block());
        entries.copyFrom(other.entries);
        System.arraycopy(other.bitmaps, 0, bitmaps, 0, SLOTS);
        Arrays.fill(dirty, false);
    }

    MemorySegment entries() {
        return entries;
    }

    long root() {
        return root.block();
    }

    int load(long bitmap) {
        int slot = slotOf(bitmap);
        int offset = slot * IndexEntry.SIZE;
        if (bitmaps[slot] == bitmap) {
            return offset;
        }
        writeBack(slot);
        if (!tree.lookup(root.block(), bitmap, scratch)) {
            throw new CorruptionException(root.block(), "space map index tree",
                    "has no entry for bitmap " + bitmap);
        }
        bitmaps[slot] = bitmap;
        MemorySegment.copy(scratch, 0, entries, offset, IndexEntry.SIZE);
        return offset;
    }

    void save(long bitmap, long location, int free, int noneFreeBefore) {
        int slot = slotOf(bitmap);
        if (bitmaps[slot] != bitmap) {
            writeBack(slot);
        }
        IndexEntry.write(entries, slot * IndexEntry.SIZE, location, free, noneFreeBefore);
        bitmaps[slot] = bitmap;
        dirty[slot] = true;
    }

    void writeAll() {
        for (int slot = 0; slot < SLOTS; slot++) {
            writeBack(slot);
        }
    }

    private void writeBack(int slot) {
        if (dirty[slot]) {
            MemorySegment.copy(entries, slot * IndexEntry.SIZE, scratch, 0, IndexEntry.SIZE);
            tree.insert(root, bitmaps[slot], scratch);
            dirty[slot] = false;
        }
    }

    private static int slotOf(long bitmap) {
        return (int) ((bitmap & 0xFFFF_FFFFL) * MULTIPLIER) & SLOTS - 1;
    }
}
