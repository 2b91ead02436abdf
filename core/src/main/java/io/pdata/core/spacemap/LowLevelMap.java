package io.pdata.core.spacemap;

import io.pdata.core.block.Block;
import io.pdata.core.block.Bytes;
import io.pdata.core.block.CorruptionException;
import io.pdata.core.btree.BTree;
import io.pdata.core.btree.TreeRoot;
import io.pdata.core.btree.ValueType;
import io.pdata.core.space.NoSpaceException;
import io.pdata.core.space.SpaceMapRoot;
import io.pdata.core.transaction.ChildReferences;
import io.pdata.core.transaction.TransactionManager;
import io.pdata.core.transaction.TransactionState;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.LongConsumer;

/**
 * What the metadata and the disk space map have in common: counts in bitmaps and an overflow tree, in the state of the
 * running transaction and in that of the last commit.
 *
 * <p>Invariants:
 * <ul>
 * <li>An entry of a bitmap holds the count of its block if that is 0, 1 or 2. Otherwise it says
 * {@link BitmapBlock#OVERFLOW}, and the overflow tree has the count.
 * <li>Blocks of the last commit are never changed in place, so its bitmaps can be read at any time.
 * <li>The index entry of a bitmap is saved once, when all of a range that lies in it has been changed. Whatever is asked
 * of the map in the meantime is answered from the bitmap as the index still has it.
 * </ul>
 *
 * <p>Not thread-safe. {@link #inc} and {@link #dec} are not re-entrant; everything that only reads may be called while
 * one of them is running, and is when the blocks it allocates are counted by this very map. Nothing is allocated on the
 * heap. Source: format document "persistent-data", sections 4 and 5; the order of steps decides the bytes on disk.
 */
final class LowLevelMap {
    /** Far above anything real, and small enough for sums of block numbers not to overflow. */
    private static final long MAX_BLOCKS = 1L << 60;
    private static final int EPB = BitmapBlock.ENTRIES;

    private final String name;
    private final TransactionManager transactions;
    private final IndexStore index;
    private final BTree overflow;
    private final TreeRoot overflowRoot = new TreeRoot(0);
    private final MemorySegment overflowCount = Arena.ofAuto().allocate(Integer.BYTES, Integer.BYTES);
    private final MemorySegment foundCount = Arena.ofAuto().allocate(Integer.BYTES, Integer.BYTES);
    private final BTree.ValueEditor addOne = this::addOne;
    private final BTree.ValueEditor takeOne = this::takeOne;

    private long blocks;
    private long allocated;
    private SpaceMapRoot committed = new SpaceMapRoot(0, 0, 0, 0);

    // The index entry of the bitmap that is being changed.
    private long location;
    private int free;
    private int noneFreeBefore;

    /** What {@link #takeOne} found. */
    private long countBefore;
    /** Whether the running change has changed anything yet. */
    private boolean begun;

    LowLevelMap(String name, TransactionManager transactions, IndexStore index) {
        this.name = name;
        this.transactions = transactions;
        this.index = index;
        this.overflow = new BTree(transactions, 1, ValueType.plain(Integer.BYTES));
    }

    /** A new map of no blocks: an empty index, then an empty overflow tree. */
    void create() {
        index.create();
        overflowRoot.moveTo(overflow.empty().block());
        blocks = 0;
        allocated = 0;
        markCommitted();
    }

    /** Becomes the map at {@code root}, of at most {@code limit} blocks, in both states. */
    void open(SpaceMapRoot root, long limit) {
        long most = Math.min(limit, MAX_BLOCKS);
        if (root.blocks() < 0 || root.blocks() > most) {
            throw new CorruptionException(root.bitmapRoot(), name,
                    "claims to count " + Long.toUnsignedString(root.blocks()) + " blocks; at most " + most + " exist");
        }
        if (root.allocated() < 0 || root.allocated() > root.blocks()) {
            throw new CorruptionException(root.bitmapRoot(), name, "claims that "
                    + Long.toUnsignedString(root.allocated()) + " of " + root.blocks() + " blocks are allocated");
        }
        index.open(root.bitmapRoot());
        overflowRoot.moveTo(root.overflowRoot());
        blocks = root.blocks();
        allocated = root.allocated();
        markCommitted();
    }

