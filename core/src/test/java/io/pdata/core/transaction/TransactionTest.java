package io.pdata.core.transaction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pdata.core.btree.BTree;
import io.pdata.core.btree.BTreeReader;
import io.pdata.core.btree.NodeValidator;
import io.pdata.core.btree.ValueType;
import io.pdata.core.space.NoSpaceException;
import io.pdata.core.testing.TestStore;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Copy-on-write, commit, roll-back and views, seen through a tree over the real metadata space map. */
class TransactionTest {
    private static final int ENTRIES = 5000;

    private final TestStore store = TestStore.format(500);
    private final BTree tree = new BTree(store.transactions(), 1, ValueType.plain(8));

    @BeforeEach
    void fill() {
        store.root(0).moveTo(tree.empty().block());
        setAll(1);
        store.commit();
    }

    @AfterEach
    void close() {
        store.close();
    }

    private void setAll(long generation) {
        for (int key = 0; key < ENTRIES; key++) {
            tree.insertLong(store.root(0), key, generation);
        }
    }

    private void verify() {
        store.verify(references -> references.tree(store.root(0), 1));
    }

    /** Otherwise a writer would soon have its cache full of blocks that nobody will read again. */
    @Test
    void whatACommitFreesLeavesTheCacheUnlessAViewMayWantIt() {
        long first = store.root(0).block();
        setAll(2);
        assertThat(store.transactions().cached(first)).as("a roll-back would want it").isNotNull();
        store.commit();
        assertThat(store.transactions().cached(first)).isNull();
        long second = store.root(0).block();
        try (ReadView<long[]> _ = store.openView()) {
            setAll(3);
            store.commit();
            assertThat(store.transactions().cached(second)).isNotNull();
        }
    }

    @Test
    void aBlockIsShadowedOncePerTransaction() {
        tree.insertLong(store.root(0), 1, 2);
        long root = store.root(0).block();
        long free = store.spaceMap().free();
        tree.insertLong(store.root(0), 1, 3);
        tree.insertLong(store.root(0), 2, 3);
        assertThat(store.root(0).block()).isEqualTo(root);
        assertThat(store.spaceMap().free()).isEqualTo(free);
        store.commit();
        tree.insertLong(store.root(0), 1, 4);
        assertThat(store.root(0).block()).as("a committed block is copied").isNotEqualTo(root);
    }

    @Test
    void aCommitIsTwoFlushes() {
        tree.insertLong(store.root(0), 1, 2);
        long before = store.blocks().stats().flushes();
        store.commit();
        assertThat(store.blocks().stats().flushes() - before).isEqualTo(2);
    }

    /** Everything of the next transaction on disk but its superblock: the previous one must still be whole. */
    @Test
    void aCrashBeforeTheSuperblockLeavesTheLastCommit() {
        setAll(2);
        store.transactions().preCommit();
        try (TestStore crashed = TestStore.open(store.device().copy())) {
            BTree found = new BTree(crashed.transactions(), 1, ValueType.plain(8));
            for (int key = 0; key < ENTRIES; key++) {
                assertThat(found.lookupLong(crashed.root(0).block(), key, -1)).isEqualTo(1);
            }
            crashed.verify(references -> references.tree(crashed.root(0), 1));
        }
    }

    @Test
    void abortGoesBackToTheLastCommit() {
        setAll(2);
        tree.delete(store.root(0).block());
        store.abort();
        for (int key = 0; key < ENTRIES; key++) {
            assertThat(tree.lookupLong(store.root(0).block(), key, -1)).isEqualTo(1);
        }
        verify();
        setAll(3);
        store.commit();
        assertThat(tree.lookupLong(store.root(0).block(), 7, -1)).isEqualTo(3);
        verify();
    }

    @Test
    void aCloneCostsOneReferenceAndDivergesWhenWritten() {
        long free = store.spaceMap().free();
        store.transactions().inc(store.root(0).block());
        store.root(1).moveTo(store.root(0).block());
        assertThat(store.spaceMap().free()).isGreaterThanOrEqualTo(free - 1);
        tree.insertLong(store.root(1), 10, 99);
        store.commit();
        assertThat(tree.lookupLong(store.root(0).block(), 10, -1)).isEqualTo(1);
        assertThat(tree.lookupLong(store.root(1).block(), 10, -1)).isEqualTo(99);
        store.verify(references -> {
            references.tree(store.root(0), 1);
            references.tree(store.root(1), 1);
        });
    }

