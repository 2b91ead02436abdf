package io.pdata.core.btree;

import io.pdata.core.block.BlockSet;
import io.pdata.core.device.EngineThread;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;

/**
 * Threads that go through a set of blocks together, each taking the next stretch of the device in turn. What is too small to
 * share is left to the caller's own thread: starting another takes longer than a few blocks do.
 */
final class WalkCrew implements AutoCloseable {
    /** Blocks in a stretch: a megabyte, so that a thread's reads follow one another on the device. */
    private static final int STRETCH = 256;
    /** Below this a second thread costs more than it helps. */
    private static final int WORTH_SHARING = 64;

    private final int threads;
    private final ExecutorService pool;

    WalkCrew(int threads) {
        this.threads = threads;
        this.pool = Executors.newFixedThreadPool(threads, EngineThread.factory("walk"));
    }

    /**
     * Calls {@code step} for each block of a set, of large ones by several threads at once. Blocks that the step itself
     * takes out of the set are passed by. What a step throws ends the pass and is thrown here.
     */
    void forEach(BlockSet set, IntConsumer step) {
        if (set.size() >= WORTH_SHARING) {
            share(set, step);
        } else {
            for (int b = set.next(0); b >= 0; b = set.next(b + 1)) {
                step.accept(b);
            }
        }
    }

    private void share(BlockSet set, IntConsumer step) {
        AtomicInteger next = new AtomicInteger();
        Runnable work = () -> {
            int begin;
            while ((begin = next.getAndAdd(STRETCH)) < set.capacity() && begin >= 0) {
                int end = Math.min(begin + STRETCH, set.capacity());
                for (int b = set.next(begin); b >= 0 && b < end; b = set.next(b + 1)) {
                    step.accept(b);
                }
            }
        };
        List<Future<?>> running = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            running.add(pool.submit(() -> {
                try {
                    work.run();
                } finally {
                    // Where one has failed the others need not go on; where it has not, there is nothing left.
                    next.set(set.capacity());
                }
            }));
        }
        await(running);
    }

    private static void await(List<Future<?>> running) {
        boolean interrupted = false;
        Throwable failure = null;
        for (Future<?> future : running) {
            while (true) {
                try {
                    future.get();
                    break;
                } catch (InterruptedException e) {
                    interrupted = true;
                } catch (ExecutionException e) {
                    failure = failure == null ? e.getCause() : failure;
                    break;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        switch (failure) {
        case null -> {
        }
        case RuntimeException e -> throw e;
        case Error e -> throw e;
        default -> throw new IllegalStateException(failure);
        }
    }

    @Override
    public void close() {
        pool.shutdown();
    }
}
