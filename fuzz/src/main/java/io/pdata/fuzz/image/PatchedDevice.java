package io.pdata.fuzz.image;

import io.pdata.core.block.Bytes;
import io.pdata.core.device.Device;
import io.pdata.core.device.DeviceException;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A {@link BaseImage} with some blocks replaced, so that making one costs no more than its damage. Thread-safe, and
 * counts what is read of it: who reads without end is found out. Whole blocks only.
 */
public final class PatchedDevice implements Device {
    /** More than any honest use of the images here reads. */
    private static final long MOST_READS = 2_000_000;

    private final BaseImage base;
    private final ConcurrentMap<Integer, byte[]> patches;
    private final AtomicLong reads = new AtomicLong();

    PatchedDevice(BaseImage base) {
        this(base, new ConcurrentHashMap<>());
    }

    private PatchedDevice(BaseImage base, ConcurrentMap<Integer, byte[]> patches) {
        this.base = base;
        this.patches = patches;
    }

    /** What it was before it was damaged. */
    public BaseImage base() {
        return base;
    }

    /** Another device with the content that this one has now. */
    public PatchedDevice copy() {
        return new PatchedDevice(base, new ConcurrentHashMap<>(patches)); // arrays are replaced, never changed
    }

    /** A copy of a block. */
    byte[] block(int number) {
        byte[] bytes = current(number);
        return bytes == null ? new byte[Bytes.BLOCK_SIZE] : bytes.clone();
    }

    /** Replaces a block. */
    void patch(int number, byte[] bytes) {
        patches.put(number, bytes);
    }

    private byte[] current(int number) {
        byte[] patch = patches.get(number);
        return patch == null ? base.bytes(number) : patch;
    }

    @Override
    public String name() {
        return base.name();
    }

    @Override
    public long size() {
        return (long) base.size() * Bytes.BLOCK_SIZE;
    }

    /** Also because whatever happens on another thread, a fuzzer cannot repeat. */
    @Override
    public boolean inMemory() {
        return true;
    }

    @Override
    public boolean readOnly() {
        return false;
    }

    @Override
    public void read(long position, MemorySegment target) {
        Objects.checkFromIndexSize(position, target.byteSize(), size());
        if (reads.addAndGet(target.byteSize() / Bytes.BLOCK_SIZE) > MOST_READS) {
            throw new AssertionError("more than " + MOST_READS + " blocks read: this does not end");
        }
        for (long done = 0; done < target.byteSize(); done += Bytes.BLOCK_SIZE) {
            byte[] bytes = current((int) ((position + done) / Bytes.BLOCK_SIZE));
            MemorySegment part = target.asSlice(done, Bytes.BLOCK_SIZE);
            if (bytes == null) {
                part.fill((byte) 0);
            } else {
                part.copyFrom(MemorySegment.ofArray(bytes));
            }
        }
    }

    @Override
    public void write(long position, MemorySegment source) {
        Objects.checkFromIndexSize(position, source.byteSize(), size());
        for (long done = 0; done < source.byteSize(); done += Bytes.BLOCK_SIZE) {
            byte[] bytes = new byte[Bytes.BLOCK_SIZE];
            MemorySegment.ofArray(bytes).copyFrom(source.asSlice(done, Bytes.BLOCK_SIZE));
            patches.put((int) ((position + done) / Bytes.BLOCK_SIZE), bytes);
        }
    }

    @Override
    public void flush() {}

    @Override
    public void discard(long position, long length) {
        zero(position, length);
    }

    @Override
    public void zero(long position, long length) {
        Objects.checkFromIndexSize(position, length, size());
        for (long done = 0; done < length; done += Bytes.BLOCK_SIZE) {
            patches.put((int) ((position + done) / Bytes.BLOCK_SIZE), new byte[Bytes.BLOCK_SIZE]);
        }
    }

    @Override
    public void resize(long size, boolean reserve) {
        throw new DeviceException(name() + " cannot be resized");
    }

    /** Nothing happens: an image is judged again after it has been closed. */
    @Override
    public void close() {}
}
