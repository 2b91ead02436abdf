package io.pdata.tools.thin;

import io.pdata.core.block.BlockSet;
import io.pdata.core.btree.TreeWalker;

/**
 * Finds out which runs of leaves several devices have in common.
 *
 * <p>Each device is a sequence of leaves. A <i>run</i> is a stretch of leaves that are always followed and preceded by
 * each other wherever they occur, and the sequences are cut into runs that are as long as possible: before a leaf that
 * begins a sequence or comes after different leaves, and after one that ends a sequence or comes before different leaves.
 * A run is <i>shared</i> if it occurs more than once.
 *
 * <p>None of this needs the sequences themselves, which together can be much longer than the metadata: who comes after
 * whom can be read off each internal node once, however many devices it belongs to. Leaves are not read at all.
 *
 * <p>Memory: about 9 bits for each block of the device, and up to 20 bytes for each node of a mapping tree, so less than 90
 * MB for the largest metadata. Used by one thread. Source: format document "tools-xml", section 2.
 */
final class LeafGraph {
    /** In {@link #before} and {@link #after}: no leaf. */
    private static final int NONE = -1;
    /** In {@link #before} and {@link #after}: several different leaves. */
    private static final int SEVERAL = -2;
    private static final int LEAF = 1;

    private final MappingNodes nodes;
    private final int capacity;
    private final BlockSet[] levels = new BlockSet[TreeWalker.MAX_DEPTH + 1];
    private final BlockSet roots;
    private final BlockSet repeated;
    private final BlockSet begins;
    private final BlockSet ends;
    private final BlockTable heights;
    private final BlockTable before;
    private final BlockTable after;
    private final BlockTable first;
    private final BlockTable last;
    private final MappingNodes.Children children = new MappingNodes.Children();

    LeafGraph(MappingNodes nodes, int blocks) {
        this.nodes = nodes;
        this.capacity = blocks;
        this.roots = new BlockSet(blocks);
        this.repeated = new BlockSet(blocks);
        this.begins = new BlockSet(blocks);
        this.ends = new BlockSet(blocks);
        this.heights = new BlockTable(blocks, 0);
        this.before = new BlockTable(blocks, NONE);
        this.after = new BlockTable(blocks, NONE);
        this.first = new BlockTable(blocks, NONE);
        this.last = new BlockTable(blocks, NONE);
    }

    /** Adds the tree of a device, once for each device that has it. */
    void addDevice(long root) {
        int block = checked(root);
        if (!roots.add(block)) {
            repeated.add(block);
            return;
        }
        int height = heights.get(block);
        enter(block, height == 0 ? nodes.height(root) : height);
    }

    /** Looks at all internal nodes. To be called once, after all devices have been added. */
    void gather() {
        for (int height = TreeWalker.MAX_DEPTH; height > LEAF; height--) {
            descend(height);
        }
        for (int height = LEAF + 1; height <= TreeWalker.MAX_DEPTH; height++) {
            link(height);
        }
        for (int root = roots.next(0); root >= 0; root = roots.next(root + 1)) {
            begins.add(firstLeaf(root));
            ends.add(lastLeaf(root));
        }
    }

    /** How many levels of nodes a device's tree has. */
    int height(long root) {
        return heights.get((int) root);
    }

    /** The first leaf at or after {@code from}, in the order of blocks, with which a shared run begins; or -1. */
    int nextShared(int from) {
        if (levels[LEAF] == null) {
            return -1;
        }
        int leaf = levels[LEAF].next(from);
        while (leaf >= 0 && !(beginsRun(leaf) && isShared(leaf))) {
            leaf = levels[LEAF].next(leaf + 1);
        }
        return leaf;
    }

    /** Whether a run begins with this leaf. */
    boolean beginsRun(int leaf) {
        int previous = before.get(leaf);
        return begins.contains(leaf) || previous == SEVERAL
                || previous != NONE && (ends.contains(previous) || after.get(previous) == SEVERAL);
    }

    /** Whether the run that begins with this leaf is shared. */
    boolean isShared(int leaf) {
        return repeated.contains(leaf);
    }

    /** The leaf after this one in the same run, or -1. */
    int nextInRun(int leaf) {
        int next = after.get(leaf);
        return ends.contains(leaf) || next < 0 || beginsRun(next) ? -1 : next;
    }

    /** Enters the children of all nodes of a height; whatever is below a node that occurs twice does so too. */
    private void descend(int height) {
        BlockSet level = levels[height];
        if (level == null) {
            return;
        }
        for (int node = level.next(0); node >= 0; node = level.next(node + 1)) {
            int n = internal(node);
            for (int i = 0; i < n; i++) {
                int child = checked(children.blocks[i]);
                if (!enter(child, height - 1) || repeated.contains(node)) {
                    repeated.add(child);
                }
            }
        }
    }

    private void link(int height) {
        BlockSet level = levels[height];
        if (level == null) {
            return;
        }
        for (int node = level.next(0); node >= 0; node = level.next(node + 1)) {
            int n = internal(node);
            first.set(node, firstLeaf((int) children.blocks[0]));
            last.set(node, lastLeaf((int) children.blocks[n - 1]));
            for (int i = 1; i < n; i++) {
                link(lastLeaf((int) children.blocks[i - 1]), firstLeaf((int) children.blocks[i]));
            }
        }
    }

    private void link(int a, int b) {
        note(after, a, b);
        note(before, b, a);
    }

    private static void note(BlockTable table, int leaf, int neighbour) {
        int known = table.get(leaf);
        if (known != neighbour) {
            table.set(leaf, known == NONE ? neighbour : SEVERAL);
        }
    }

    private int firstLeaf(int node) {
        return heights.get(node) == LEAF ? node : first.get(node);
    }

    private int lastLeaf(int node) {
        return heights.get(node) == LEAF ? node : last.get(node);
    }

    private int internal(int node) {
        nodes.read(node, children);
        if (children.count == 0) {
            throw MappingNodes.corrupt(node, "btree nodes are not all at the same depth: this one is a leaf");
        }
        return children.count;
    }

    /** Enters a node with its height; returns false if it was entered before. */
    private boolean enter(int block, int height) {
        int known = heights.get(block);
        if (known != 0 && known != height) {
            throw MappingNodes.corrupt(block, "btree nodes are not all at the same depth: this one is " + known
                    + " levels high as well as " + height);
        }
        heights.set(block, height);
        if (levels[height] == null) {
            levels[height] = new BlockSet(capacity);
        }
        return levels[height].add(block);
    }

    private int checked(long block) {
        if (block < 0 || block >= capacity) {
            throw MappingNodes.corrupt(block, "lies beyond the " + capacity + " blocks there are");
        }
        return (int) block;
    }
}
