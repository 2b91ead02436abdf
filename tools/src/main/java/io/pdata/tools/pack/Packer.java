package io.pdata.tools.pack;

import io.pdata.core.block.BlockValidator;
import io.pdata.core.block.Bytes;
import io.pdata.core.device.Device;
import io.pdata.core.store.SuperblockValidator;
import io.pdata.tools.text.OutputException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.Deflater;

/**
 * Packs metadata of any kind, as {@code thin_metadata_pack} of thin-provisioning-tools does: every block that is one by
 * its checksum, in use or not. Beyond that, every other block that is not all zeroes is kept byte by byte, because it
 * may be a damaged one, which a rescuer needs. Blocks come in the order of their numbers, so the same metadata give the
 * same file.
 *
 * <p>What a sparse file has never had written is not read. Several threads read, encode and compress a stretch of 4 MiB
 * each. Memory: 16 MiB for each thread.
 */
public final class Packer {
    private static final int UNIT = 64;
    private static final MemorySegment ZEROES = MemorySegment.ofArray(new long[Bytes.BLOCK_SIZE / Long.BYTES]);
    private static final int CHUNK = PackFormat.RECORDS_PER_FRAME;

    private final Device device;
    private final OutputStream out;
    private final AtomicLong raw = new AtomicLong();

    private Packer(Device device, OutputStream out) {
        this.device = device;
        this.out = out;
    }

    /**
     * Packs a device that is not in use. Bytes after its last whole block are left out.
     *
     * @return how many blocks are damaged, or no metadata at all
     * @throws OutputException if the output cannot be written
     */
    public static long pack(Device device, OutputStream out) {
        int threads = Math.clamp(Runtime.getRuntime().availableProcessors(), 1, 8);
        try (ExecutorService crew = Executors.newFixedThreadPool(threads,
                Thread.ofPlatform().daemon().name("pack-", 0).factory())) {
            Packer packer = new Packer(device, out);
            packer.run(crew, 2 * threads);
            return packer.raw.get();
        } catch (IOException e) {
            throw new OutputException(e);
        }
    }

    /** Whether a file that begins with these bytes is a pack file. */
    public static boolean beginsPack(byte[] start) {
        return start.length >= Long.BYTES && MemorySegment.ofArray(start).get(Bytes.U64, 0) == PackFormat.MAGIC;
    }

    /** Whether there is a superblock of some kind where metadata have theirs. */
    public static boolean beginsWithSuperblock(Device device) {
        if (device.size() < Bytes.BLOCK_SIZE) {
            return false;
        }
        try (Arena arena = Arena.ofShared()) { // shared: a device may read by threads of its own
            MemorySegment block = arena.allocate(Bytes.BLOCK_SIZE, Long.BYTES);
            device.read(0, block);
            return PackFormat.typeOf(block) instanceof SuperblockValidator;
        }
    }

    private void run(ExecutorService crew, int ahead) throws IOException {
        long blocks = device.size() / Bytes.BLOCK_SIZE;
        writeNumbers(PackFormat.MAGIC, PackFormat.VERSION, Bytes.BLOCK_SIZE, blocks);
        Deque<Future<byte[]>> frames = new ArrayDeque<>();
        try {
            for (long first = nextBlock(0); first < blocks; first = nextBlock(first)) {
                long begin = first;
                long end = Math.min(blocks, first / CHUNK * CHUNK + CHUNK);
                if (frames.size() == ahead) {
                    write(frames.remove());
                }
                frames.add(crew.submit(() -> frame(begin, end)));
                first = end;
            }
            while (!frames.isEmpty()) {
                write(frames.remove());
            }
        } finally {
            frames.forEach(frame -> frame.cancel(false));
        }
    }

    /** The first block at or after one where there may be something. */
    private long nextBlock(long block) {
        long position = block * Bytes.BLOCK_SIZE;
        return position >= device.size() ? Long.MAX_VALUE : device.nextData(position) / Bytes.BLOCK_SIZE;
    }

    private void write(Future<byte[]> future) throws IOException {
        byte[] frame = result(future);
        if (frame.length > 0) {
            writeNumbers(frame.length);
            out.write(frame);
        }
    }

    private static byte[] result(Future<byte[]> future) {
        try {
            return future.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException failure ? failure : new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while packing", e);
        }
    }

    private void writeNumbers(long... numbers) throws IOException {
        byte[] bytes = new byte[numbers.length * Long.BYTES];
        for (int i = 0; i < numbers.length; i++) {
            MemorySegment.ofArray(bytes).set(Bytes.U64, (long) i * Long.BYTES, numbers[i]);
        }
        out.write(bytes);
    }

    /** The frame with the blocks from {@code begin} on, up to {@code end}; empty if there are none. */
    private byte[] frame(long begin, long end) {
        ProgramWriter records = new ProgramWriter();
        ProgramWriter damaged = new ProgramWriter();
        try (Arena arena = Arena.ofShared()) { // shared: a device may read by threads of its own
            MemorySegment buffer = arena.allocate((long) UNIT * Bytes.BLOCK_SIZE, Long.BYTES);
            device.perform(() -> encode(begin, end, buffer, records, damaged));
        }
        ByteArrayOutputStream frame = new ByteArrayOutputStream(records.size() / 4);
        if (records.size() > 0 || damaged.size() > 0) {
            compress(records, frame);
        }
        if (damaged.size() > 0) {
            compress(damaged, frame); // other unpackers stop before it
        }
        return frame.toByteArray();
    }

    private void encode(long begin, long end, MemorySegment buffer, ProgramWriter records, ProgramWriter damaged) {
        for (long at = nextBlock(begin); at < end; at = nextBlock(at)) {
            int n = (int) Math.min(UNIT, end - at);
            device.read(at * Bytes.BLOCK_SIZE, buffer.asSlice(0, (long) n * Bytes.BLOCK_SIZE));
            for (int i = 0; i < n; i++) {
                MemorySegment block = buffer.asSlice((long) i * Bytes.BLOCK_SIZE, Bytes.BLOCK_SIZE);
                BlockValidator type = PackFormat.typeOf(block);
                if (type != null) {
                    records.block(at + i, type, block);
                } else if (block.mismatch(ZEROES) >= 0) {
                    damaged.rawBlock(at + i, block);
                    raw.incrementAndGet();
                }
            }
            at += n;
        }
    }

    private static void compress(ProgramWriter records, ByteArrayOutputStream bytes) {
        byte[] buffer = new byte[1 << 16];
        try (Deflater deflater = new Deflater()) {
            deflater.setInput(records.bytes(), 0, records.size());
            deflater.finish();
            while (!deflater.finished()) {
                bytes.write(buffer, 0, deflater.deflate(buffer));
            }
        }
    }
}