    @Test
    void runningOutOfSpaceLeavesTheLastCommitIntact() {
        NoSpaceException failure = null;
        for (int clone = 1; failure == null; clone++) {
            try {
                setAll(clone + 1);
                store.transactions().inc(store.root(0).block()); // never given back: the device must fill up
                store.commit();
            } catch (NoSpaceException e) {
                failure = e;
            }
            assertThat(clone).isLessThan(500);
        }
        assertThat(failure.spaceMap()).isEqualTo("metadata space map");
        assertThat(failure.blocks()).isEqualTo(500);
        assertThat(failure).hasMessageContaining("metadata space map").hasMessageContaining("of 500 blocks free");
        store.abort();
        long generation = tree.lookupLong(store.root(0).block(), 0, -1);
        for (int key = 0; key < ENTRIES; key++) {
            assertThat(tree.lookupLong(store.root(0).block(), key, -1)).isEqualTo(generation);
        }
    }

    @Test
    void aViewSeesItsCommitWhateverTheWriterDoes() {
        try (ReadView<long[]> view = store.openView()) {
            BTreeReader reader = new BTreeReader(view, 1, 8);
            for (int generation = 2; generation < 6; generation++) {
                setAll(generation);
                store.commit();
                for (int key = 0; key < ENTRIES; key += 7) {
                    assertThat(reader.lookupLong(view.roots()[0], key, -1)).isEqualTo(1);
                }
            }
        }
        verify();
    }

    @Test
    void closingTheLastViewGivesItsBlocksBack() {
        ReadView<long[]> view = store.openView();
        long viewed = view.roots()[0];
        for (int generation = 2; generation < 300; generation++) {
            tree.insertLong(store.root(0), 0, generation);
            store.commit();
            assertThat(store.root(0).block()).as("the root that the view reads").isNotEqualTo(viewed);
        }
        view.close();
        boolean reused = false;
        for (int generation = 300; generation < 700 && !reused; generation++) {
            tree.insertLong(store.root(0), 0, generation);
            store.commit();
            reused = store.root(0).block() == viewed;
        }
        assertThat(reused).as("allocation comes round to the block once nobody can see it").isTrue();
    }

    @Test
    void aClosedViewRefusesToRead() {
        ReadView<long[]> view = store.openView();
        BTreeReader reader = new BTreeReader(view, 1, 8);
        view.close();
        view.close();
        assertThatThrownBy(() -> reader.lookupLong(view.roots()[0], 1, -1)).isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
    }

    /** Each commit sets all keys to one generation; a reader that ever saw two would have read a block being reused. */
    @Test
    void readersBesideAWriterThatReusesBlocksSeeOneGeneration() throws InterruptedException {
        AtomicBoolean stop = new AtomicBoolean();
        AtomicReference<Throwable> failure = new AtomicReference<>();
        List<Thread> readers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            SplittableRandom random = new SplittableRandom(i);
            Thread reader = new Thread(() -> {
                while (!stop.get()) {
                    readOneGeneration(random);
                }
            });
            reader.setUncaughtExceptionHandler((_, e) -> failure.compareAndSet(null, e));
            readers.add(reader);
            reader.start();
        }
        for (int generation = 2; generation < 120 && failure.get() == null; generation++) {
            setAll(generation);
            store.commit();
        }
        stop.set(true);
        for (Thread reader : readers) {
            reader.join();
        }
        assertThat(failure.get()).isNull();
        verify();
    }

    private void readOneGeneration(SplittableRandom random) {
        try (ReadView<long[]> view = store.openView()) {
            BTreeReader reader = new BTreeReader(view, 1, 8);
            long generation = reader.lookupLong(view.roots()[0], 0, -1);
            for (int i = 0; i < 200; i++) {
                assertThat(reader.lookupLong(view.roots()[0], random.nextInt(ENTRIES), -1)).isEqualTo(generation);
            }
        }
    }

    @Test
    void aDroppedReferenceIsCounted() {
        long root = store.root(0).block();
        store.transactions().inc(root);
        assertThat(store.transactions().count(root)).isEqualTo(2);
        store.transactions().dec(root);
        assertThat(store.transactions().count(root)).isEqualTo(1);
        store.transactions().inc(root, root + 1);
        store.transactions().dec(root, root + 1);
        assertThat(store.transactions().count(root)).isEqualTo(1);
    }

    /** A copy whose children could not be counted must not stay locked. */
    @Test
    void aCopyIsUnlockedWhenItsChildrenCannotBeCounted() {
        long root = store.root(0).block();
        store.transactions().inc(root);
        long[] copied = new long[1];
        assertThatThrownBy(() -> store.transactions().shadow(root, NodeValidator.NODE, copy -> {
            copied[0] = copy.number();
            throw new NoSpaceException("some map", 0, 1);
        })).isInstanceOf(NoSpaceException.class);
        store.blocks().readLock(copied[0], NodeValidator.NODE).close();
        store.abort();
        verify();
    }

    @Test
    void aClosedViewRefusesEverything() {
        ReadView<long[]> view = store.openView();
        long root = view.roots()[0];
        view.close();
        assertThatThrownBy(() -> view.cached(root)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> view.readLock(root, NodeValidator.NODE)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> view.prefetch(root)).isInstanceOf(IllegalStateException.class);
    }
}
