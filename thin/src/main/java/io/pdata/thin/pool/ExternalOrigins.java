package io.pdata.thin.pool;

import io.pdata.core.device.DeviceException;
import io.pdata.core.device.EngineThread;
import io.pdata.core.device.FileDevice.Access;
import io.pdata.core.device.FileDevice;
import io.pdata.thin.ThinRequestException.Reason;
import io.pdata.thin.ThinRequestException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The files and devices that volumes show where nothing has been written to them. Each is opened once, for reading only and
 * with a lock that keeps writers of this library away, when the first volume needs it, and stays open.
 *
 * <p>A path names whatever its owner likes, on any file system: opening one is left to a thread of its own, and is waited for
 * a few seconds at most. Callers hold no lock of the pool. Thread-safe.
 */
final class ExternalOrigins implements AutoCloseable {
    private static final ThreadFactory THREADS = EngineThread.factory("origin");
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final Map<String, CompletableFuture<FileDevice>> devices = new HashMap<>();
    private boolean closed;

    /**
     * The whole path of a file; empty for an empty one.
     *
     * @throws ThinRequestException INVALID: no file can have it
     */
    static String absolute(String path) {
        try {
            return path.isEmpty() ? "" : Path.of(path).toAbsolutePath().toString();
        } catch (InvalidPathException e) {
            throw new ThinRequestException(Reason.INVALID, "external origin: not a path: " + e.getReason());
        }
    }

    /**
     * The device with this path; null for an empty one.
     *
     * @param bytes the size that it had when the volume was created; 0 if that is not known
     * @throws DeviceException if it is neither a regular file nor a block device, cannot be opened, or does not answer
     */
    ExternalOrigin get(String path, long bytes) {
        return path.isEmpty() ? null : new ExternalOrigin(opened(path), bytes);
    }

    private FileDevice opened(String path) {
        CompletableFuture<FileDevice> opening = opening(path);
        try {
            return opening.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            synchronized (this) {
                devices.remove(path, opening);
            }
            throw new DeviceException("external origin " + e.getCause().getMessage(), e.getCause());
        } catch (TimeoutException e) {
            throw new DeviceException(
                    "external origin " + path + ": cannot be opened: its file system has not answered for "
                            + PATIENCE.toSeconds() + " s",
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DeviceException("external origin " + path + ": opening it was interrupted", e);
        }
    }

    private synchronized CompletableFuture<FileDevice> opening(String path) {
        if (closed) {
            throw new IllegalStateException("the pool has been closed");
        }
        return devices.computeIfAbsent(path, ExternalOrigins::begin);
    }

    private static CompletableFuture<FileDevice> begin(String path) {
        CompletableFuture<FileDevice> opening = new CompletableFuture<>();
        THREADS.newThread(() -> {
            try {
                FileDevice device = FileDevice.open(Path.of(path), Access.READ_ONLY);
                if (!opening.complete(device)) {
                    device.close(); // the pool has been closed
                }
            } catch (Throwable e) {
                opening.completeExceptionally(e);
            }
        }).start();
        return opening;
    }

    /** Closes all devices; does not wait for long for one whose file system does not answer. */
    @Override
    public void close() {
        CompletableFuture<?>[] closing;
        synchronized (this) {
            closed = true;
            closing = devices.values().stream().map(ExternalOrigins::end).toArray(CompletableFuture[]::new);
            devices.clear();
        }
        try {
            CompletableFuture.allOf(closing).get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            return; // they were only read
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static CompletableFuture<Void> end(CompletableFuture<FileDevice> opening) {
        opening.completeExceptionally(new DeviceException("the pool has been closed"));
        return opening.isCompletedExceptionally()
                ? CompletableFuture.completedFuture(null)
                : opening.thenAcceptAsync(FileDevice::close, work -> THREADS.newThread(work).start());
    }
}
