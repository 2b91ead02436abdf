package io.pdata.core.block;

import io.pdata.core.device.EngineThread;
import io.pdata.core.device.PersistentDataException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Reads blocks ahead of their use, on threads of its own. Requests that find the queue full are dropped. */
final class Prefetcher implements AutoCloseable {
    private static final int THREADS = 2;
    private static final int QUEUE = 512;

    private final BlockManager manager;
    private final ThreadPoolExecutor pool;

    Prefetcher(BlockManager manager) {
        this.manager = manager;
        pool = new ThreadPoolExecutor(THREADS, THREADS, 2, TimeUnit.SECONDS, new ArrayBlockingQueue<>(QUEUE),
                EngineThread.factory("prefetch"), new ThreadPoolExecutor.DiscardPolicy());
        pool.allowCoreThreadTimeOut(true);
    }

    void request(long number) {
        pool.execute(() -> {
            try {
                manager.load(number);
            } catch (PersistentDataException e) {
                // Only a hint was asked for: whoever needs the block meets the same error, and can report it.
                System.getLogger(Prefetcher.class.getName()).log(System.Logger.Level.DEBUG,
                        () -> "prefetch of block " + number + " failed", e);
            }
        });
    }

    @Override
    public void close() {
        pool.getQueue().clear();
        pool.close();
    }
}
