package io.pdata.tools;

import io.pdata.core.block.Bytes;
import io.pdata.core.device.Device;
import io.pdata.core.device.DeviceException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Looks at every block of a device once, with several threads and large reads. Holes of sparse files are skipped, so the
 * cost is that of what is stored. Memory: {@value #PIECE} bytes for each thread.
 */
public final class DeviceScan {
    private static final int PIECE = 1 << 20;

    private final Device device;
    private final long end;
    private final Visitor visitor;
    private final AtomicLong next = new AtomicLong();

    /** What a scan calls, from several threads. */
    public interface Visitor {
        /**
         * A block that is not all zeroes; nothing in it has been verified.
         *
         * @param data valid during the call only
         */
        void block(long number, MemorySegment data);
    }

    private DeviceScan(Device device, long blocks, Visitor visitor) {
        this.device = device;
        this.end = blocks * Bytes.BLOCK_SIZE;
        this.visitor = visitor;
    }

    /**
     * Scans the first blocks of a device, in no particular order; returns when all have been seen. Blocks that the device
     * fails to read are left out.
     *
     * @param threads how many threads to use
     */
    public static void scan(Device device, long blocks, int threads, Visitor visitor) {
        DeviceScan scan = new DeviceScan(device, blocks, visitor);
        try (ExecutorService pool = Executors.newFixedThreadPool(threads, Thread.ofPlatform().name("scan").factory())) {
            List<Future<?>> running = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                running.add(pool.submit(scan::run));
            }
            for (Future<?> future : running) {
                future.get();
            }
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DeviceException(device.name() + ": looking through it was interrupted", e);
        }
    }

    private void run() {
        try (Arena arena = Arena.ofShared()) { // shared: a device may read by threads of its own
            MemorySegment buffer = arena.allocate(PIECE, Bytes.BLOCK_SIZE);
            for (long begin = next.getAndAdd(PIECE); begin < end; begin = next.getAndAdd(PIECE)) {
                long data = device.nextData(begin);
                if (data >= begin + PIECE) {
                    long resume = data / PIECE * PIECE;
                    next.accumulateAndGet(resume, Math::max);
                } else {
                    piece(begin, buffer.asSlice(0, Math.min(PIECE, end - begin)));
                }
            }
        }
    }

    private void piece(long begin, MemorySegment buffer) {
        boolean read = tryRead(begin, buffer);
        for (long at = 0; at < buffer.byteSize(); at += Bytes.BLOCK_SIZE) {
            MemorySegment block = buffer.asSlice(at, Bytes.BLOCK_SIZE);
            if ((read || tryRead(begin + at, block)) && !isZero(block)) {
                visitor.block((begin + at) / Bytes.BLOCK_SIZE, block);
            }
        }
    }

    private boolean tryRead(long position, MemorySegment target) {
        try {
            device.read(position, target);
            return true;
        } catch (DeviceException e) {
            System.getLogger(DeviceScan.class.getName()).log(System.Logger.Level.DEBUG,
                    () -> "left out of the scan: " + target.byteSize() + " bytes at " + position, e);
            return false;
        }
    }

    /** The checksum of a block of any type is in its first bytes, and that of zeroes is not zero. */
    private static boolean isZero(MemorySegment block) {
        return block.get(Bytes.U64, 0) == 0 && block.get(Bytes.U64, Long.BYTES) == 0;
    }
}
