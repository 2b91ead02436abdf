package io.pdata.stress;

import io.pdata.core.block.BlockValidator;
import io.pdata.core.btree.BTree;
import io.pdata.core.btree.BTreeReader;
import io.pdata.core.btree.TreeRoot;
import io.pdata.core.btree.ValueType;
import io.pdata.core.device.MemoryDevice;
import io.pdata.core.space.SpaceMapRoot;
import io.pdata.core.store.MetadataStore;
import io.pdata.core.transaction.ReadView;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;

/**
 * A tree several times as large as the cache that it is read through, so that every lookup throws another's frame out; and
 * a writer that changes all of it, on a device so small that freed blocks are used again at once. Each commit sets every
 * key that it touches to the number of the commit; a {@link View} knows what it has to find.
 *
 * <p>Reading is for any thread; the writer's methods exclude each other.
 */
final class CrowdedStore {
    private static final int BLOCKS = 700;
    private static final int KEYS = 20_000;
    private static final int CHANGES = 40;
    private static final int SPACE_MAP = 64;

    private static final BlockValidator SUPERBLOCK = new BlockValidator("stress superblock", 20062, 8) {
        @Override
        protected void checkHeader(MemorySegment block, long number) {}
    };

    /** What a commit left. */
    private record State(SpaceMapRoot spaceMap, long root, long[] values) {}

    private final MetadataStore store;
    private final BTree tree;
    private final TreeRoot root;
    private final SplittableRandom random = new SplittableRandom(1);
    private long[] values = new long[KEYS];
    private long commits;
    private volatile State committed;

    CrowdedStore() {
        store = MetadataStore.format(new MemoryDevice((long) BLOCKS << 12), 0, SUPERBLOCK);
        tree = new BTree(store.transactions(), 1, ValueType.plain(Long.BYTES));
        root = tree.empty();
        for (int key = 0; key < KEYS; key++) {
            tree.insertLong(root, key, 0);
        }
        store.commitNew(this::write, () -> committed = running());
    }

    /** Changes some keys, and commits that. */
    synchronized void change() {
        commits++;
        values = values.clone();
        for (int i = 0; i < CHANGES; i++) {
            int key = random.nextInt(KEYS);
            values[key] = commits;
            tree.insertLong(root, key, commits);
        }
        commit();
    }

    /** Changes some keys, and rolls that back. */
    synchronized void changeInVain() {
        for (int i = 0; i < CHANGES; i++) {
            tree.insertLong(root, random.nextInt(KEYS), -2);
        }
        store.abort(committed.spaceMap());
        root.moveTo(committed.root());
    }

    private void commit() {
        store.commit(this::write, () -> committed = running());
    }

    private State running() {
        return new State(store.spaceMap().root(), root.block(), values);
    }

    private void write(MemorySegment superblock) {
        store.spaceMap().root().write(superblock, SPACE_MAP);
    }

    /** Opens a view of the last commit. */
    View open() {
        return new View(store.transactions().openView(() -> committed));
    }

    /** A committed state, and what is to be found in it. */
    static final class View implements AutoCloseable {
        private final ReadView<State> view;
        private final BTreeReader reader;

        private View(ReadView<State> view) {
            this.view = view;
            this.reader = new BTreeReader(view, 1, Long.BYTES);
        }

        /** Whether a key has the value it had when the view was opened. */
        boolean right(int key) {
            int index = Math.floorMod(key, KEYS);
            return reader.lookupLong(view.roots().root(), index, -1) == view.roots().values()[index];
        }

        @Override
        public void close() {
            view.close();
        }
    }
}
