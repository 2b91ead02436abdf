package io.pdata.core.btree;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.core.transaction.ReadView;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/**
 * Lookups on views, in a cache far smaller than the tree, while a writer changes the tree: frames are reused under the
 * readers' hands all the time. A lookup that believes what it has not validated returns values of other nodes here.
 */
class ConcurrentLookupTest {
    private static final int ENTRIES = 60_000;
    private static final int READERS = 3;
    private static final int LOOKUPS = 60_000;

    private static long valueOf(long key) {
        return key * 0x9E3779B97F4A7C15L;
    }

    @Test
    void readersOfACommittedTreeSeeAllOfItAndNothingElse() throws InterruptedException {
        try (TreeLab lab = new TreeLab(4000, 0)) {
            BTree btree = new BTree(lab.transactions, 1, ValueType.plain(8));
            TreeBuilder builder = new TreeBuilder(lab.transactions, ValueType.plain(8));
            for (long key = 0; key < ENTRIES; key++) {
                builder.addLong(2 * key, valueOf(2 * key));
            }
            TreeRoot root = builder.finish();
            lab.commit();
            AtomicReference<Throwable> failure = new AtomicReference<>();
            AtomicInteger running = new AtomicInteger(READERS);
            try (ReadView<Long> view = lab.transactions.openView(root::block)) {
                long[] clone = {root.block()};
                lab.transactions.inc(clone[0]);
                List<Thread> readers = startReaders(view, failure, running);
                TreeRoot changing = new TreeRoot(clone[0]);
                SplittableRandom random = new SplittableRandom(1);
                while (running.get() > 0) {
                    btree.insertLong(changing, 2 * random.nextLong(ENTRIES) + random.nextInt(2), -1);
                }
                for (Thread reader : readers) {
                    reader.join();
                }
            }
            assertThat(failure.get()).isNull();
        }
    }

    private static List<Thread> startReaders(ReadView<Long> view, AtomicReference<Throwable> failure,
            AtomicInteger running) {
        BTreeReader tree = new BTreeReader(view, 1, 8);
        List<Thread> readers = new ArrayList<>();
        for (int i = 0; i < READERS; i++) {
            SplittableRandom random = new SplittableRandom(100 + i);
            readers.add(Thread.ofPlatform().start(() -> {
                try {
                    for (int n = 0; n < LOOKUPS && failure.get() == null; n++) {
                        long key = random.nextLong(2 * ENTRIES);
                        long expected = key % 2 == 0 ? valueOf(key) : -1;
                        long found = tree.lookupLong(view.roots(), key, -1);
                        if (found != expected) {
                            throw new AssertionError("key " + key + ": " + found);
                        }
                    }
                } catch (RuntimeException | AssertionError e) {
                    failure.set(e);
                } finally {
                    running.decrementAndGet();
                }
            }));
        }
        return readers;
    }
}
