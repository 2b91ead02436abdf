package io.pdata.core.mistakes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pdata.core.btree.BTree;
import io.pdata.core.btree.ValueType;
import io.pdata.core.testing.TestStore;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A transaction may pass from thread to thread between two changes, and is never changed by two at once. */
class TwoThreadsTest {
    private static final int EACH = 20_000;

    private final TestStore store = TestStore.format(4000);
    private final BTree tree = new BTree(store.transactions(), 1, ValueType.plain(8));

    @BeforeEach
    void makeTree() {
        store.root(0).moveTo(tree.empty().block());
        for (int key = 0; key < 100; key++) {
            tree.insertLong(store.root(0), key, 1);
        }
        store.commit();
    }

    @AfterEach
    void close() {
        store.close();
    }

    private void inAnotherThread(Runnable work) {
        try {
            CompletableFuture.runAsync(work).join();
        } catch (CompletionException e) {
            throw (RuntimeException) e.getCause();
        }
    }

    @Test
    void aSecondThreadIsRefusedInTheMiddleOfAChange() {
        tree.overwrite(store.root(0), 5, (_, _) -> {
            for (Runnable change : List.<Runnable>of(() -> tree.insertLong(store.root(0), 6, 1),
                    () -> new BTree(store.transactions(), 1, ValueType.plain(8)).empty(),
                    () -> store.transactions().inc(1), () -> store.spaceMap().newBlock(),
                    () -> store.dataMap().create(),
                    () -> store.transactions().preCommit(), store::abort)) {
                assertThatThrownBy(() -> inAnotherThread(change)).isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("thread '" + Thread.currentThread().getName() + "'");
            }
        });
        tree.insertLong(store.root(0), 5000, 1);
        store.commit();
        store.verify(references -> references.tree(store.root(0), 1));
    }

    @Test
    void theNextChangeMayBeAnotherThreads() {
        for (int i = 0; i < 50; i++) {
            int key = 1000 + i;
            inAnotherThread(() -> tree.insertLong(store.root(0), key, 1));
            tree.insertLong(store.root(0), 2000 + i, 1);
        }
        inAnotherThread(store::commit);
        store.verify(references -> references.tree(store.root(0), 1));
        assertThat(tree.lookupLong(store.root(0).block(), 1049, -1)).isEqualTo(1);
    }

    /** Accepted changes are there, refused ones are not, and the counts are right. */
    @Test
    void twoThreadsThatDoNotAskForALockDoNoHarm() throws Exception {
        AtomicLong accepted = new AtomicLong();
        AtomicLong refused = new AtomicLong();
        List<Future<?>> threads = new ArrayList<>();
        BTree other = new BTree(store.transactions(), 1, ValueType.plain(8));
        store.root(1).moveTo(other.empty().block());
        try (ExecutorService executor = Executors.newFixedThreadPool(2)) {
            for (int thread = 0; thread < 2; thread++) {
                BTree mine = thread == 0 ? tree : other;
                int root = thread;
                threads.add(executor.submit(() -> {
                    for (int i = 0; i < EACH; i++) {
                        try {
                            mine.insertLong(store.root(root), 1_000_000L + i, i);
                            accepted.incrementAndGet();
                        } catch (IllegalStateException e) {
                            refused.incrementAndGet();
                        }
                    }
                }));
            }
        }
        for (Future<?> thread : threads) {
            thread.get();
        }
        assertThat(accepted.get() + refused.get()).isEqualTo(2 * EACH);
        assertThat(store.transactions().failed()).isFalse();
        store.commit();
        store.verify(references -> {
            references.tree(store.root(0), 1);
            references.tree(store.root(1), 1);
        });
        long[] found = new long[1];
        for (int root = 0; root < 2; root++) {
            tree.walk(store.root(root).block(), (key, _, _) -> {
                found[0] += key >= 1_000_000 ? 1 : 0;
                return true;
            });
        }
        assertThat(found[0]).isEqualTo(accepted.get());
    }
}
