package io.pdata.core.btree;

import static io.pdata.core.block.Bytes.BLOCK_SIZE;

import io.pdata.core.block.Block;
import io.pdata.core.block.CorruptionException;
import io.pdata.core.transaction.TransactionManager;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Drops a tree: values before the leaf that holds them, children before their parent, and nothing below a node that
 * somebody else refers to.
 *
 * <p>Works on copies of the nodes on its way, one for each step of the stack, so that it holds no lock while counts are
 * changed - which may change trees of the space maps. Source: format document "persistent-data", section 9.4.
 */
final class TreeDeletion {
    /** The most nodes on the way from the outermost root to a leaf, over all levels. */
    private static final int MAX_FRAMES = 64;

    private final TransactionManager transactions;
    private final Level[] levels;
    private final MemorySegment copies = Arena.ofAuto().allocate((long) MAX_FRAMES * BLOCK_SIZE, BLOCK_SIZE);
    private final MemorySegment[] nodes = new MemorySegment[MAX_FRAMES];
    private final long[] blocks = new long[MAX_FRAMES];
    private final int[] level = new int[MAX_FRAMES];
    private final int[] nextChild = new int[MAX_FRAMES];
    private int top = -1;

    TreeDeletion(TransactionManager transactions, Level[] levels) {
        this.transactions = transactions;
        this.levels = levels;
        for (int i = 0; i < MAX_FRAMES; i++) {
            nodes[i] = copies.asSlice((long) i * BLOCK_SIZE, BLOCK_SIZE);
        }
    }

    void delete(long root) {
        if (top >= 0) {
            throw new IllegalStateException("a tree is deleted by something that the deletion of another calls");
        }
        try {
            deleteAll(root);
        } finally {
            top = -1;
        }
    }

    private void deleteAll(long root) {
        push(root, 0);
        while (top >= 0) {
            MemorySegment node = nodes[top];
            boolean leaf = Node.isLeaf(node);
            if (leaf && level[top] == levels.length - 1) {
                ValueType type = levels[level[top]].type();
                type.dec(node, Node.valueOffset(node, 0, type.size()), Node.entries(node));
                pop();
            } else if (nextChild[top] < Node.entries(node)) {
                long child = Node.longValue(node, nextChild[top]++);
                push(child, leaf ? level[top] + 1 : level[top]);
            } else {
                pop();
            }
        }
    }

    private void push(long block, int atLevel) {
        long count = transactions.count(block);
        if (count > 1) {
            transactions.dec(block);
            return;
        }
        if (count == 0) {
            throw located(new CorruptionException(block, NodeValidator.NODE.type(),
                    "is in use, but the space map has it as free"));
        }
        if (top == MAX_FRAMES - 1) {
            throw located(BTreeReader.tooDeep(block));
        }
        try (Block node = transactions.readLock(block, NodeValidator.NODE)) {
            Node.check(node, levels[atLevel].type().size());
            nodes[top + 1].copyFrom(node.data());
        } catch (CorruptionException e) {
            throw located(e);
        }
        top++;
        blocks[top] = block;
        level[top] = atLevel;
        nextChild[top] = 0;
    }

    private void pop() {
        transactions.dec(blocks[top--]);
    }

    private CorruptionException located(CorruptionException e) {
        CorruptionException located = e;
        for (int i = top; i >= 0; i--) {
            located = located.via("slot " + (nextChild[i] - 1) + " of node " + blocks[i]);
        }
        return located;
    }
}