    long blocks() {
        return blocks;
    }

    /** How many blocks have a count of 1 or more. */
    long allocated() {
        return allocated;
    }

    /** The state that {@link #markCommitted} saw last. */
    SpaceMapRoot committed() {
        return committed;
    }

    /** @throws IllegalArgumentException if the number of blocks cannot be added */
    void checkExtension(long extra) {
        if (extra < 0 || extra > MAX_BLOCKS - blocks || BitmapBlock.bitmapsFor(blocks + extra) > index.limit()) {
            throw new IllegalArgumentException(name + ": " + blocks + " blocks cannot become " + extra + " more");
        }
    }

    /** Adds one free bitmap for each 16320 blocks that do not fit into the last one. Part of a change. */
    void extend(long extra) {
        checkExtension(extra);
        long from = BitmapBlock.bitmapsFor(blocks);
        blocks += extra;
        long end = BitmapBlock.bitmapsFor(blocks);
        for (long bitmap = from; bitmap < end; bitmap++) {
            long number;
            try (Block block = transactions.newBlock(BitmapBlock.VALIDATOR)) {
                number = block.number();
            }
            index.save(bitmap, number, EPB, 0);
        }
    }

    /** The exact count of a block. */
    long count(long block) {
        int entry = entry(block);
        return entry == BitmapBlock.OVERFLOW ? overflowCount(block) : entry;
    }

    /** The entry of a block: its count, or {@link BitmapBlock#OVERFLOW}. */
    int entry(long block) {
        checkRange(block, block + 1);
        long bitmap = block / EPB;
        long at = IndexEntry.location(index.entries(), index.load(bitmap));
        int entry = (int) (block % EPB);
        Block cached = transactions.cached(at);
        long stamp = cached == null ? 0 : cached.stampFor(at, BitmapBlock.VALIDATOR);
        if (stamp != 0) {
            int count = BitmapBlock.count(cached.data(), entry);
            if (cached.validate(stamp)) {
                return count;
            }
        }
        try (Block locked = readBitmap(bitmap, at)) {
            return BitmapBlock.count(locked.data(), entry);
        }
    }

    private long overflowCount(long block) {
        if (!overflow.lookup(overflowRoot.block(), block, foundCount)) {
            throw missing(block);
        }
        return Integer.toUnsignedLong(foundCount.get(Bytes.U32, 0));
    }

    /**
     * The first block from {@code from} on that is free both now and in the last commit, or -1. Looks at every bitmap
     * with free entries once at most.
     */
    long findFree(long from) {
        long end = BitmapBlock.bitmapsFor(blocks);
        for (long bitmap = from / EPB; bitmap < end; bitmap++) {
            int offset = index.load(bitmap);
            checkEntry(bitmap, offset);
            if (IndexEntry.free(index.entries(), offset) == 0) {
                continue;
            }
            long base = bitmap * EPB;
            int first = (int) Math.max(from - base, IndexEntry.noneFreeBefore(index.entries(), offset));
            int limit = (int) Math.min(EPB, blocks - base);
            int entry = first < limit ? findFreeIn(bitmap, offset, first, limit) : -1;
            if (entry >= 0) {
                return base + entry;
            }
        }
        return -1;
    }

    private int findFreeIn(long bitmap, int offset, int first, int limit) {
        long now = IndexEntry.location(index.entries(), offset);
        long before = bitmap * EPB < committed.blocks() ? index.committedLocation(bitmap) : now;
        try (Block block = readBitmap(bitmap, now)) {
            if (before == now) {
                return BitmapBlock.firstFree(block.data(), null, first, limit);
            }
            try (Block old = readBitmap(bitmap, before)) {
                return BitmapBlock.firstFree(block.data(), old.data(), first, limit);
            }
        }
    }

