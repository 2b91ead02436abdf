package io.pdata.tools.check;

import io.pdata.core.block.Block;
import io.pdata.core.block.Bytes;
import io.pdata.core.block.CorruptionException;
import io.pdata.core.btree.BTreeReader;
import io.pdata.core.btree.Cursor;
import io.pdata.core.btree.TreeWalker;
import io.pdata.core.btree.WalkedNode;
import io.pdata.core.device.DeviceException;
import io.pdata.core.space.SpaceMapRoot;
import io.pdata.core.spacemap.BitmapBlock;
import io.pdata.core.spacemap.IndexBlock;
import io.pdata.core.spacemap.IndexEntry;
import io.pdata.tools.Finding.Kind;
import io.pdata.tools.Finding;
import io.pdata.tools.Report;
import io.pdata.tools.Severity;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;

/**
 * Checks one space map: counts the references to the blocks that it consists of, and then compares all its counts,
 * totals and hints with counts made from scratch.
 *
 * <p>Two steps, because the metadata space map counts the blocks of both: {@link #countOwnBlocks} of each map comes
 * before {@link #compare} of any. Comparing goes once through bitmaps and overflow tree, in order, 32 blocks at a time
 * where nothing is counted above 2; it needs no memory but a batch of index entries.
 *
 * <p>Source: format document "persistent-data", sections 4 and 12.3. One thread.
 */
public final class SpaceMapCheck {
    private static final int BATCH = 128;
    private static final int FEW = 4;
    private static final MemorySegment EMPTY_ENTRY = MemorySegment.ofArray(new byte[IndexEntry.SIZE]);

    private final CheckContext context;
    private final String kind;
    private final String structure;
    private final SpaceMapRoot root;
    private final boolean index;
    private final long limit;
    private boolean totals = true;
    private boolean overflowUsable;
    private boolean indexUsable;
    private boolean compared;
    private boolean sound = true;
    private final BeyondEnd indexBeyondEnd;
    private final CountDifferences differences;

    private SpaceMapCheck(CheckContext context, String kind, SpaceMapRoot root, boolean index, long limit) {
        this.context = context;
        this.kind = kind;
        this.structure = kind + " space map";
        this.root = root;
        this.index = index;
        this.limit = limit;
        this.differences = new CountDifferences(structure, context.findings());
        this.indexBeyondEnd = new BeyondEnd(BitmapBlock.bitmapsFor(blocks()));
        if (Long.compareUnsigned(root.blocks(), limit) > 0) {
            String problem = "says it counts " + Long.toUnsignedString(root.blocks()) + " blocks where only " + limit
                    + " can be";
            if (index) {
                context.findings().add(finding(Severity.FATAL, Kind.VALUE, problem)); // how many there are is not known
            } else {
                fatal(Kind.VALUE, problem);
            }
        }
    }

    /** The map of the metadata blocks themselves, whose index is one block. */
    public static SpaceMapCheck ofMetadata(CheckContext context, SpaceMapRoot root) {
        long most = Math.min(context.blocks().blocks(), (long) IndexBlock.ENTRIES * BitmapBlock.ENTRIES);
        return new SpaceMapCheck(context, "metadata", root, false, most);
    }

    /**
     * The map of data blocks, whose index is a tree.
     *
     * @param limit how many data blocks can be told apart
     */
    public static SpaceMapCheck ofData(CheckContext context, SpaceMapRoot root, long limit) {
        return new SpaceMapCheck(context, "data", root, true, limit);
    }

    /** How many blocks are counted, as far as that can be believed. */
    public long blocks() {
        return Long.compareUnsigned(root.blocks(), limit) > 0 ? limit : root.blocks();
    }

    /** The map as the superblock has it. */
    public SpaceMapRoot root() {
        return root;
    }

    /** How many blocks it can count at most. */
    public long limit() {
        return limit;
    }

    /** Whether its index could be read. */
    public boolean indexUsable() {
        return indexUsable;
    }

    /** Whether nothing was found to be wrong with it. */
    public boolean sound() {
        return sound && compared;
    }

    /** Whether blocks have leaked. */
    public boolean leaked() {
        return differences.leaked() > 0;
    }

    /** Whether it may count a block more often than it is referred to; true as well if that could not be compared. */
    public boolean mayCountTooHigh() {
        return !compared || differences.leaked() > 0 || differences.tooHigh();
    }

