package io.pdata.tools.pack;

import io.pdata.core.block.BlockSet;
import io.pdata.core.block.Bytes;
import io.pdata.core.device.Device;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Unpacks pack files, as {@code thin_metadata_unpack} of thin-provisioning-tools does. Nothing in a file is believed: each
 * block must be what its checksum says, and come once. Block 0, the superblock, is written when all others are durable, so a
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
        try (ExecutorService crew = Executors.newFixedThreadPool(threads,
                Thread.ofPlatform().daemon().name("unpack-", 0).factory())) {
            Deque<Future<?>> frames = new ArrayDeque<>();
            try {
                for (byte[] frame = nextFrame(); frame != null; frame = nextFrame()) {
                    byte[] current = frame;
                    if (frames.size() == 2 * threads) {
                        await(frames.remove());
                    }
                    frames.add(crew.submit(() -> device.perform(() -> decode(current, device))));
                }
                while (!frames.isEmpty()) {
                    await(frames.remove());
                }
            } finally {
                frames.forEach(frame -> frame.cancel(false));
            }
        }
        device.flush();
        if (superblock != null) {
            write(device, 0, superblock, 1);
            device.flush();
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
        byte[] block = new byte[Bytes.BLOCK_SIZE];
        byte[] run = new byte[RUN * Bytes.BLOCK_SIZE];
        long first = 0;
        int length = 0;
        try (FrameInput input = new FrameInput(frame)) {
            ProgramReader program = new ProgramReader(input);
            while (!input.atEnd()) {
                long number = input.readNumber(Long.BYTES);
                program.run(block);
                check(number, block);
                if (number == 0) {
                    superblock = block.clone();
                    continue;
                }
                if (length == RUN || number != first + length) {
                    write(device, first, run, length);
                    first = number;
                    length = 0;
                }
                System.arraycopy(block, 0, run, length++ * Bytes.BLOCK_SIZE, Bytes.BLOCK_SIZE);
            }
        }
        write(device, first, run, length);
    }

    private void check(long number, byte[] block) {
        if (number < 0 || number >= blocks) {
            throw new PackException("block " + Long.toUnsignedString(number) + " of " + blocks);
        }
        if (PackFormat.typeOf(MemorySegment.ofArray(block)) == null) {
            throw new PackException("block " + number + " is damaged");
        }
        if (!seen.add(number)) {
            throw new PackException("block " + number + " comes twice");
        }
    }

    private static void write(Device device, long first, byte[] blocks, int length) {
        if (length > 0) {
            try (Arena arena = Arena.ofShared()) { // shared: a device may write by threads of its own
                MemorySegment copy = arena.allocate((long) length * Bytes.BLOCK_SIZE);
                MemorySegment.copy(MemorySegment.ofArray(blocks), 0, copy, 0, copy.byteSize());
                device.write(first * Bytes.BLOCK_SIZE, copy);
            }
        }
    }
}
