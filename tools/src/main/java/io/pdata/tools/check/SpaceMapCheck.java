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
 * Checks one space map: counts the references to the blocks that it consists of, and then compares all its counts, totals
 * and hints with counts made from scratch.
 *
 * <p>Two steps, because the metadata space map counts the blocks of both: {@link #countOwnBlocks} of each map comes before
 * {@link #compare} of any. Comparing goes once through bitmaps and overflow tree, in order, 32 blocks at a time where
 * nothing is counted above 2; it needs no memory but a batch of index entries.
 *
 * <p>Source: format document "persistent-data", sections 4 and 12.3. One thread.
 */
public final class SpaceMapCheck {
    private static final int BATCH = 128;
    private static final int FEW = 4;

    private final CheckContext context;
    private final String kind;
    private final String structure;
    private final SpaceMapRoot root;
    private final boolean index;
    private final long limit;
    private boolean totals = true;
    private boolean overflowUsable;
    private boolean indexUsable;
    private final CountDifferences differences;

    private SpaceMapCheck(CheckContext context, String kind, SpaceMapRoot root, boolean index, long limit) {
        this.context = context;
        this.kind = kind;
        this.structure = kind + " space map";
        this.root = root;
        this.index = index;
        this.limit = limit;
        this.differences = new CountDifferences(structure, context.findings(),
                index ? context.findings().dataLeaks() : context.findings().metadataLeaks());
        if (Long.compareUnsigned(root.blocks(), limit) > 0) {
            fatal(Kind.VALUE, "says it counts " + Long.toUnsignedString(root.blocks()) + " blocks where only " + limit
                    + " can be");
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

    /** Says, in the words of thin-provisioning-tools, how many blocks were found to be counted wrongly. */
    public void summarise(Report report) {
        if (differences.wrong() > 0) {
            report.problem(differences.wrong() + " " + kind + " blocks have bad reference counts");
        }
        if (differences.leaked() > 0) {
            report.problem(differences.leaked() + " " + kind + " blocks have leaked");
        }
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
        context.addRoot(walker, name, treeRoot);
        walker.walk(new CountingVisitor(context, name, leaves));
        return walker.summary(treeRoot).errors() == 0;
    }

    private void countBitmaps(WalkedNode leaf) {
        for (int i = 0; i < leaf.entries(); i++) {
            context.references().inc(IndexEntry.location(leaf.data(), leaf.valueOffset(i)));
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
        try (OverflowCounts overflow = overflowUsable
                ? new OverflowCounts(context.blocks(), root.overflowRoot(), structure, context.findings())
                : null) {
            BitmapCheck bitmaps = new BitmapCheck(structure, context.findings(), blocks(), expected, overflow,
                    differences);
            if (index) {
                compareByTree(bitmaps);
            } else {
                compareByBlock(bitmaps);
            }
            differences.finish();
            referencesBeyondEnd(expected);
            if (overflow != null) {
                overflow.finish();
            }
            if (totals && bitmaps.complete() && bitmaps.allocated() != root.allocated()) {
                nonFatal("says that " + Long.toUnsignedString(root.allocated()) + " blocks are in use, but counts "
                        + bitmaps.allocated());
            }
        } catch (CorruptionException | DeviceException e) {
            damage(-1, e);
        }
    }

    private void referencesBeyondEnd(ReferenceCounts expected) {
        for (long b = blocks() / ReferenceCounts.PACKED * ReferenceCounts.PACKED; b < expected
                .blocks(); b += ReferenceCounts.PACKED) {
            if (expected.packed(b) == 0) {
                continue;
            }
            for (long block = Math.max(b, blocks()); block < b + ReferenceCounts.PACKED; block++) {
                if (expected.get(block) > 0) {
                    context.findings().add(Finding.of(Severity.FATAL, Kind.WRONG_COUNT, structure, block,
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
        missing(bitmaps, next, BitmapBlock.bitmapsFor(blocks()));
    }

    /** To start a thread for a few bitmaps takes longer than to read them. */
    private void prefetch(MemorySegment entries, int n) {
        for (int i = 0; i < n && n > FEW; i++) {
            context.blocks().prefetch(IndexEntry.location(entries, (long) i * IndexEntry.SIZE));
        }
    }

    private long compareByKey(BitmapCheck bitmaps, long next, long key, MemorySegment entries, long offset) {
        if (Long.compareUnsigned(key, BitmapBlock.bitmapsFor(blocks())) >= 0) {
            nonFatal("has an index entry for bitmap " + Long.toUnsignedString(key) + ", beyond its end");
            return next;
        }
        missing(bitmaps, next, key);
        compareBitmap(bitmaps, key, entries, offset);
        return key + 1;
    }

    private void missing(BitmapCheck bitmaps, long from, long to) {
        if (from < to) {
            fatal(Kind.DAMAGE, "has no index entries for bitmaps " + from + " to " + (to - 1));
            bitmaps.skip(to - 1);
        }
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
        context.findings().add(Finding.of(Severity.FATAL, Kind.DAMAGE, structure, block, problem));
    }

    private void fatal(Kind findingKind, String problem) {
        context.findings().add(Finding.of(Severity.FATAL, findingKind, structure, problem));
    }

    private void nonFatal(String problem) {
        context.findings().add(Finding.of(Severity.NON_FATAL, Kind.WRONG_TOTAL, structure, problem));
    }
}
