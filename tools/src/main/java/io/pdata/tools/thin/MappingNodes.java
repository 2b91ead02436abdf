package io.pdata.tools.thin;

import io.pdata.core.block.Block;
import io.pdata.core.block.Bytes;
import io.pdata.core.block.CorruptionException;
import io.pdata.core.btree.NodeLayout;
import io.pdata.core.btree.NodeValidator;
import io.pdata.core.btree.TreeWalker;
import io.pdata.core.btree.WalkedNode;
import io.pdata.core.transaction.BlockReader;
import java.util.function.Consumer;

/** Reads nodes of mapping trees, and refuses those that cannot be dumped. Thread-safe. */
final class MappingNodes {
    /** The most children that an internal node has. */
    static final int MAX_CHILDREN = (Bytes.BLOCK_SIZE - NodeLayout.KEYS) / (NodeLayout.KEY_SIZE + Long.BYTES);

    private final BlockReader blocks;

    /** Gets the children of an internal node. */
    static final class Children {
        /** Their blocks. */
        final long[] blocks = new long[MAX_CHILDREN];
        /** The keys that bound theirs from below. */
        final long[] keys = new long[MAX_CHILDREN];
        /** How many there are; 0 for a leaf, and only for a leaf. */
        int count;
    }

    MappingNodes(BlockReader blocks) {
        this.blocks = blocks;
    }

    /** How many levels of nodes a tree has, seen from its first leaf: 1 if it is a single leaf. */
    int height(long root) {
        Children children = new Children();
        long block = root;
        for (int height = 1; height <= TreeWalker.MAX_DEPTH; height++) {
            read(block, children);
            if (children.count == 0) {
                return height;
            }
            block = children.blocks[0];
        }
        throw corrupt(block, "lies deeper than any tree can be: there must be a cycle");
    }

    /** Finds the children of a node, in order. */
    void read(long block, Children children) {
        try (Block locked = blocks.readLock(block, NodeValidator.NODE)) {
            WalkedNode node = verified(block, locked);
            children.count = node.isLeaf() ? 0 : node.entries();
            for (int i = 0; i < children.count; i++) {
                children.blocks[i] = node.longValue(i);
                children.keys[i] = node.key(i);
            }
        }
    }

    /** Shows a leaf. */
    void leaf(long block, Consumer<WalkedNode> reader) {
        try (Block locked = blocks.readLock(block, NodeValidator.NODE)) {
            WalkedNode node = verified(block, locked);
            if (!node.isLeaf()) {
                throw corrupt(block, "btree nodes are not all at the same depth: this one is not a leaf");
            }
            reader.accept(node);
        }
    }

    private static WalkedNode verified(long block, Block locked) {
        WalkedNode node = WalkedNode.of(block, locked.data());
        if (node.valueSize() != Long.BYTES) {
            throw corrupt(block, "values of " + node.valueSize() + " bytes instead of " + Long.BYTES);
        }
        if (node.entries() == 0 && !node.isLeaf()) {
            throw corrupt(block, "an internal node without entries");
        }
        if (node.firstNotAscending() > 0) {
            throw corrupt(block, "keys out of order");
        }
        return node;
    }

    static CorruptionException corrupt(long block, String problem) {
        return new CorruptionException(block, NodeValidator.NODE.type(), problem);
    }
}
