package io.pdata.tools.thin;

import io.pdata.tools.MetadataFile;

/**
 * Writes mapping trees so that runs of leaves that several of them have in common are written once, and referred to.
 *
 * <p>First {@link #add} each tree, once for every device that has it; then {@link #gather}, {@link #writeShared}, and
 * {@link #write} each of them. Leaves are read as they are written, and prefetched by threads of the cache. Damage is a
 * {@link io.pdata.core.block.CorruptionException}, which, if it is not in a leaf, comes before anything is written.
 *
 * <p>Memory: a {@link LeafGraph}. Used by one thread.
 */
final class SharedTrees {
    private final MetadataFile file;
    private final MappingNodes nodes;
    private final LeafGraph graph;
    private final RunKeys sharedKeys;

    SharedTrees(MetadataFile file) {
        this.file = file;
        this.nodes = new MappingNodes(file);
        this.graph = new LeafGraph(nodes, (int) file.blocks());
        this.sharedKeys = new RunKeys((int) file.blocks());
    }

    /** Adds a tree, once for each device that has it. */
    void add(long root) {
        graph.addDevice(root);
    }

    /** Finds out what is shared. To be called once, after all trees have been added. */
    void gather() {
        graph.gather();
    }

    /** Writes all runs that are shared. */
    void writeShared(DumpSink sink, MappingRuns runs) {
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
    }

    /**
     * Writes a tree that has been added.
     *
     * @param order of the keys that the device has so far
     */
    void write(long root, DumpSink sink, MappingRuns runs, KeyOrder order) {
        new Leaves(sink, runs, order).visit(root, graph.height(root), 0, -1);
    }

    /** Writes the leaves of one tree. */
    private final class Leaves {
        private final DumpSink sink;
        private final MappingRuns runs;
        private final KeyOrder order;
        private boolean inShared;

        Leaves(DumpSink sink, MappingRuns runs, KeyOrder order) {
            this.sink = sink;
            this.runs = runs;
            this.order = order;
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
}
