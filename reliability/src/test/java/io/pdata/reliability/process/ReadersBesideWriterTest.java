package io.pdata.reliability.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pdata.core.device.MemoryDevice;
import io.pdata.core.space.NoSpaceException;
import io.pdata.thin.BlockTime;
import io.pdata.thin.ThinDevice;
import io.pdata.thin.ThinMetadata;
import io.pdata.thin.ThinView;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/**
 * A pool of few metadata blocks, whose writer frees and uses again all it can, behind the smallest cache; beside it
 * readers, who look at what each view shows them again and again while it is open.
 */
class ReadersBesideWriterTest {
    private static final int BLOCKS = 250;
    private static final int VIRTUAL_BLOCKS = 5000;
    private static final int COMMITS = Boolean.getBoolean("long.tests") ? 50_000 : 1500;
    private static final int READERS = 3;
    private static final int LOOKS = 3;
    private static final int MORE_VIEWS_THAN_FIT = 1000;

    private final Map<Long, Map<Long, Long>> committed = new ConcurrentHashMap<>();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private final AtomicBoolean stop = new AtomicBoolean();
    private final AtomicLong views = new AtomicLong();
    private final TreeMap<Long, Long> mappings = new TreeMap<>();

    private static ThinMetadata pool(int blocks) {
        ThinMetadata pool = ThinMetadata.format(new MemoryDevice(blocks * 4096L), 128, 0);
        pool.space().resizeData(20_000);
        pool.createThin(1);
        pool.commit();
        return pool;
    }

    private void change(ThinMetadata pool, SplittableRandom random, int count) {
        ThinDevice thin = pool.openDevice(1);
        for (int i = 0; i < count; i++) {
            long block = random.nextLong(VIRTUAL_BLOCKS);
            if (random.nextInt(3) == 0) {
                pool.removeRange(thin, block, block + 20);
                mappings.subMap(block, block + 20).clear();
            } else {
                long data = pool.allocateDataBlock();
                pool.insert(thin, block, data);
                mappings.put(block, data);
            }
        }
        pool.closeDevice(thin);
    }

    private void commit(ThinMetadata pool) {
        pool.setTransactionId(pool.transactionId(), pool.transactionId() + 1);
        committed.put(pool.transactionId(), new TreeMap<>(mappings));
        pool.commit();
    }

    @Test
    void noViewEverChanges() throws InterruptedException {
        int commits = 0;
        try (ThinMetadata pool = pool(BLOCKS)) {
            SplittableRandom random = new SplittableRandom(1);
            change(pool, random, 2000);
            commit(pool);
            List<Thread> readers = new ArrayList<>();
            for (int i = 0; i < READERS; i++) {
                Thread reader = new Thread(() -> read(pool));
                reader.setUncaughtExceptionHandler((_, e) -> failure.compareAndSet(null, e));
                reader.start();
                readers.add(reader);
            }
            try {
                for (; commits < COMMITS || views.get() < READERS && failure.get() == null; commits++) {
                    change(pool, random, 60);
                    commit(pool);
                }
            } finally {
                stop.set(true);
                for (Thread reader : readers) {
                    reader.join();
                }
            }
        }
        assertThat(failure.get()).isNull();
        System.out.println(commits + " commits, " + views + " views, each read " + LOOKS + " times");
    }

    private void read(ThinMetadata pool) {
        while (!stop.get() && failure.get() == null) {
            try (ThinView view = pool.openView()) {
                Map<Long, Long> expected = committed.get(view.superblock().transactionId());
                for (int look = 0; look < LOOKS; look++) {
                    Map<Long, Long> found = new TreeMap<>();
                    view.forEachMapping(1, (block, data, _) -> found.put(block, data) == null);
                    assertThat(found.equals(expected)).as("look %d at commit %d is what was committed", look,
                            view.superblock().transactionId()).isTrue();
                    expected.forEach((block, data) -> assertThat(BlockTime.block(view.lookup(1, block)))
                            .isEqualTo(data));
                }
                views.incrementAndGet();
            }
        }
    }

    @Test
    void closedViewsGiveBackWhatTheyHeld() {
        try (ThinMetadata pool = pool(100)) {
            SplittableRandom random = new SplittableRandom(1);
            change(pool, random, 1000);
            commit(pool);
            int views = viewsUntilFull(pool, random);
            pool.abort();
            assertThat(views).isGreaterThan(1);
            assertThat(viewsUntilFull(pool, random)).as("views that fit again").isGreaterThan(views / 2);
        }
    }

    /** Opens a view before each commit, until what they hold back is all there is; closes them. */
    private int viewsUntilFull(ThinMetadata pool, SplittableRandom random) {
        List<ThinView> open = new ArrayList<>();
        assertThatThrownBy(() -> {
            for (int i = 0; i < MORE_VIEWS_THAN_FIT; i++) {
                open.add(pool.openView());
                change(pool, random, 100);
                commit(pool);
            }
        }).isInstanceOf(NoSpaceException.class).hasMessageContaining("open views");
        open.forEach(ThinView::close);
        return open.size();
    }
}
