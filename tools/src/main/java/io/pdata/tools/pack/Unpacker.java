package io.pdata.tools.pack;

import io.pdata.core.block.BlockSet;
import io.pdata.core.block.Bytes;
import io.pdata.core.device.Device;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Unpacks pack files, as {@code thin_metadata_unpack} of thin-provisioning-tools does. Nothing in a file is believed: each
 * block must come once, and be what its checksum says unless it is among the damaged ones. Block 0, the superblock, is written when all others are durable, so a
 * run that fails leaves nothing that looks like metadata.
 *
 * <p>Several threads decode a frame each. Memory: two frames of at most {@value #LARGEST_FRAME} bytes for each thread, and a
 * bit for each block.
 */
public final class Unpacker {
    /** A frame is 1024 blocks, and these are smaller compressed than they are. */
    static final int LARGEST_FRAME = 16 << 20;

    /** A device of 1 TiB: far more than any kind of metadata can use. */
    private static final long MOST_BLOCKS = 1L << 28;
    private static final int RUN = 64;
    /** Frames, of 4 MiB of blocks each. */
    private static final int FLUSH_EVERY = 8;

    private final InputStream in;
    private final long blocks;
    private final BlockSet seen;
    private byte[] superblock;

    private Unpacker(InputStream in, long blocks) {
        this.in = in;
        this.blocks = blocks;
        this.seen = new BlockSet(blocks);
    }

    /**
     * Reads the header of a pack file.
     *
     * @throws PackException if it is none, or of another version
     */
    public static Unpacker open(InputStream in) {
        MemorySegment header = MemorySegment.ofArray(bytes(in, PackFormat.HEADER));
        if (header.get(Bytes.U64, 0) != PackFormat.MAGIC) {
            throw new PackException("Not a pack file");
        }
        if (header.get(Bytes.U64, 8) != PackFormat.VERSION) {
            throw new PackException(
                    "unsupported pack file version (" + Long.toUnsignedString(header.get(Bytes.U64, 8)) + ").");
        }
        if (header.get(Bytes.U64, 16) != Bytes.BLOCK_SIZE) {
            throw new PackException("block size is not " + Bytes.BLOCK_SIZE);
        }
        long blocks = header.get(Bytes.U64, 24);
        if (blocks < 1 || blocks > MOST_BLOCKS) {
            throw new PackException("the pack file is said to be of " + Long.toUnsignedString(blocks) + " blocks");
        }
        return new Unpacker(in, blocks);
    }

    /** How many bytes the packed device had. */
    public long size() {
        return blocks * Bytes.BLOCK_SIZE;
    }

    /**
     * Writes all blocks to a device that reads as zeroes.
     *
     * @throws PackException if the file is damaged
     */
    public void unpackTo(Device device) {
        int threads = Math.clamp(Runtime.getRuntime().availableProcessors(), 1, 8);
        try (ExecutorService crew = pool(threads, "unpack-"); ExecutorService flusher = pool(1, "flush-")) {
            unpackFrames(device, crew, 2 * threads, flusher);
        }
        device.flush();
        if (superblock != null) {
            writeSuperblock(device, superblock);
            device.flush();
        }
    }

    private static ExecutorService pool(int threads, String name) {
        return Executors.newFixedThreadPool(threads, Thread.ofPlatform().daemon().name(name, 0).factory());
    }

    /** Flushes from time to time: the disk then works while the rest is decoded, and has less left to do at the end. */
    private void unpackFrames(Device device, ExecutorService crew, int ahead, ExecutorService flusher) {
        Deque<Future<?>> frames = new ArrayDeque<>();
        Deque<Future<?>> flushes = new ArrayDeque<>();
        try {
            int count = 0;
            for (byte[] frame = nextFrame(); frame != null; frame = nextFrame()) {
                byte[] current = frame;
                if (frames.size() == ahead) {
                    await(frames.remove());
                }
                frames.add(crew.submit(() -> device.perform(() -> decode(current, device))));
                if (++count % FLUSH_EVERY == 0) {
                    flushes.add(flusher.submit(device::flush));
                }
            }
            frames.forEach(Unpacker::await);
            flushes.forEach(Unpacker::await);
        } finally {
            frames.forEach(frame -> frame.cancel(false));
            flushes.forEach(flush -> flush.cancel(false));
        }
    }

    private static void await(Future<?> future) {
        try {
            future.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException failure ? failure : new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while unpacking", e);
        }
    }

    private byte[] nextFrame() {
        byte[] prefix = read(in, Long.BYTES);
        if (prefix.length == 0) {
            return null;
        }
        if (prefix.length < Long.BYTES) {
            throw cutOff();
        }
        long length = MemorySegment.ofArray(prefix).get(Bytes.U64, 0);
        if (length < 0 || length > LARGEST_FRAME) {
            throw new PackException("a frame is said to have " + Long.toUnsignedString(length) + " bytes");
        }
        return bytes(in, (int) length);
    }

    private static byte[] bytes(InputStream in, int length) {
        byte[] bytes = read(in, length);
        if (bytes.length < length) {
            throw cutOff();
        }
        return bytes;
    }

    private static byte[] read(InputStream in, int length) {
        try {
            return in.readNBytes(length);
        } catch (IOException e) {
            throw new PackException("the pack file cannot be read: " + e.getMessage());
        }
    }

    private static PackException cutOff() {
        return new PackException("failed to fill whole buffer: the pack file is cut off");
    }

    /** Decodes a frame, and writes its blocks: neighbours together. */
    private void decode(byte[] frame, Device device) {
        // The arena is shared, as a device may write by threads of its own.
        try (Arena arena = Arena.ofShared(); FrameInput input = new FrameInput(frame)) {
            Run run = new Run(device, arena.allocate((long) RUN * Bytes.BLOCK_SIZE, Long.BYTES));
            decode(input, run, false);
            if (input.nextStream()) {
                decode(input, run, true);
                if (input.nextStream()) {
                    throw new PackException("a frame has more than two streams");
                }
            }
            run.write();
        }
    }

    private void decode(FrameInput input, Run run, boolean damaged) {
        byte[] block = new byte[Bytes.BLOCK_SIZE];
        ProgramReader program = new ProgramReader(input);
        while (!input.atEnd()) {
            long number = input.readNumber(Long.BYTES);
            program.run(block);
            check(number, block, damaged);
            if (number == 0) {
                superblock = block.clone();
            } else {
                run.add(number, block);
            }
        }
    }

    /** Neighbours that are written together. */
    private static final class Run {
        private final Device device;
        private final MemorySegment blocks;
        private long first;
        private int length;

        Run(Device device, MemorySegment blocks) {
            this.device = device;
            this.blocks = blocks;
        }

        void add(long number, byte[] block) {
            if (length == RUN || number != first + length) {
                write();
                first = number;
                length = 0;
            }
            MemorySegment.copy(block, 0, blocks, ValueLayout.JAVA_BYTE, (long) length++ * Bytes.BLOCK_SIZE,
                    Bytes.BLOCK_SIZE);
        }

        void write() {
            if (length > 0) {
                device.write(first * Bytes.BLOCK_SIZE, blocks.asSlice(0, (long) length * Bytes.BLOCK_SIZE));
            }
        }
    }

    private void check(long number, byte[] block, boolean damaged) {
        if (number < 0 || number >= blocks) {
            throw new PackException("block " + Long.toUnsignedString(number) + " of " + blocks);
        }
        if (!damaged && PackFormat.typeOf(MemorySegment.ofArray(block)) == null) {
            throw new PackException("block " + number + " is damaged");
        }
        if (!seen.add(number)) {
            throw new PackException("block " + number + " comes twice");
        }
    }

    private static void writeSuperblock(Device device, byte[] block) {
        try (Arena arena = Arena.ofShared()) { // shared: a device may write by threads of its own
            Run run = new Run(device, arena.allocate(Bytes.BLOCK_SIZE, Long.BYTES));
            run.add(0, block);
            run.write();
        }
    }
}