    /** Says, in the words of thin-provisioning-tools, how many blocks were found to be counted wrongly. */
    public void summarise(Report report) {
        if (differences.wrong() > 0) {
            report.problem(differences.wrong() + " " + kind + " blocks have bad reference counts");
        }
        if (differences.leaked() > 0) {
            report.problem(differences.leaked() + " " + kind + " blocks have leaked");
        }
    }

    /** Counts the references to the blocks of this map, which is sound, for another purpose. */
    public void countOwnBlocks(CheckContext other) {
        new SpaceMapCheck(other, kind, root, index, limit).countOwnBlocks();
    }

    /** Counts the references to the blocks of this map. */
    public void countOwnBlocks() {
        indexUsable = index
                ? countTree("index", root.bitmapRoot(), IndexEntry.SIZE, this::countBitmaps)
                : countIndexBlock();
        overflowUsable = countTree("overflow", root.overflowRoot(), OverflowCounts.VALUE_SIZE, _ -> {});
    }

    private boolean countTree(String part, long treeRoot, int valueSize,
            Consumer<WalkedNode> leaves) {
        String name = structure + ", " + part + " tree";
        TreeWalker walker = context.walker(valueSize);
        context.references().inc(treeRoot);
        if (!walker.addRoot(treeRoot)) {
            add(Finding.of(Severity.FATAL, Kind.DAMAGE, name, "its root is said to be block "
                    + Long.toUnsignedString(treeRoot) + ", of " + context.blocks().blocks()));
        }
        walker.walk(new CountingVisitor(context, name, leaves, this::add));
        return walker.summary(treeRoot).errors() == 0;
    }

    private void countBitmaps(WalkedNode leaf) {
        long bitmaps = BitmapBlock.bitmapsFor(blocks());
        for (int i = 0; i < leaf.entries(); i++) {
            if (Long.compareUnsigned(leaf.key(i), bitmaps) < 0) { // no other has a meaning
                context.references().inc(IndexEntry.location(leaf.data(), leaf.valueOffset(i)));
            }
        }
    }

    private boolean countIndexBlock() {
        context.references().inc(root.bitmapRoot());
        try (Block block = context.blocks().readLock(root.bitmapRoot(), IndexBlock.VALIDATOR)) {
            for (long i = 0; i < BitmapBlock.bitmapsFor(blocks()); i++) {
                context.references().inc(IndexEntry.location(block.data(), IndexBlock.entryOffset(i)));
            }
            return true;
        } catch (CorruptionException | DeviceException e) {
            damage(root.bitmapRoot(), e);
            return false;
        }
    }

    /** Leaves totals and hints alone: whoever wrote them had not committed them yet. */
    public void ignoreTotals() {
        totals = false;
    }

    /** Compares the map with the counts that it should have. */
    public void compare(ReferenceCounts expected) {
        if (!indexUsable) {
            return; // its damage has been reported; what it counts cannot be known
        }
        long before = context.findings().count();
        try (OverflowCounts overflow = overflowUsable
                ? new OverflowCounts(context.blocks(), root.overflowRoot(), structure, blocks(), context.findings())
                : null) {
            BitmapCheck bitmaps = new BitmapCheck(structure, context.findings(), blocks(), expected, overflow,
                    differences);
            if (index) {
                compareByTree(bitmaps);
            } else {
                compareByBlock(bitmaps);
            }
            bitmaps.finish();
            indexBeyondEnd.report(structure, "has %s index entries beyond its end, from bitmap %s on",
                    context.findings());
            referencesBeyondEnd(expected);
            if (overflow != null) {
                overflow.finish();
            }
            if (totals && bitmaps.complete() && bitmaps.allocated() != root.allocated()) {
                nonFatal("says that " + Long.toUnsignedString(root.allocated()) + " blocks are in use, but counts "
                        + bitmaps.allocated());
            }
            compared = overflow != null && bitmaps.complete();
        } catch (CorruptionException | DeviceException e) {
            damage(-1, e);
        }
        sound &= context.findings().count() == before;
    }

    private void referencesBeyondEnd(ReferenceCounts expected) {
        for (long b = blocks() / ReferenceCounts.PACKED * ReferenceCounts.PACKED; b < expected
                .blocks(); b += ReferenceCounts.PACKED) {
            if (expected.packed(b) == 0) {
                continue;
            }
            for (long block = Math.max(b, blocks()); block < b + ReferenceCounts.PACKED; block++) {
                if (expected.get(block) > 0) {
                    add(Finding.of(Severity.FATAL, Kind.WRONG_COUNT, structure, block,
                            "is in use, but lies beyond the " + blocks() + " blocks that are counted"));
                }
            }
        }
    }

