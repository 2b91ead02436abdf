package io.pdata.replication;

import io.pdata.core.block.CorruptionException;
import io.pdata.core.device.ReadOnlyDevice;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * A volume out of images as a device that can be read, anywhere and by any number of threads: what cannot be read of a
 * damaged pool fails with a {@link CorruptionException} or a {@link io.pdata.core.device.DeviceException}, and
 * everything else does not. O(log mappings) for each block.
 */
public final class ImageDevice extends ReadOnlyDevice {
    /** So many blocks are looked at to describe a range. */
    private static final int MOST_BLOCKS = 4096;

    private final ImageSource source;

    /** @param source is closed with this device */
    public ImageDevice(ImageSource source) {
        super("comes out of images, and can only be read");
        this.source = source;
    }

    /** Gets extents, each right behind the one before. */
    @FunctionalInterface
    public interface ExtentVisitor {
        /**
         * @param hole whether it is known to read as zeroes
         * @return whether to go on
         */
        boolean visit(long length, boolean hole);
    }

    /** Describes a range from its beginning on, at least one block of it; neighbours that are alike as one. */
    public void describe(long position, long length, ExtentVisitor visitor) {
        Objects.checkFromIndexSize(position, length, size());
        long end = position + length;
        long from = position;
        for (int blocks = 0; from < end && blocks < MOST_BLOCKS;) {
            boolean hole = isHole(from);
            long to = nextBlock(from);
            for (blocks++; to < end && blocks < MOST_BLOCKS && isHole(to) == hole; blocks++) {
                to = nextBlock(to);
            }
            if (!visitor.visit(Math.min(to, end) - from, hole)) {
                return;
            }
            from = to;
        }
    }

    /** What cannot be told is none: whoever reads it hears what is wrong. */
    private boolean isHole(long position) {
        try {
            return source.isHole(position);
        } catch (CorruptionException e) {
            return false;
        }
    }

    private long nextBlock(long position) {
        return (position / source.blockBytes() + 1) * source.blockBytes();
    }

    @Override
    public String name() {
        return source.name();
    }

    @Override
    public long size() {
        return source.size();
    }

    @Override
    public void read(long position, MemorySegment target) {
        Objects.checkFromIndexSize(position, target.byteSize(), size());
        source.read(position, target);
    }

    @Override
    public void close() {
        source.close();
    }
}
