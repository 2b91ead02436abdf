package io.pdata.benchmarks;

import io.pdata.core.block.BlockValidator;
import io.pdata.core.block.Bytes;
import io.pdata.core.btree.BTree;
import io.pdata.core.btree.Cursor;
import io.pdata.core.btree.TreeRoot;
import io.pdata.core.btree.ValueType;
import io.pdata.core.device.FileDevice;
import io.pdata.core.space.SpaceMapRoot;
import io.pdata.core.store.MetadataStore;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;

/** This library: one B+tree, and a superblock with its root. */
final class PdataEngine implements Engine {
    private static final int MAP_ROOT = 64;
    private static final int TREE_ROOT = 192;

    private static final BlockValidator SUPERBLOCK = new BlockValidator("benchmark superblock", 0x0BEEF, 8) {
        @Override
        protected void checkHeader(MemorySegment block, long number) {
            // nothing beyond number and checksum
        }
    };

    private final MetadataStore store;
    private final BTree tree;
    private final TreeRoot root;
    private final int valueSize;
    private final MemorySegment value;

    PdataEngine(Path folder, int valueSize, long entries) {
        Path file = folder.resolve("metadata");
        this.valueSize = valueSize;
        value = Arena.ofAuto().allocate(Math.max(valueSize, 8));
        // Random inserts leave nodes about 70% full, and a large transaction has old and new nodes side by side.
        long bytes = Math.max(64L << 20, 4 * entries * (valueSize + 8));
        long cache = bytes / 2;
        if (Files.exists(file)) {
            store = MetadataStore.open(FileDevice.open(file, FileDevice.Access.READ_WRITE), cache, SUPERBLOCK,
                    block -> SpaceMapRoot.read(block, MAP_ROOT));
            tree = new BTree(store.transactions(), 1, ValueType.plain(valueSize));
            root = new TreeRoot(store.readSuperblock(block -> block.get(Bytes.U64, TREE_ROOT)));
        } else {
            FileDevice device = FileDevice.create(file, 0);
            device.resize(bytes, true);
            store = MetadataStore.format(device, cache, SUPERBLOCK);
            tree = new BTree(store.transactions(), 1, ValueType.plain(valueSize));
            root = tree.empty();
            store.commitNew(this::writeRoots, () -> {});
        }
    }

    @Override
    public long get(long key) {
        if (valueSize == 8) {
            return tree.lookupLong(root.block(), key, -1);
        }
        if (!tree.lookup(root.block(), key, value)) {
            throw new IllegalStateException("key " + key + " is missing");
        }
        return value.get(Bytes.U64, 0);
    }

    @Override
    public long scan(int count) {
        long sum = 0;
        try (Cursor cursor = tree.cursor(root.block())) {
            boolean more = cursor.valid();
            for (int i = 0; i < count && more; i++) {
                sum += cursor.block().get(Bytes.U64, cursor.valueOffset());
                more = cursor.next();
            }
        }
        return sum;
    }

    @Override
    public void put(long key, long first) {
        value.set(Bytes.U64, 0, first);
        tree.insert(root, key, value);
    }

    @Override
    public void commit() {
        store.commit(this::writeRoots, () -> {});
    }

    private void writeRoots(MemorySegment superblock) {
        store.spaceMap().root().write(superblock, MAP_ROOT);
        superblock.set(Bytes.U64, TREE_ROOT, root.block());
    }

    /** Clones the tree - adds a reference to its root - and drops the clone again. */
    void cloneAndDrop() {
        store.transactions().inc(root.block());
        tree.delete(root.block());
    }

    /** Clones the tree; the clone stays, as a reference that nobody holds. */
    void cloneTree() {
        store.transactions().inc(root.block());
    }

    @Override
    public long bytesWritten() {
        return store.blocks().stats().blocksWritten() * Bytes.BLOCK_SIZE;
    }

    @Override
    public long flushes() {
        return store.blocks().stats().flushes();
    }

    @Override
    public void close() {
        store.close();
    }
}
