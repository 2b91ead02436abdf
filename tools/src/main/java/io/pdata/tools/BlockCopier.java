package io.pdata.tools;

import io.pdata.core.device.Device;
import io.pdata.core.device.DeviceException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Copies blocks from one device to another, or within one, with several threads. What cannot be copied at once is tried
 * again block by block; then it is told of and left out.
 *
 * <p>Memory: the copy buffers, at most {@value #LARGEST_PIECE} bytes for each of {@value #THREADS} threads. Copies that
 * are under way at the same time must not overlap. Used by one thread at a time.
 */
public final class BlockCopier implements AutoCloseable {
    private static final int THREADS = 4;
    private static final long LARGEST_PIECE = 4 << 20;
    private static final long SMALLEST_PIECE = 64 << 10;
    private static final int AHEAD = 16 * THREADS;

    private final Device source;
    private final long sourceOffset;
    private final Device target;
    private final long targetOffset;
    private final long blockBytes;
    private final int pieceBytes;
    private final int retries;
    private final Listener listener;
    private final Arena arena = Arena.ofShared(); // shared: a device may read by threads of its own
    private final BlockingQueue<MemorySegment> buffers = new ArrayBlockingQueue<>(THREADS);
    private final Deque<Future<?>> underWay = new ArrayDeque<>();
    private final ExecutorService crew = Executors.newFixedThreadPool(THREADS,
            Thread.ofPlatform().daemon().name("copy-", 0).factory());

    /** Is told how it goes. Several threads call at once. */
    public interface Listener {
        /** Some blocks have been copied. */
        void copied(long blocks);

        /** A block could not be copied. */
        void failed(long sourceBlock, long targetBlock, String reason);
    }

    /**
     * @param sourceOffset where block 0 is on the source, in bytes; the same for the target
     * @param blockBytes the size of a block
     * @param bufferBytes how much memory to use, within bounds
     * @param retries how often to try a single block again
     */
    public BlockCopier(Device source, long sourceOffset, Device target, long targetOffset, long blockBytes,
            long bufferBytes, int retries, Listener listener) {
        if (blockBytes <= 0) {
            throw new ToolException("a block size of " + blockBytes + " bytes");
        }
        this.source = source;
        this.sourceOffset = sourceOffset;
        this.target = target;
        this.targetOffset = targetOffset;
        this.blockBytes = blockBytes;
        this.pieceBytes = (int) Math.clamp(bufferBytes / THREADS, SMALLEST_PIECE, LARGEST_PIECE);
        this.retries = retries;
        this.listener = listener;
        for (int i = 0; i < THREADS; i++) {
            buffers.add(arena.allocate(pieceBytes, Long.BYTES));
        }
    }

    /** Begins to copy some blocks that follow each other. Waits if there is much under way already. */
    public void copy(long from, long to, long blocks) {
        long most = Math.max(1, pieceBytes / blockBytes);
        for (long done = 0; done < blocks;) {
            long first = done;
            long n = Math.min(most, blocks - done);
            if (underWay.size() == AHEAD) {
                await(underWay.remove());
            }
            underWay.add(crew.submit(() -> copyRun(from + first, to + first, n)));
            done += n;
        }
    }

    /** Returns when all that has been begun is done. */
    public void await() {
        while (!underWay.isEmpty()) {
            await(underWay.remove());
        }
    }

    /** Returns when all that has been begun is done and durable. */
    public void finish() {
        await();
        target.flush();
    }

    private static void await(Future<?> copy) {
        try {
            copy.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException failure ? failure : new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ToolException("interrupted while copying", e);
        }
    }

    private void copyRun(long from, long to, long blocks) {
        try {
            MemorySegment buffer = buffers.take();
            try {
                if (blocks == 1 || !attempt(from, to, blocks, buffer, null)) {
                    for (long i = 0; i < blocks; i++) {
                        copyBlock(from + i, to + i, buffer);
                    }
                }
            } finally {
                buffers.add(buffer);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ToolException("interrupted while copying", e);
        }
    }

    private void copyBlock(long from, long to, MemorySegment buffer) {
        String[] reason = new String[1];
        for (int attempt = -1; attempt <= retries; attempt++) {
            if (attempt(from, to, 1, buffer, reason)) {
                return;
            }
        }
        listener.failed(from, to, reason[0]);
    }

    private boolean attempt(long from, long to, long blocks, MemorySegment buffer, String[] reason) {
        try {
            for (long done = 0; done < blocks * blockBytes; done += pieceBytes) {
                MemorySegment piece = buffer.asSlice(0, Math.min(pieceBytes, blocks * blockBytes - done));
                source.read(sourceOffset + Math.addExact(Math.multiplyExact(from, blockBytes), done), piece);
                target.write(targetOffset + Math.addExact(Math.multiplyExact(to, blockBytes), done), piece);
            }
            listener.copied(blocks);
            return true;
        } catch (DeviceException | IndexOutOfBoundsException | ArithmeticException e) {
            if (reason != null) {
                reason[0] = e instanceof DeviceException ? e.getMessage() : "beyond the end of the device";
            }
            return false;
        }
    }

    @Override
    public void close() {
        crew.close();
        arena.close();
    }
}
