package io.pdata.tools.thin;

import io.pdata.core.block.BlockSet;
import io.pdata.core.btree.NodeWalk;
import io.pdata.core.btree.TreeDamage;
import io.pdata.core.btree.TreeWalker;
import io.pdata.core.btree.WalkedNode;
import io.pdata.thin.BlockTime;
import io.pdata.thin.ThinSuperblock;
import io.pdata.tools.Findings;
import io.pdata.tools.MetadataFile;
import io.pdata.tools.ToolException;
import io.pdata.tools.check.CheckContext;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Says which volumes use given data blocks, as {@code thin_rmap} of thin-provisioning-tools does: runs of neighbours, by
 * data block.
 *
 * <p>Each leaf is looked at once by several threads, to find those that lead to a wanted block; then the volumes one by one,
 * but only the ways down to such leaves. So a region is found quickly in a thousand clones of a large volume.
 *
 * <p>Memory: that of a {@link TreeWalker}, two bits for each metadata block, and a {@link RunSorter}.
 */
public final class ThinReverseMap {
    private final MetadataFile file;
    private final ThinSuperblock superblock;
    private final long[] begins;
    private final long[] ends;
    private final TreeWalker walker;
    private final BlockSet wanted;
    private final BlockSet decided;

    /** Data blocks from {@code begin} on, up to but not including {@code end}; unsigned, and not empty. */
    public record Region(long begin, long end) {}

    /**
     * Neighbours among data blocks which are so in a volume too.
     *
     * @param begin the first data block
     * @param end the one behind the last
     * @param device the volume
     * @param origin the first of its blocks
     */
    public record Run(long begin, long end, long device, long origin) {}

    /** Gets runs by their data blocks; those that begin and end with the same by volume, then by the volume's block. */
    @FunctionalInterface
    public interface Visitor {
        void run(Run run);
    }

    private ThinReverseMap(MetadataFile file, List<Region> regions) {
        this.file = file;
        this.superblock = PoolState.read(file, false);
        // Beyond all blocks one number is like another, also without a sign.
        this.begins = regions.stream().mapToLong(region -> clamp(region.begin())).toArray();
        this.ends = regions.stream().mapToLong(region -> clamp(region.end())).toArray();
        this.walker = CheckContext.of(file, new Findings()).walker(Long.BYTES);
        this.wanted = new BlockSet(file.blocks());
        this.decided = new BlockSet(file.blocks());
    }

    private static long clamp(long unsigned) {
        return unsigned < 0 ? BlockTime.MAX_BLOCKS : unsigned;
    }

    /**
     * Finds who uses the data blocks of any of the regions.
     *
     * @throws ToolException if there is no superblock, or the mappings are damaged
     */
    public static void map(MetadataFile file, List<Region> regions, Visitor visitor) {
        ThinReverseMap map = new ThinReverseMap(file, regions);
        map.findLeaves();
        try (RunSorter sorter = new RunSorter()) {
            map.gather(sorter);
            sorter.forEach(visitor);
        }
    }

    private void findLeaves() {
        PoolState.forEachDevice(file, superblock, (id, _, root) -> {
            if (!walker.addRoot(root)) {
                throw new ToolException("metadata contains errors: the mappings of device " + Long.toUnsignedString(id)
                        + " are said to be in block " + Long.toUnsignedString(root));
            }
        });
        AtomicReference<TreeDamage> first = new AtomicReference<>();
        walker.walk(new TreeWalker.Visitor() {
            @Override
            public void leaf(WalkedNode node) {
                for (int i = 0; i < node.entries(); i++) {
                    if (isWanted(BlockTime.block(node.longValue(i)))) {
                        wanted.add(node.block());
                        return;
                    }
                }
            }

            @Override
            public void damage(TreeDamage damage) {
                if (damage.kind().loses()) {
                    first.compareAndSet(null, damage);
                }
            }
        });
        if (first.get() != null) {
            throw new ToolException("metadata contains errors: mapping tree, block " + first.get().block() + ": "
                    + first.get().problem() + "; thin_check tells of all");
        }
    }

    /** Whether a block, below 2^40, is in a region. */
    private boolean isWanted(long block) {
        for (int i = 0; i < begins.length; i++) {
            if (begins[i] <= block && block < ends[i]) {
                return true;
            }
        }
        return false;
    }

    private void gather(RunSorter sorter) {
        NodeWalk walk = new NodeWalk(file, Long.BYTES);
        PoolState.forEachDevice(file, superblock, (id, _, root) -> {
            Runs runs = new Runs(id, sorter);
            walk.leaves(root, block -> leadsToWanted(walk, block), runs::leaf);
            runs.end();
        });
    }

    /** Decided once for each node; the trees are sound, and not deep. */
    private boolean leadsToWanted(NodeWalk walk, long block) {
        if (walker.summary(block).height() > 1 && decided.add(block)) {
            boolean[] any = {false};
            walk.children(block, child -> any[0] |= leadsToWanted(walk, child));
            if (any[0]) {
                wanted.add(block);
            }
        }
        return wanted.contains(block);
    }

    /** Joins the neighbours of one volume. */
    private final class Runs {
        private final long device;
        private final RunSorter sorter;
        private long begin;
        private long end;
        private long origin;

        Runs(long device, RunSorter sorter) {
            this.device = device;
            this.sorter = sorter;
        }

        void leaf(WalkedNode leaf) {
            for (int i = 0; i < leaf.entries(); i++) {
                long block = BlockTime.block(leaf.longValue(i));
                if (isWanted(block)) {
                    add(leaf.key(i), block);
                }
            }
        }

        private void add(long key, long block) {
            if (end > begin && block == end && key == origin + (end - begin)) {
                end++;
                return;
            }
            end();
            begin = block;
            end = block + 1;
            origin = key;
        }

        void end() {
            if (end > begin) {
                sorter.add(begin, end, device, origin);
            }
            end = begin;
        }
    }
}
