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
import io.pdata.thin.BlockTime;
import io.pdata.tools.MetadataFile;
import io.pdata.tools.check.ReferenceCounts;

/**
 * Compares the mappings of a commit with its counts of data blocks, one by one. A pool that is in use commits while data blocks
 * have been allocated and are not mapped yet, so a count may be too high, but never too low.
 *
 * <p>Memory: that of {@link ReferenceCounts} and {@link CommitCounts}. Time: all leaves of mappings and all bitmaps of the commit.
 */
final class DataCounts {
    private final MetadataFile file;
    private final BlockSurvey survey;
    private final CommitCounts used;

    private interface Leaf {
        boolean visit(WalkedNode node);
    }

    DataCounts(MetadataFile file, BlockSurvey survey) {
        this.file = file;
        this.survey = survey;
        this.used = new CommitCounts(file, survey);
    }

    /** Whether the count of each data block is at least the number of its mappings. */
    boolean cover(Commit commit) {
        if (!used.load(commit.index())) {
            return false; // a device that fails now and then
        }
        ReferenceCounts mapped = new ReferenceCounts((long) commit.dataBitmaps() * BitmapBlock.ENTRIES);
        for (int block = used.next(1); block >= 0; block = used.next(block + 1)) {
            boolean leaf = survey.type(block) == BlockSurvey.MAPPINGS
                    || survey.type(block) == BlockSurvey.SINGLE && block != commit.mappingRoot();
            if (leaf && !visit(block, 1, node -> count(node, mapped))) {
                return false;
            }
        }
        return visit(commit.dataOverflowRoot(), TreeWalker.MAX_DEPTH, node -> overflowCovers(node, mapped))
                && visit(commit.dataIndexRoot(), TreeWalker.MAX_DEPTH, node -> bitmapsCover(node, mapped));
    }

    private static boolean count(WalkedNode leaf, ReferenceCounts mapped) {
        for (int i = 0; i < leaf.entries(); i++) {
            if (!mapped.inc(BlockTime.block(leaf.longValue(i)))) {
                return false;
            }
        }
        return true;
    }

    private static boolean overflowCovers(WalkedNode leaf, ReferenceCounts mapped) {
        for (int i = 0; i < leaf.entries(); i++) {
            long count = Integer.toUnsignedLong(leaf.data().get(Bytes.U32, leaf.valueOffset(i)));
            if (Long.compareUnsigned(leaf.key(i), mapped.blocks()) < 0 && mapped.get(leaf.key(i)) > count) {
                return false;
            }
        }
        return true;
    }

    private boolean bitmapsCover(WalkedNode leaf, ReferenceCounts mapped) {
        for (int i = 0; i < leaf.entries(); i++) {
            long first = leaf.key(i) * BitmapBlock.ENTRIES;
            if (leaf.key(i) < 0 || first >= mapped.blocks()
                    || !bitmapCovers(IndexEntry.location(leaf.data(), leaf.valueOffset(i)), first, mapped)) {
                return false;
            }
        }
        return true;
    }

    private boolean bitmapCovers(long location, long first, ReferenceCounts mapped) {
        if (survey.type(location) != BlockSurvey.BITMAP) {
            return false;
        }
        try (Block block = file.readLock(location, BitmapBlock.VALIDATOR)) {
            for (int entry = 0; entry < BitmapBlock.ENTRIES; entry++) {
                int count = BitmapBlock.count(block.data(), entry);
                if (count != BitmapBlock.OVERFLOW && mapped.get(first + entry) > count) {
                    return false;
                }
            }
            return true;
        } catch (CorruptionException | DeviceException e) {
            return false; // as above
        }
    }

    /** Whether all leaves of a tree could be visited, and the visitor was content with each. */
    private boolean visit(long root, int depth, Leaf visitor) {
        if (depth == 0 || survey.type(root) == BlockSurvey.NONE) {
            return false;
        }
        long[] children;
        try (Block locked = file.readLock(root, NodeValidator.NODE)) {
            WalkedNode node = WalkedNode.of(root, locked.data());
            if (node.isLeaf()) {
                return visitor.visit(node);
            }
            children = node.longValues();
        } catch (CorruptionException | DeviceException e) {
            return false; // as above
        }
        for (long child : children) {
            if (!visit(child, depth - 1, visitor)) {
                return false;
            }
        }
        return true;
    }
}
