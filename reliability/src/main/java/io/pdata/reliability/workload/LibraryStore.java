package io.pdata.reliability.workload;

import io.pdata.core.block.Bytes;
import io.pdata.core.btree.BTree;
import io.pdata.core.btree.BTreeReader;
import io.pdata.core.btree.TreeRoot;
import io.pdata.core.btree.ValueRuns;
import io.pdata.core.btree.ValueType;
import io.pdata.core.device.Device;
import io.pdata.core.spacemap.DiskSpaceMap;
import io.pdata.core.store.MetadataStore;
import io.pdata.core.transaction.ReadView;
import io.pdata.core.transaction.TransactionManager;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** The library without any of the formats: trees whose values are data blocks, both space maps, and a superblock. */
final class LibraryStore implements AutoCloseable {
    private final MetadataStore store;
    private final DiskSpaceMap dataMap;
    private final BTree tree;
    private final TreeRoot[] roots = new TreeRoot[LibrarySuperblock.ROOTS];
    private long commits;

    /** What a view has to know of a commit. */
    private record Committed(long commits, long metadataBlocks, long dataBlocks, long[] roots) {
        static Committed read(MemorySegment superblock) {
            long[] roots = new long[LibrarySuperblock.ROOTS];
            for (int i = 0; i < roots.length; i++) {
                roots[i] = LibrarySuperblock.root(superblock, i);
            }
            return new Committed(LibrarySuperblock.commits(superblock),
                    LibrarySuperblock.metadataMap(superblock).blocks(), LibrarySuperblock.dataMap(superblock).blocks(),
                    roots);
        }
    }

    private LibraryStore(MetadataStore store) {
        this.store = store;
        this.dataMap = new DiskSpaceMap(store.transactions());
        this.tree = new BTree(store.transactions(), 1, new DataBlocks(dataMap));
        for (int i = 0; i < roots.length; i++) {
            roots[i] = new TreeRoot(0);
        }
    }

    /** Values that are data blocks: the trees keep their counts right. */
    private record DataBlocks(DiskSpaceMap map) implements ValueType {
        @Override
        public int size() {
            return Long.BYTES;
        }

        @Override
        public void inc(MemorySegment values, long offset, int count) {
            ValueRuns.forEach(values, offset, count, 0, map::inc);
        }

        @Override
        public void dec(MemorySegment values, long offset, int count) {
            ValueRuns.forEach(values, offset, count, 0, map::dec);
        }
    }

    static LibraryStore format(Device device, long cacheBytes) {
        LibraryStore made = new LibraryStore(
                MetadataStore.format(device, cacheBytes, LibrarySuperblock.VALIDATOR));
        made.dataMap.create();
        made.dataMap.commit();
        made.store.commitNew(made::writeSuperblock, () -> {});
        return made;
    }

    static LibraryStore open(Device device, long cacheBytes) {
        MetadataStore opened = MetadataStore.open(device, cacheBytes, LibrarySuperblock.VALIDATOR,
                LibrarySuperblock::metadataMap);
        return opened.orClose(() -> {
            LibraryStore made = new LibraryStore(opened);
            made.load();
            return made;
        });
    }

    private void load() {
        Committed committed = store.readSuperblock(Committed::read);
        commits = committed.commits();
        for (int i = 0; i < roots.length; i++) {
            roots[i].moveTo(committed.roots()[i]);
        }
        dataMap.reload(store.readSuperblock(LibrarySuperblock::dataMap));
    }

    private void writeSuperblock(MemorySegment block) {
        long[] blocks = new long[roots.length];
        for (int i = 0; i < roots.length; i++) {
            blocks[i] = roots[i].block();
        }
        LibrarySuperblock.write(block, commits, store.spaceMap().root(), dataMap.root(), blocks);
    }

    TransactionManager transactions() {
        return store.transactions();
    }

    BTree tree() {
        return tree;
    }

    TreeRoot root(int i) {
        return roots[i];
    }

    DiskSpaceMap dataMap() {
        return dataMap;
    }

    /** Makes use of the device's growth. */
    void growMetadata(long extra) {
        store.blocks().resize();
        store.spaceMap().extend(extra);
    }

    long metadataBlocks() {
        return store.spaceMap().blocks();
    }

    /** Data map first, then the metadata map, all blocks, and the superblock. */
    void commit() {
        commits++;
        dataMap.commit();
        store.commit(this::writeSuperblock, () -> {});
    }

    void abort() {
        store.abort(LibrarySuperblock::metadataMap);
        load();
    }

    /** What the last commit contains. */
    LibraryContent committed() {
        try (ReadView<Committed> view = store.transactions().openView(() -> store.readSuperblock(Committed::read))) {
            BTreeReader reader = new BTreeReader(view, 1, Long.BYTES);
            List<SortedMap<Long, Long>> trees = new ArrayList<>();
            for (long root : view.roots().roots()) {
                trees.add(root == 0 ? null : entries(reader, root));
            }
            return new LibraryContent(view.roots().commits(), view.roots().metadataBlocks(), view.roots().dataBlocks(),
                    trees);
        }
    }

    private static SortedMap<Long, Long> entries(BTreeReader reader, long root) {
        SortedMap<Long, Long> entries = new TreeMap<>();
        reader.walk(root, (key, block, offset) -> {
            entries.put(key, block.get(Bytes.U64, offset));
            return true;
        });
        return entries;
    }

    @Override
    public void close() {
        store.close();
    }
}
