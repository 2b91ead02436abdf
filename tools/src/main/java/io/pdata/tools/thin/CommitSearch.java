package io.pdata.tools.thin;

import io.pdata.core.block.Block;
import io.pdata.core.block.Bytes;
import io.pdata.core.block.CorruptionException;
import io.pdata.core.btree.NodeValidator;
import io.pdata.core.btree.TreeWalker;
import io.pdata.core.btree.WalkedNode;
import io.pdata.core.device.DeviceException;
import io.pdata.core.spacemap.BitmapBlock;
import io.pdata.core.spacemap.IndexEntry;
import io.pdata.thin.ThinSuperblock;
import io.pdata.tools.MetadataFile;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Finds the commits that are still on a device with all of their blocks.
 *
 * <p>Every commit writes a new index block of the metadata space map. Its bitmaps say which blocks the commit uses, and how
 * often. What those blocks refer to, summed up, is that count less the roots: the superblock, the mapping tree, the details
 * tree, the two trees of each space map, the index block and the metadata snapshot. The equation has a solution only if no
 * block has been used again since, and the solution says which roots belong together.
 *
 * <p>Memory: that of {@link CommitCounts}, and some 100 bytes for each bitmap of data blocks that was ever written. Time:
 * what is different between the bitmaps of commits next to each other on the device; at most {@value #MOST_WORK} words.
 */
final class CommitSearch {
    /** Where more words than these would have to be compared, the rest of the index blocks is left out. */
    private static final long MOST_WORK = 1L << 31;
    private static final int MOST_ROOTS = 12;
    private static final int MOST_DAMAGED = 3;

    private final MetadataFile file;
    private final BlockSurvey survey;
    private final CommitCounts counts;
    private final Map<Long, long[]> overflowSums = new HashMap<>();
    private final Map<Long, long[]> bitmapSums = new HashMap<>();
    private final Map<Long, DataIndex> dataIndexes = new HashMap<>();

    /** The bitmaps that a data space map's index leads to: their sum, and how many there are. */
    private record DataIndex(boolean complete, long counted, long overflowing, int bitmaps) {}

    /** Used blocks by the kind of tree that they can be the root of. */
    private static final class Roots {
        private final List<Integer> mappings = new ArrayList<>();
        private final List<Integer> details = new ArrayList<>();
        private final List<Integer> dataIndexes = new ArrayList<>();
        private final List<Integer> overflows = new ArrayList<>();
        private final List<Integer> copies = new ArrayList<>();
        private int indexBlocks;
    }

    CommitSearch(MetadataFile file, BlockSurvey survey) {
        this.file = file;
        this.survey = survey;
        this.counts = new CommitCounts(file, survey);
    }

    /**
     * All whole commits, in the order of their index blocks. Of a commit with a few unreadable blocks, which may belong to a
     * metadata snapshot or a space map, all pairs of roots that may be its own, the most recent first: their trees have to be
     * looked at.
     */
    List<Commit> commits() {
        List<Commit> found = new ArrayList<>();
        for (int block = 1; block < survey.blocks() && counts.work() < MOST_WORK; block++) {
            if (survey.type(block) == BlockSurvey.INDEX_BLOCK && counts.load(block)
                    && counts.unknown() <= MOST_DAMAGED) {
                if (counts.unknown() == 0) {
                    solve(found);
                } else {
                    solveForData(found);
                }
            }
        }
        return found;
    }

    private static boolean few(Roots roots) {
        return roots.indexBlocks == 1 && roots.copies.size() <= 1
                && Math.max(Math.max(roots.mappings.size(), roots.details.size()),
                        Math.max(roots.dataIndexes.size(), roots.overflows.size())) <= MOST_ROOTS;
    }

    /** Solves the equation of the data blocks only. */
    private void solveForData(List<Commit> found) {
        Roots roots = roots();
        if (!few(roots)) {
            return;
        }
        int index = counts.index();
        Comparator<Integer> recent = Comparator.comparingInt(root -> Math.floorMod(index - root, survey.blocks()));
        roots.mappings.sort(recent);
        roots.details.sort(recent);
        for (int mapping : roots.mappings) {
            for (int details : roots.details) {
                dataCommit(roots, mapping, details, found);
            }
        }
    }

    private void dataCommit(Roots roots, int mapping, int details, List<Commit> found) {
        for (int dataIndex : roots.dataIndexes) {
            for (int dataOverflow : roots.overflows) {
                Commit commit = commit(mapping, details, dataIndex, dataOverflow, 0, 0);
                if (commit.dataExact()) {
                    found.add(commit);
                    return;
                }
            }
        }
    }

    private void solve(List<Commit> found) {
        Roots roots = roots();
        if (!few(roots)) {
            return;
        }
        long heldRoot = roots.copies.isEmpty() ? 0 : roots.copies.getFirst();
        long known = BlockSurvey.hash(0) + BlockSurvey.hash(counts.index())
                + (heldRoot == 0 ? 0 : BlockSurvey.hash(heldRoot));
        long rest = counts.counted() - counts.references() - known;
        for (int metadataOverflow : roots.overflows) {
            long[] sums = overflowSums(metadataOverflow);
            if (sums[0] != counts.overflowing()) {
                continue;
            }
            for (int mapping : roots.mappings) {
                long singles = singles(mapping, heldRoot, false);
                for (int details : roots.details) {
                    for (int dataIndex : roots.dataIndexes) {
                        for (int dataOverflow : roots.overflows) {
                            long sum = BlockSurvey.hash(mapping) + BlockSurvey.hash(details)
                                    + BlockSurvey.hash(dataIndex) + BlockSurvey.hash(dataOverflow)
                                    + BlockSurvey.hash(metadataOverflow);
                            if (rest + sums[1] - singles == sum) {
                                found.add(
                                        commit(mapping, details, dataIndex, dataOverflow, metadataOverflow, heldRoot));
                                return;
                            }
                        }
                    }
                }
            }
        }
    }

    private Commit commit(int mapping, int details, int dataIndex, int dataOverflow, int metadataOverflow, long held) {
        DataIndex data = dataIndexes.computeIfAbsent((long) dataIndex, this::dataIndex);
        long[] overflow = overflowSums(dataOverflow);
        boolean exact = data.complete() && overflow[2] == data.overflowing()
                && data.counted() + overflow[3] == counts.data() - singles(mapping, held, true);
        return new Commit(counts.index(), mapping, details, dataIndex, dataOverflow, metadataOverflow, held,
                counts.bitmaps(), data.bitmaps(), exact);
    }

    /** What leaves with one entry refer to if they are roots of mapping trees, with a device for their entry. */
    private long singles(int mapping, long held, boolean data) {
        long sum = single(mapping, data);
        ThinSuperblock copy = held == 0 ? null : survey.superblockCopy(held);
        if (copy != null && copy.mappingRoot() != mapping && counts.uses((int) copy.mappingRoot())) {
            sum += single((int) copy.mappingRoot(), data);
        }
        return sum;
    }

    private long single(int block, boolean data) {
        return survey.type(block) != BlockSurvey.SINGLE
                ? 0
                : data ? survey.dataReferences(block) : survey.device(block);
    }

    private Roots roots() {
        Roots roots = new Roots();
        Set<Long> children = new HashSet<>();
        List<Integer> empty = new ArrayList<>();
        List<Integer> singles = new ArrayList<>();
        for (int block : counts.special()) {
            if (survey.type(block) > BlockSurvey.ABOVE) {
                for (long child : survey.children(block)) {
                    children.add(child);
                }
            }
        }
        for (int block : counts.special()) {
            if (children.contains((long) block)) {
                continue;
            }
            switch (survey.leafType(block)) {
            case BlockSurvey.DEVICES -> roots.mappings.add(block);
            case BlockSurvey.SINGLE -> singles.add(block);
            case BlockSurvey.EMPTY -> empty.add(block);
            case BlockSurvey.DETAILS -> roots.details.add(block);
            case BlockSurvey.INDEX -> roots.dataIndexes.add(block);
            case BlockSurvey.COUNTS -> roots.overflows.add(block);
            case BlockSurvey.SUPERBLOCK -> roots.copies.add(block);
            case BlockSurvey.INDEX_BLOCK -> roots.indexBlocks++;
            default -> throw new IllegalStateException("block " + block + " is of type " + survey.type(block));
            }
        }
        singles.stream().limit(MOST_ROOTS - Math.min(MOST_ROOTS, roots.mappings.size())).forEach(roots.mappings::add);
        empty.stream().limit(MOST_ROOTS - Math.min(MOST_ROOTS, roots.mappings.size())).forEach(roots.mappings::add);
        return roots;
    }

    /** Of a tree of counts: the sums for its keys, and for its counts; as metadata blocks, then as data blocks. */
    private long[] overflowSums(long root) {
        return overflowSums.computeIfAbsent(root, _ -> {
            long[] sums = new long[4];
            visit(root, TreeWalker.MAX_DEPTH, node -> {
                for (int i = 0; i < node.entries(); i++) {
                    long key = node.key(i);
                    long count = Integer.toUnsignedLong(node.data().get(Bytes.U32, node.valueOffset(i)));
                    sums[0] += BlockSurvey.hash(key);
                    sums[1] += count * BlockSurvey.hash(key);
                    sums[2] += BlockSurvey.dataHash(key);
                    sums[3] += count * BlockSurvey.dataHash(key);
                }
            });
            return sums;
        });
    }

    private DataIndex dataIndex(long root) {
        long[] sums = new long[2];
        int[] bitmaps = new int[1];
        boolean[] complete = {true};
        visit(root, TreeWalker.MAX_DEPTH, node -> {
            for (int i = 0; i < node.entries(); i++) {
                long[] bitmap = bitmapSums(IndexEntry.location(node.data(), node.valueOffset(i)), node.key(i));
                complete[0] &= bitmap != null;
                sums[0] += bitmap == null ? 0 : bitmap[0];
                sums[1] += bitmap == null ? 0 : bitmap[1];
                bitmaps[0]++;
            }
        });
        return new DataIndex(complete[0], sums[0], sums[1], bitmaps[0]);
    }

    /** Of a bitmap of data blocks: the sum of its counts, and the sum for those that are in a tree; null if it is none. */
    private long[] bitmapSums(long location, long number) {
        if (survey.type(location) != BlockSurvey.BITMAP) {
            return null;
        }
        long[] known = bitmapSums.computeIfAbsent(location, _ -> {
            long[] sums = new long[3];
            sums[2] = number;
            try (Block block = file.readLock(location, BitmapBlock.VALIDATOR)) {
                for (int entry = 0; entry < BitmapBlock.ENTRIES; entry++) {
                    int count = BitmapBlock.count(block.data(), entry);
                    if (count != 0) {
                        long hash = BlockSurvey.dataHash(number * BitmapBlock.ENTRIES + entry);
                        sums[0] += count == BitmapBlock.OVERFLOW ? 0 : count * hash;
                        sums[1] += count == BitmapBlock.OVERFLOW ? hash : 0;
                    }
                }
            } catch (CorruptionException | DeviceException e) {
                return null; // a device that fails now and then
            }
            return sums;
        });
        return known == null || known[2] != number ? null : known;
    }

    private interface Leaf {
        void visit(WalkedNode node);
    }

    private void visit(long root, int depth, Leaf visitor) {
        if (depth == 0 || survey.type(root) == BlockSurvey.NONE) {
            return;
        }
        long[] children;
        try (Block locked = file.readLock(root, NodeValidator.NODE)) {
            WalkedNode node = WalkedNode.of(root, locked.data());
            if (node.isLeaf()) {
                visitor.visit(node);
                return;
            }
            children = node.longValues();
        } catch (CorruptionException | DeviceException e) {
            return; // as above: the sums do not fit then
        }
        for (long child : children) {
            visit(child, depth - 1, visitor);
        }
    }
}