    private void compareByBlock(BitmapCheck bitmaps) {
        MemorySegment copy = MemorySegment.ofArray(new byte[Bytes.BLOCK_SIZE]);
        try (Block block = context.blocks().readLock(root.bitmapRoot(), IndexBlock.VALIDATOR)) {
            copy.copyFrom(block.data());
        }
        for (long i = 0; i < BitmapBlock.bitmapsFor(blocks()); i++) {
            compareBitmap(bitmaps, i, copy, IndexBlock.entryOffset(i));
        }
        for (int i = (int) BitmapBlock.bitmapsFor(blocks()); i < IndexBlock.ENTRIES; i++) {
            long offset = IndexBlock.entryOffset(i);
            if (copy.asSlice(offset, IndexEntry.SIZE).mismatch(EMPTY_ENTRY) >= 0) {
                indexBeyondEnd.add(i, 1);
            }
        }
    }

    private void compareByTree(BitmapCheck bitmaps) {
        long[] keys = new long[BATCH];
        MemorySegment entries = MemorySegment.ofArray(new byte[BATCH * IndexEntry.SIZE]);
        long next = 0;
        try (Cursor cursor = new BTreeReader(context.blocks(), 1, IndexEntry.SIZE).cursor(root.bitmapRoot())) {
            while (cursor.valid()) {
                int n = 0;
                for (; n < BATCH && cursor.valid(); n++, cursor.next()) {
                    keys[n] = cursor.key();
                    cursor.value(entries.asSlice((long) n * IndexEntry.SIZE));
                }
                prefetch(entries, n);
                for (int i = 0; i < n; i++) {
                    next = compareByKey(bitmaps, next, keys[i], entries, (long) i * IndexEntry.SIZE);
                }
            }
        }
        missing(bitmaps, next, BitmapBlock.bitmapsFor(blocks()), false);
    }

    /** To start a thread for a few bitmaps takes longer than to read them. */
    private void prefetch(MemorySegment entries, int n) {
        for (int i = 0; i < n && n > FEW; i++) {
            context.blocks().prefetch(IndexEntry.location(entries, (long) i * IndexEntry.SIZE));
        }
    }

    private long compareByKey(BitmapCheck bitmaps, long next, long key, MemorySegment entries, long offset) {
        if (indexBeyondEnd.add(key, 1)) {
            return next;
        }
        missing(bitmaps, next, key, true);
        compareBitmap(bitmaps, key, entries, offset);
        return key + 1;
    }

    /**
     * @param between whether there are entries after them; otherwise the number of blocks may be too high just as well
     */
    private void missing(BitmapCheck bitmaps, long from, long to, boolean between) {
        if (from >= to) {
            return;
        }
        Finding finding = finding(Severity.FATAL, Kind.DAMAGE,
                "has no index entries for bitmaps " + from + " to " + (to - 1));
        if (between) {
            add(finding);
        } else {
            context.findings().add(finding);
        }
        bitmaps.skip(to - 1);
    }

    private void compareBitmap(BitmapCheck bitmaps, long number, MemorySegment entries, long offset) {
        long location = IndexEntry.location(entries, offset);
        try (Block block = context.blocks().readLock(location, BitmapBlock.VALIDATOR)) {
            bitmaps.check(number, block.data());
        } catch (CorruptionException | DeviceException e) {
            damage(location, e);
            bitmaps.skip(number);
            return;
        }
        if (totals) {
            bitmaps.checkEntry(number, location, IndexEntry.free(entries, offset),
                    IndexEntry.noneFreeBefore(entries, offset));
        }
    }

    private void damage(long block, RuntimeException e) {
        String problem = e instanceof CorruptionException c && c.block() == block ? c.problem() : e.getMessage();
        add(Finding.of(Severity.FATAL, Kind.DAMAGE, structure, block, problem));
    }

    private void fatal(Kind findingKind, String problem) {
        add(finding(Severity.FATAL, findingKind, problem));
    }

    private void nonFatal(String problem) {
        add(finding(Severity.NON_FATAL, Kind.WRONG_TOTAL, problem));
    }

    private Finding finding(Severity severity, Kind findingKind, String problem) {
        return Finding.of(severity, findingKind, structure, problem);
    }

    /** All that a space map says can be computed from the trees, so it can be written again. */
    private void add(Finding finding) {
        sound = false;
        context.findings().addRepairable(finding);
    }
}
