package io.pdata.tools.thin;

import io.pdata.core.btree.NodeWalk;
import io.pdata.core.btree.TreeDamage;
import io.pdata.core.btree.TreeWalker;
import io.pdata.core.btree.WalkedNode;
import io.pdata.thin.BlockTime;
import io.pdata.thin.DeviceDetails;
import io.pdata.thin.ThinSuperblock;
import io.pdata.thin.ThinSuperblockLayout;
import io.pdata.tools.MetadataFile;
import io.pdata.tools.Report;
import io.pdata.tools.ToolException;
import io.pdata.tools.check.CheckContext;
import io.pdata.tools.check.ReferenceCounts;
import io.pdata.tools.Findings;
import java.util.ArrayList;
import java.util.List;

/**
 * Lists the volumes of a thin pool, with what each has mapped and what of that is its own, as {@code thin_ls} of
 * thin-provisioning-tools does.
 *
 * <p>A block is a volume's own if no other volume of the same state has it; what only the held metadata snapshot has too
 * makes no difference. So references are counted here rather than looked up in the pool's space maps: each node of the
 * mapping trees once, whatever the number of volumes, by several threads; then the leaves once more that only one volume
 * has.
 *
 * <p>Memory: that of a {@link TreeWalker}, {@link ReferenceCounts} of the metadata's blocks and, if asked for what is
 * shared, of the data blocks; and a {@link Row} for each volume.
 */
public final class ThinListing {
    private final MetadataFile file;
    private final ThinSuperblock superblock;
    private final Detail detail;
    private final CheckContext context;
    private final TreeWalker walker;
    private final ReferenceCounts data;
    private final Counter counter = new Counter();

    /** How much of the metadata is read. */
    public enum Detail {
        /** The device details only. */
        DETAILS,
        /** Also how many blocks each volume has mapped. */
        MAPPED,
        /** Also how many of them are its own. */
        EXCLUSIVE
    }

    /**
     * A volume. What was not asked for is 0.
     *
     * @param id its number
     * @param details what the details tree says
     * @param mapped how many blocks its mappings have been counted to be
     * @param exclusive how many of them no other volume has
     * @param highest the last virtual block that is mapped, unsigned; 0 if none is
     */
    public record Row(long id, DeviceDetails details, long mapped, long exclusive, long highest) {}

    /**
     * A listing.
     *
     * @param dataBlockSectors the size of a data block, in sectors of 512 bytes
     * @param rows the volumes, by their numbers
     */
    public record Table(long dataBlockSectors, List<Row> rows) {}

    private ThinListing(MetadataFile file, ThinSuperblock superblock, long dataBlocks, Detail detail) {
        this.file = file;
        this.superblock = superblock;
        this.detail = detail;
        this.context = CheckContext.of(file, new Findings());
        this.walker = context.walker(Long.BYTES);
        this.data = new ReferenceCounts(dataBlocks);
    }

    /**
     * Lists the volumes.
     *
     * @param metadataSnapshot whether to list those of the held metadata snapshot
     * @throws ToolException if there is no superblock or no metadata snapshot, or the metadata are damaged
     */
    public static Table list(MetadataFile file, boolean metadataSnapshot, Detail detail, Report report) {
        ThinSuperblock superblock = PoolState.read(file, metadataSnapshot);
        // That of a metadata snapshot does not say how many data blocks there are.
        long dataBlocks = file.superblock(ThinSuperblockLayout.VALIDATOR, ThinSuperblock::read).dataSpaceMap().blocks();
        if (dataBlocks < 0 || dataBlocks > BlockTime.MAX_BLOCKS) {
            throw new ToolException("metadata contains errors: a pool of " + Long.toUnsignedString(dataBlocks)
                    + " data blocks");
        }
        ThinListing listing = new ThinListing(file, superblock, dataBlocks, detail);
        if (detail != Detail.DETAILS) {
            report.stage("Scanning data mappings");
            listing.walk();
        }
        return new Table(Integer.toUnsignedLong(superblock.dataBlockSectors()), listing.rows());
    }

    private void walk() {
        PoolState.forEachDevice(file, superblock, (id, _, root) -> {
            context.references().inc(root);
            if (!walker.addRoot(root)) {
                throw new ToolException("metadata contains errors: the mappings of device " + Long.toUnsignedString(id)
                        + " are said to be in block " + Long.toUnsignedString(root));
            }
        });
        walker.walk(counter);
        if (counter.first != null) {
            throw new ToolException("metadata contains errors: mapping tree, block " + counter.first
                    + "; thin_check tells of all");
        }
    }

    /** Counts references, and keeps the first thing that is wrong. */
    private final class Counter implements TreeWalker.Visitor {
        private String first;

        @Override
        public void internal(WalkedNode node) {
            for (int i = 0; i < node.entries(); i++) {
                context.references().inc(node.longValue(i));
            }
        }

        @Override
        public void leaf(WalkedNode node) {
            long[] blocks = new long[node.entries()];
            for (int i = 0; i < blocks.length; i++) {
                blocks[i] = BlockTime.block(node.longValue(i));
                if (blocks[i] >= data.blocks()) {
                    report(node.block() + ": refers to data block " + blocks[i] + " of " + data.blocks());
                    return;
                }
            }
            if (detail == Detail.EXCLUSIVE) {
                data.inc(blocks, blocks.length);
            }
        }

        @Override
        public void damage(TreeDamage found) {
            if (found.kind().loses()) {
                report(found.block() + ": " + found.problem());
            }
        }

        private synchronized void report(String problem) {
            first = first == null ? problem : first;
        }
    }

    private List<Row> rows() {
        List<Row> rows = new ArrayList<>();
        PoolState.forEachDevice(file, superblock, (id, details, root) -> {
            if (detail == Detail.DETAILS) {
                rows.add(new Row(id, details, 0, 0, 0));
            } else {
                TreeWalker.Summary summary = walker.summary(root);
                rows.add(new Row(id, details, summary.entries(), detail == Detail.EXCLUSIVE ? exclusive(root) : 0,
                        summary.high()));
            }
        });
        return rows;
    }

    private long exclusive(long root) {
        long[] found = {0};
        new NodeWalk(file, Long.BYTES).leaves(root, node -> context.references().get(node) == 1, leaf -> {
            for (int i = 0; i < leaf.entries(); i++) {
                if (data.get(BlockTime.block(leaf.longValue(i))) == 1) {
                    found[0]++;
                }
            }
        });
        return found[0];
    }
}
