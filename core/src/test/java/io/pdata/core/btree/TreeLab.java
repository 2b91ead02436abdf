package io.pdata.core.btree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.pdata.core.block.Block;
import io.pdata.core.block.BlockManager;
import io.pdata.core.block.BlockValidator;
import io.pdata.core.block.Bytes;
import io.pdata.core.device.MemoryDevice;
import io.pdata.core.space.ReuseGuard;
import io.pdata.core.transaction.TransactionManager;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/** Trees over memory with a {@link CountingSpaceMap}, and a check of their structure and of every reference count. */
final class TreeLab implements AutoCloseable {
    private static final BlockValidator SUPERBLOCK = new BlockValidator("test superblock", 4711, 8) {
        @Override
        protected void checkHeader(MemorySegment block, long number) {}
    };

    final MemoryDevice device;
    final BlockManager blocks;
    final CountingSpaceMap spaceMap;
    final TransactionManager transactions;

    TreeLab(int blockCount) {
        this(blockCount, 16 << 20);
    }

    TreeLab(int blockCount, long cacheBytes) {
        this(new MemoryDevice((long) blockCount * Bytes.BLOCK_SIZE), new CountingSpaceMap(blockCount), cacheBytes);
    }

    TreeLab(MemoryDevice device, CountingSpaceMap spaceMap, long cacheBytes) {
        this.device = device;
        this.spaceMap = spaceMap;
        blocks = new BlockManager(device, cacheBytes);
        transactions = new TransactionManager(blocks, new ReuseGuard(), _ -> spaceMap);
        transactions.opened();
    }

    void commit() {
        transactions.preCommit();
        transactions.commit(blocks.writeLockZero(0, SUPERBLOCK), () -> {});
    }

    /** Makes a node with the given entries of 8 bytes, as thin or as wrong as they are. */
    long plant(int flags, long[] keys, long[] values) {
        try (Block block = transactions.newBlock(NodeValidator.NODE)) {
            MemorySegment node = block.data();
            Node.format(node, flags, NodeLayout.capacity(8), 8);
            for (int i = 0; i < keys.length; i++) {
                Node.insertPointer(block, i, keys[i], values[i]);
            }
            return block.number();
        }
    }

    /** Makes a full internal node whose children are all the same, and above it others, so many nodes high. */
    long plantFans(long child, int height) {
        long below = child;
        for (int i = 0; i < height; i++) {
            long[] keys = new long[NodeLayout.capacity(8)];
            long[] values = new long[keys.length];
            for (int k = 0; k < keys.length; k++) {
                keys[k] = k;
                values[k] = below;
            }
            below = plant(NodeLayout.INTERNAL, keys, values);
        }
        return below;
    }

    /** Fails if any block that has been changed is still locked; forgets all changes. */
    void rollBack() {
        assertThat(blocks.releaseLostLocks()).as("blocks still locked").isZero();
        transactions.abort(spaceMap.root());
    }

    /** Trees with nodes below a third of their capacity are not what this library makes, but older kernels did. */
    boolean thinNodesAllowed;

    /** Checks the trees, and that exactly the blocks they reach are in use, with as many references as there are. */
    void checkAll(List<TreeRoot> roots, int levels, int valueSize, LeafValues values) {
        TreeCheck check = new TreeCheck(levels, valueSize, values);
        roots.forEach(root -> check.tree(root.block(), 0));
        check.expected[0] = 1;
        if (!Arrays.equals(check.expected, spaceMap.counts)) {
            int at = Arrays.mismatch(check.expected, spaceMap.counts);
            assertThat(spaceMap.counts[at]).as("references of block " + at).isEqualTo(check.expected[at]);
        }
    }

    /** Gets each last-level leaf once, however often it is referred to. */
    interface LeafValues {
        LeafValues IGNORE = (_, _, _) -> {};

        void leaf(MemorySegment node, long offset, int count);
    }

    private final class TreeCheck {
        private final int levels;
        private final int valueSize;
        private final LeafValues values;
        private final BitSet seen = new BitSet();
        final int[] expected = new int[spaceMap.counts.length];

        TreeCheck(int levels, int valueSize, LeafValues values) {
            this.levels = levels;
            this.valueSize = valueSize;
            this.values = values;
        }

        void tree(long root, int level) {
            node(root, level, true, 0, -1);
        }

        /** Returns the height; 0 for one that has been checked already. */
        private int node(long number, int level, boolean isRoot, long lowest, long highest) {
            expected[(int) number]++;
            if (seen.get((int) number)) {
                return 0;
            }
            seen.set((int) number);
            byte[] copy = new byte[Bytes.BLOCK_SIZE];
            try (Block block = transactions.readLock(number, NodeValidator.NODE)) {
                MemorySegment.copy(block.data(), 0, MemorySegment.ofArray(copy), 0, copy.length);
            }
            MemorySegment node = MemorySegment.ofArray(copy);
            int entries = Node.entries(node);
            checkHeader(node, level, isRoot);
            for (int i = 0; i < entries; i++) {
                long key = Node.key(node, i);
                if (Long.compareUnsigned(key, lowest) < 0 || Long.compareUnsigned(key, highest) > 0
                        || i > 0 && Long.compareUnsigned(key, Node.key(node, i - 1)) <= 0) {
                    fail("block %d: key %d (%x) is out of order", number, i, key);
                }
            }
            return Node.isLeaf(node) ? leaf(node, level) : internal(node, level, highest);
        }

        private void checkHeader(MemorySegment node, int level, boolean isRoot) {
            int size = !Node.isLeaf(node) || level < levels - 1 ? 8 : valueSize;
            assertThat(Node.valueSize(node)).isEqualTo(size);
            assertThat(Node.maxEntries(node)).isEqualTo(NodeLayout.capacity(size));
            // With three to a node the kernel's thresholds let a neighbour lose its last entry.
            if (!isRoot && !thinNodesAllowed && Node.maxEntries(node) > 3) {
                assertThat(Node.entries(node)).as("fill").isGreaterThanOrEqualTo(Node.maxEntries(node) / 3);
            }
        }

        private int leaf(MemorySegment node, int level) {
            int entries = Node.entries(node);
            if (level == levels - 1) {
                values.leaf(node, Node.valueOffset(node, 0, valueSize), entries);
            } else {
                for (int i = 0; i < entries; i++) {
                    tree(Node.longValue(node, i), level + 1);
                }
            }
            return 1;
        }

        private int internal(MemorySegment node, int level, long highest) {
            int entries = Node.entries(node);
            assertThat(entries).isPositive();
            int height = 0;
            for (int i = 0; i < entries; i++) {
                long bound = i + 1 < entries ? Node.key(node, i + 1) - 1 : highest;
                int childHeight = node(Node.longValue(node, i), level, false, Node.key(node, i), bound);
                if (childHeight != 0) {
                    assertThat(height == 0 || height == childHeight).as("leaves are at one depth").isTrue();
                    height = childHeight;
                }
            }
            return height == 0 ? 0 : height + 1;
        }
    }

    @Override
    public void close() {
        blocks.close();
    }
}