    /** Adds one to the count of each block in {@code [begin, end)}. */
    void inc(long begin, long end) {
        change(begin, end, true);
    }

    /** Takes one from the count of each block in {@code [begin, end)}. */
    void dec(long begin, long end) {
        change(begin, end, false);
    }

    private void change(long begin, long end, boolean increment) {
        checkRange(begin, end);
        try (TransactionState change = transactions.change()) {
            begun = false;
            try {
                changeAll(begin, end, increment);
            } catch (NoSpaceException e) {
                if (!begun) {
                    change.complete(); // nothing has been changed
                }
                throw e;
            }
            change.complete();
        }
    }

    private void changeAll(long begin, long end, boolean increment) {
        for (long block = begin; block < end;) {
            long bitmap = block / EPB;
            long base = bitmap * EPB;
            long stop = Math.min(end, base + EPB);
            loadForChange(bitmap);
            changeWithin(bitmap, (int) (block - base), (int) (stop - base), increment);
            index.save(bitmap, location, free, noneFreeBefore);
            block = stop;
        }
    }

    private void loadForChange(long bitmap) {
        int offset = index.load(bitmap);
        checkEntry(bitmap, offset);
        location = IndexEntry.location(index.entries(), offset);
        free = IndexEntry.free(index.entries(), offset);
        noneFreeBefore = IndexEntry.noneFreeBefore(index.entries(), offset);
    }

    private void changeWithin(long bitmap, int from, int end, boolean increment) {
        int entry = from;
        while (entry < end) {
            int count = 0;
            try (Block block = shadowBitmap(bitmap)) {
                MemorySegment data = block.data();
                for (; entry < end; entry++) {
                    count = BitmapBlock.count(data, entry);
                    if (increment ? count >= 2 : count == BitmapBlock.OVERFLOW) {
                        break;
                    }
                    BitmapBlock.set(data, entry, increment ? incremented(entry, count) : decremented(entry, count));
                }
                if (entry < end && count == 2) {
                    BitmapBlock.set(data, entry, BitmapBlock.OVERFLOW);
                }
            }
            // The overflow tree is changed with the bitmap unlocked: that may allocate, and so look at this bitmap.
            if (entry < end) {
                long changed = bitmap * EPB + entry;
                if (!increment) {
                    decOverflow(bitmap, entry, changed);
                } else if (count == 2) {
                    overflowCount.set(Bytes.U32, 0, BitmapBlock.OVERFLOW);
                    overflow.insert(overflowRoot, changed, overflowCount);
                } else if (!overflow.overwrite(overflowRoot, changed, addOne)) {
                    throw missing(changed);
                }
                entry++;
            }
        }
    }

    private Block shadowBitmap(long bitmap) {
        try {
            Block block = transactions.shadow(location, BitmapBlock.VALIDATOR, ChildReferences.NONE);
            location = block.number();
            begun = true;
            return block;
        } catch (CorruptionException e) {
            throw e.via(name + ", bitmap " + bitmap);
        }
    }

    private Block readBitmap(long bitmap, long at) {
        try {
            return transactions.readLock(at, BitmapBlock.VALIDATOR);
        } catch (CorruptionException e) {
            throw e.via(name + ", bitmap " + bitmap);
        }
    }

    private int incremented(int entry, int count) {
        if (count == 0) {
            if (free == 0 || allocated == blocks) {
                throw contradiction("has a free entry, though the index or the root says that there is none");
            }
            allocated++;
            free--;
            if (noneFreeBefore == entry) {
                noneFreeBefore = entry + 1;
            }
        }
        return count + 1;
    }

    private int decremented(int entry, int count) {
        if (count == 0) {
            throw contradiction("has a count of 0 for entry " + entry + ", to which there still was a reference");
        }
        if (count == 1) {
            if (free == EPB || allocated == 0) {
                throw contradiction("has an entry in use, though the index or the root says that there is none");
            }
            allocated--;
            free++;
            noneFreeBefore = Math.min(noneFreeBefore, entry);
        }
        return count - 1;
    }

