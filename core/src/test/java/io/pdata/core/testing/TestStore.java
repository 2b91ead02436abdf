package io.pdata.core.testing;

import io.pdata.core.block.BlockManager;
import io.pdata.core.block.Bytes;
import io.pdata.core.btree.TreeRoot;
import io.pdata.core.device.MemoryDevice;
import io.pdata.core.space.SpaceMapRoot;
import io.pdata.core.spacemap.DiskSpaceMap;
import io.pdata.core.spacemap.MetadataSpaceMap;
import io.pdata.core.store.MetadataStore;
import io.pdata.core.transaction.ReadView;
import io.pdata.core.transaction.TransactionManager;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;

/**
 * The smallest thing that has transactions: a superblock, both space maps and eight roots, on a device in memory.
 *
 * <pre>{@code
 * try (TestStore store = TestStore.format(1024)) {
 *     BTree tree = new BTree(store.transactions(), 1, ValueType.plain(8));
 *     store.root(0).moveTo(tree.empty().block());
 *     tree.insertLong(store.root(0), 1, 2);
 *     store.commit();
 *     store.verify(references -> references.tree(store.root(0), 1));
 * }
 * }</pre>
 *
 * <p>{@link #root} is the same object for ever: abort and reopen move it back. The others ({@link #transactions},
 * {@link #dataMap}, and trees made from them) are new after {@link #reopen}.
 */
public final class TestStore implements AutoCloseable {
    public static final int ROOTS = TestSuperblock.ROOTS;
    private static final long CACHE_BYTES = 1 << 20;

    private final MemoryDevice device;
    private final TreeRoot[] roots = new TreeRoot[ROOTS];
    private MetadataStore store;
    private DiskSpaceMap dataMap;

    private TestStore(MemoryDevice device, MetadataStore store) {
        this.device = device;
        this.store = store;
        this.dataMap = new DiskSpaceMap(store.transactions());
        for (int i = 0; i < ROOTS; i++) {
            roots[i] = new TreeRoot(0);
        }
    }

    /** A store of so many metadata blocks, counting no data blocks; committed. */
    public static TestStore format(long blocks) {
        return format(blocks, 0);
    }

    /** A store of so many metadata blocks, counting so many data blocks; committed. */
    public static TestStore format(long blocks, long dataBlocks) {
        TestStore made = formatUncommitted(blocks);
        made.dataMap.extend(dataBlocks);
        made.dataMap.commit();
        made.store.commitNew(block -> {
            TestSuperblock.initialise(block);
            made.writeSuperblock(block);
        }, () -> {});
        return made;
    }

    private static TestStore formatUncommitted(long blocks) {
        MemoryDevice device = new MemoryDevice(blocks * Bytes.BLOCK_SIZE);
        MetadataStore store = MetadataStore.format(device, CACHE_BYTES, TestSuperblock.VALIDATOR);
        TestStore made = new TestStore(device, store);
        made.dataMap.create();
        return made;
    }

    /** Opens what is on a device, for example a {@link MemoryDevice#copy copy} of another store's. */
    public static TestStore open(MemoryDevice device) {
        TestStore opened = new TestStore(device, openStore(device));
        opened.loadSuperblock();
        return opened;
    }

    private static MetadataStore openStore(MemoryDevice device) {
        return MetadataStore.open(device, CACHE_BYTES, TestSuperblock.VALIDATOR, TestSuperblock::metadataMap);
    }

    public MemoryDevice device() {
        return device;
    }

    public BlockManager blocks() {
        return store.blocks();
    }

    public TransactionManager transactions() {
        return store.transactions();
    }

    public MetadataSpaceMap spaceMap() {
        return store.spaceMap();
    }

    public DiskSpaceMap dataMap() {
        return dataMap;
    }

    /** A root that the superblock keeps. */
    public TreeRoot root(int i) {
        return roots[i];
    }

    /** As a target does: the data map first, then the metadata map, all blocks, and the superblock. */
    public void commit() {
        commit(() -> {});
    }

    /** @param publish runs when the commit is durable, see {@link TransactionManager#commit} */
    public void commit(Runnable publish) {
        dataMap.commit();
        store.commit(this::writeSuperblock, publish);
    }

    /** @param before runs while the superblock is being written */
    public void commitWith(Runnable before) {
        dataMap.commit();
        store.commit(block -> {
            before.run();
            writeSuperblock(block);
        }, () -> {});
    }

    public void abort() {
        store.abort(store.transactions().lastCommit(), this::loadSuperblock);
    }

    /** Closes without a commit and opens again. */
    public void reopen() {
        store.close();
        device.reopen();
        store = openStore(device);
        dataMap = new DiskSpaceMap(store.transactions());
        loadSuperblock();
    }

    /** A view of the last commit; its roots are the blocks that {@link #root} stood at then. */
    public ReadView<long[]> openView() {
        return store.transactions().openView(() -> store.readSuperblock(TestStore::rootBlocks));
    }

    /** Makes the device larger, and the metadata map with it. */
    public void grow(long blocks) {
        device.resize(device.size() + blocks * Bytes.BLOCK_SIZE, false);
        store.blocks().resize();
        store.spaceMap().extend(blocks);
    }

    /**
     * Verifies what the last commit has left on the device: recomputes all counts from the trees that {@code walk} names,
     * and compares them with both space maps.
     */
    public void verify(Consumer<References> walk) {
        MemorySegment superblock = References.read(device, 0, TestSuperblock.VALIDATOR);
        SpaceMapRoot metadata = TestSuperblock.metadataMap(superblock);
        References references = new References(device, metadata, TestSuperblock.dataMap(superblock));
        walk.accept(references);
        references.verify();
    }

    private static long[] rootBlocks(MemorySegment superblock) {
        long[] blocks = new long[ROOTS];
        for (int i = 0; i < ROOTS; i++) {
            blocks[i] = TestSuperblock.root(superblock, i);
        }
        return blocks;
    }

    private void loadSuperblock() {
        long[] blocks = store.readSuperblock(TestStore::rootBlocks);
        for (int i = 0; i < ROOTS; i++) {
            roots[i].moveTo(blocks[i]);
        }
        dataMap.reload(store.readSuperblock(TestSuperblock::dataMap));
    }

    private void writeSuperblock(MemorySegment block) {
        long[] blocks = new long[ROOTS];
        for (int i = 0; i < ROOTS; i++) {
            blocks[i] = roots[i].block();
        }
        TestSuperblock.write(block, store.spaceMap().root(), dataMap.root(), blocks);
    }

    @Override
    public void close() {
        store.close();
    }
}
