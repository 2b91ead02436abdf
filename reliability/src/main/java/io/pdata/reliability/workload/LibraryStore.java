package io.pdata.reliability.workload;

import io.pdata.core.block.Bytes;
import io.pdata.core.btree.BTree;
import io.pdata.core.btree.BTreeReader;
import io.pdata.core.btree.TreeRoot;
import io.pdata.core.btree.ValueRuns;
import io.pdata.core.btree.ValueType;
import io.pdata.core.device.Device;
import io.pdata.core.space.SpaceMapRoot;
import io.pdata.core.spacemap.DiskSpaceMap;
import io.pdata.core.store.MetadataStore;
import io.pdata.core.transaction.ReadView;
import io.pdata.core.transaction.TransactionManager;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
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
    private volatile Committed committed;

    /** What a view has to know of a commit. */
    private record Committed(long commits, SpaceMapRoot metadataMap, SpaceMapRoot dataMap, long[] roots) {
        static Committed read(MemorySegment superblock) {
            long[] roots = new long[LibrarySuperblock.ROOTS];
            for (int i = 0; i < roots.length; i++) {
                roots[i] = LibrarySuperblock.root(superblock, i);
            }
            return new Committed(LibrarySuperblock.commits(superblock), LibrarySuperblock.metadataMap(superblock),
                    LibrarySuperblock.dataMap(superblock), roots);
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
        MetadataStore fresh = MetadataStore.format(device, cacheBytes, LibrarySuperblock.VALIDATOR);
        return fresh.orClose(() -> {
            LibraryStore made = new LibraryStore(fresh);
            made.dataMap.create();
            made.dataMap.commit();
            fresh.commitNew(made::writeSuperblock, made::publish);
            return made;
        });
    }

    static LibraryStore open(Device device, long cacheBytes) {
        MetadataStore opened = MetadataStore.open(device, cacheBytes, LibrarySuperblock.VALIDATOR,
                LibrarySuperblock::metadataMap);
        return opened.orClose(() -> {
            LibraryStore made = new LibraryStore(opened);
            made.load(opened.readSuperblock(Committed::read));
            return made;
        });
    }

    private void load(Committed state) {
        committed = state;
        commits = state.commits();
        for (int i = 0; i < roots.length; i++) {
            roots[i].moveTo(state.roots()[i]);
        }
        dataMap.reload(state.dataMap());
    }

    private void publish() {
        committed = running();
    }

    /** What a commit would leave now. */
    private Committed running() {
        return new Committed(commits, store.spaceMap().root(), dataMap.root(),
                Arrays.stream(roots).mapToLong(TreeRoot::block).toArray());
    }

    private void writeSuperblock(MemorySegment block) {
        Committed state = running();
        LibrarySuperblock.write(block, commits, state.metadataMap(), state.dataMap(), state.roots());
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

    /** @throws io.pdata.core.device.ReadOnlyException saying why, if nothing can be changed */
    void checkWritable() {
        store.blocks().checkWritable();
    }

    /** Makes use of the device's growth. */
    void growMetadata(long extra) {
        store.blocks().resize();
        store.spaceMap().extend(extra);
    }

    /** Data map first, then the metadata map, all blocks, and the superblock. */
    void commit() {
        commits++;
        dataMap.commit();
        store.commit(this::writeSuperblock, this::publish);
    }

    void abort() {
        store.abort(committed.metadataMap());
        load(committed);
    }

    /** What the last commit contains. */
    LibraryContent committed() {
        try (ReadView<Committed> view = store.transactions().openView(() -> committed)) {
            BTreeReader reader = new BTreeReader(view, 1, Long.BYTES);
            List<SortedMap<Long, Long>> trees = new ArrayList<>();
            for (long root : view.roots().roots()) {
                trees.add(root == 0 ? null : entries(reader, root));
            }
            return new LibraryContent(view.roots().commits(), view.roots().metadataMap().blocks(),
                    view.roots().dataMap().blocks(),
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
