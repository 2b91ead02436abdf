package io.pdata.tools.thin;

import io.pdata.core.btree.BTreeReader;
import io.pdata.core.btree.Cursor;
import io.pdata.thin.DeviceDetails;
import io.pdata.thin.ThinSuperblock;
import io.pdata.thin.ThinSuperblockLayout;
import io.pdata.tools.MetadataFile;
import io.pdata.tools.ToolException;
import io.pdata.tools.text.TextOut;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Dumps the metadata of a thin pool as text, as {@code thin_dump} of thin-provisioning-tools does: runs of leaves that
 * several devices share are written once, and referred to.
 *
 * <p>Memory: the {@linkplain MetadataFile#CACHE_BYTES block cache} and a {@link LeafGraph}; neither the number of devices
 * nor that of mappings makes a difference. Leaves are read as they are written, and prefetched by threads of the cache.
 *
 * <p>What is damaged cannot be dumped: a {@link io.pdata.core.block.CorruptionException} says where. Damage to anything but
 * a leaf of a mapping tree is found before the first byte is written.
 */
public final class ThinDump {
    private final MetadataFile file;
    private final Options options;
    private final MappingNodes nodes;
    private final LeafGraph graph;
    private final RunKeys sharedKeys;

    /** The forms that a dump can have. */
    public enum Format {
        XML, HUMAN_READABLE
    }

    /**
     * What to dump.
     *
     * @param format in which form
     * @param metadataSnapshot the held metadata snapshot instead of the pool as it is
     * @param skipMappings devices without their mappings
     * @param devices the ids of the devices to dump; all if it is empty
     */
    public record Options(Format format, boolean metadataSnapshot, boolean skipMappings,
            Set<Long> devices) {
        /** Everything, in XML. */
        public static final Options XML = new Options(Format.XML, false, false, Set.of());
    }

    private ThinDump(MetadataFile file, Options options) {
        this.file = file;
        this.options = options;
        this.nodes = new MappingNodes(file);
        this.graph = new LeafGraph(nodes, (int) file.blocks());
        this.sharedKeys = new RunKeys((int) file.blocks());
    }

    /**
     * Dumps metadata.
     *
     * @param output is asked where to write to once it is clear that something can be written; gets flushed, not closed
     * @throws ToolException if there is no superblock, or no metadata snapshot
     */
    public static void dump(MetadataFile file, Options options, Supplier<TextOut> output) {
        ThinDump dump = new ThinDump(file, options);
        ThinSuperblock superblock = dump.superblock();
        dump.gather(superblock);
        TextOut out = output.get();
        dump.write(superblock, options.format() == Format.XML ? new XmlSink(out) : new HumanReadableSink(out));
        out.flush();
    }

    private ThinSuperblock superblock() {
        ThinSuperblock live = file.superblock(ThinSuperblockLayout.VALIDATOR, ThinSuperblock::read);
        if (!options.metadataSnapshot()) {
            return live;
        }
        if (live.heldRoot() == 0) {
            throw new ToolException("no current metadata snap");
        }
        return file.superblock(live.heldRoot(), ThinSuperblockLayout.VALIDATOR, ThinSuperblock::read);
    }

    private void gather(ThinSuperblock superblock) {
        if (!options.skipMappings()) {
            forEachDevice(superblock, (_, _, root) -> graph.addDevice(root));
            graph.gather();
        }
    }

    private void write(ThinSuperblock superblock, DumpSink sink) {
        sink.beginPool(superblock, superblock.dataSpaceMap().blocks());
        MappingRuns runs = new MappingRuns(sink);
        KeyOrder order = new KeyOrder();
        for (int name = graph.nextShared(0); name >= 0; name = graph.nextShared(name + 1)) {
            sink.beginShared(name);
            order.begin();
            for (int leaf = name; leaf >= 0; leaf = graph.nextInRun(leaf)) {
                nodes.leaf(leaf, node -> {
                    order.leaf(node);
                    runs.add(node);
                });
            }
            sharedKeys.set(name, order);
            runs.finish();
            sink.endShared();
        }
        forEachDevice(superblock, (id, details, root) -> {
            sink.beginDevice(id, details);
            if (!options.skipMappings()) {
                new DeviceLeaves(sink, runs).write(root);
            }
            sink.endDevice();
        });
        sink.endPool();
    }

    /** Writes the mappings of one device. */
    private final class DeviceLeaves {
        private final DumpSink sink;
        private final MappingRuns runs;
        private final KeyOrder order = new KeyOrder();
        private boolean inShared;

        DeviceLeaves(DumpSink sink, MappingRuns runs) {
            this.sink = sink;
            this.runs = runs;
        }

        void write(long root) {
            visit(root, graph.height(root), 0, -1);
            runs.finish();
        }

        /** @param low the lowest key that this part of the tree may have, {@code high} the highest */
        private void visit(long block, int height, long low, long high) {
            if (height == 1) {
                visitLeaf((int) block);
                return;
            }
            MappingNodes.Children children = new MappingNodes.Children();
            nodes.read(block, children);
            int last = children.count - 1;
            // Otherwise the same child could be met in many places, and a small tree be as large as one likes.
            if (Long.compareUnsigned(children.keys[0], low) < 0
                    || Long.compareUnsigned(children.keys[last], high) > 0) {
                throw MappingNodes.corrupt(block, "keys out of bounds: " + Long.toUnsignedString(children.keys[0])
                        + " to " + Long.toUnsignedString(children.keys[last]) + " where its parent has "
                        + Long.toUnsignedString(low) + " to " + Long.toUnsignedString(high));
            }
            if (height == 2) {
                prefetch(children.blocks, children.count);
            }
            for (int i = 0; i <= last; i++) {
                visit(children.blocks[i], height - 1, children.keys[i], i < last ? children.keys[i + 1] - 1 : high);
            }
        }

        private void prefetch(long[] leaves, int n) {
            for (int i = 0; i < n; i++) {
                if (!graph.isShared((int) leaves[i])) {
                    file.prefetch(leaves[i]);
                }
            }
        }

        private void visitLeaf(int leaf) {
            if (graph.beginsRun(leaf)) {
                inShared = graph.isShared(leaf);
                if (inShared) {
                    runs.finish();
                    sharedKeys.follow(leaf, order);
                    sink.shared(leaf);
                }
            }
            if (!inShared) {
                nodes.leaf(leaf, node -> {
                    order.leaf(node);
                    runs.add(node);
                });
            }
        }
    }

    private interface DeviceVisitor {
        void visit(long id, DeviceDetails details, long root);
    }

    private void forEachDevice(ThinSuperblock superblock, DeviceVisitor visitor) {
        try (Cursor details = new BTreeReader(file, 1, DeviceDetails.SIZE).cursor(superblock.detailsRoot());
                Cursor roots = options.skipMappings()
                        ? null
                        : new BTreeReader(file, 1, Long.BYTES).cursor(superblock.mappingRoot())) {
            for (; details.valid(); details.next()) {
                long id = details.key();
                if (roots != null && (!roots.valid() || roots.key() != id)) {
                    throw disagreement(id);
                }
                if (roots == null || options.devices().isEmpty() || options.devices().contains(id)) {
                    visitor.visit(id, DeviceDetails.read(details.block(), details.valueOffset()),
                            roots == null ? 0 : roots.longValue());
                }
                if (roots != null) {
                    roots.next();
                }
            }
            if (roots != null && roots.valid()) {
                throw disagreement(roots.key());
            }
        }
    }

    private static ToolException disagreement(long id) {
        return new ToolException("inconsistent device ids: device details and mapping trees disagree about device "
                + Long.toUnsignedString(id));
    }
}