    /** The leaf is shadowed first, and only then, if the count falls back to 2, is the key removed. */
    private void decOverflow(long bitmap, int entry, long block) {
        if (!overflow.overwrite(overflowRoot, block, takeOne)) {
            throw missing(block);
        }
        if (countBefore < BitmapBlock.OVERFLOW) {
            throw new CorruptionException(overflowRoot.block(), name,
                    "keeps a count of " + countBefore + " for block " + block + " in the tree for 3 and more");
        }
        if (countBefore == BitmapBlock.OVERFLOW) {
            overflow.remove(overflowRoot, block);
            try (Block changed = shadowBitmap(bitmap)) {
                BitmapBlock.set(changed.data(), entry, 2);
            }
        }
    }

    private void addOne(MemorySegment leaf, long offset) {
        int count = leaf.get(Bytes.U32, offset);
        if (count == -1) {
            throw new CorruptionException(overflowRoot.block(), name, "has a count that is as high as it can be");
        }
        leaf.set(Bytes.U32, offset, count + 1);
    }

    private void takeOne(MemorySegment leaf, long offset) {
        int count = leaf.get(Bytes.U32, offset);
        countBefore = Integer.toUnsignedLong(count);
        if (countBefore > BitmapBlock.OVERFLOW) {
            leaf.set(Bytes.U32, offset, count - 1);
        }
    }

    /** Brings the index into blocks; {@link #markCommitted} is to follow. */
    void write() {
        index.write();
    }

    /**
     * Tells of every block that has been freed or taken into use since the last commit. O(bitmaps), with I/O for changed
     * ones only.
     */
    void reportChanges(LongConsumer freed, LongConsumer taken) {
        long end = BitmapBlock.bitmapsFor(committed.blocks());
        for (long bitmap = 0; bitmap < end; bitmap++) {
            long before = index.committedLocation(bitmap);
            long now = IndexEntry.location(index.entries(), index.load(bitmap));
            if (before != now) {
                try (Block old = readBitmap(bitmap, before); Block block = readBitmap(bitmap, now)) {
                    reportFreed(bitmap * EPB, old.data(), block.data(), freed);
                    reportFreed(bitmap * EPB, block.data(), old.data(), taken);
                }
            }
        }
    }

    private static void reportFreed(long first, MemorySegment was, MemorySegment is, LongConsumer freed) {
        for (int entry = BitmapBlock.firstFreed(was, is, 0); entry >= 0;) {
            freed.accept(first + entry);
            entry = BitmapBlock.firstFreed(was, is, entry + 1);
        }
    }

    /** Makes the running state the one that allocation respects, and that {@link #committed} tells of. */
    void markCommitted() {
        index.markCommitted();
        committed = new SpaceMapRoot(blocks, allocated, index.root(), overflowRoot.block());
    }

    void checkRange(long begin, long end) {
        if (begin < 0 || begin > end || end > blocks) {
            throw new CorruptionException(begin < 0 || begin >= blocks ? begin : end - 1, name,
                    "is not one of the " + blocks + " blocks that are counted");
        }
    }

    /** Nothing that was read is used as an index before this has seen it. */
    private void checkEntry(long bitmap, int offset) {
        int freeEntries = IndexEntry.free(index.entries(), offset);
        int bound = IndexEntry.noneFreeBefore(index.entries(), offset);
        if (freeEntries < 0 || freeEntries > EPB || bound < 0 || bound > EPB) {
            throw new CorruptionException(index.root(), name,
                    "index entry " + bitmap + " says " + Integer.toUnsignedString(freeEntries)
                            + " free and none before " + Integer.toUnsignedString(bound) + "; a bitmap has " + EPB);
        }
    }

    private CorruptionException contradiction(String problem) {
        return new CorruptionException(location, BitmapBlock.VALIDATOR.type(), problem).via(name);
    }

    private CorruptionException missing(long block) {
        return new CorruptionException(overflowRoot.block(), name,
                "has no count for block " + block + ", of which the bitmap says that it is 3 or more");
    }
}
