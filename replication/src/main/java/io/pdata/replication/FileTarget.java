package io.pdata.replication;

import io.pdata.core.device.DeviceException;
import io.pdata.core.device.FileDevice.Access;
import io.pdata.core.device.FileDevice;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * A sparse file, or a block device. A new file is deleted again unless it is finished. Of a device, zeroes are written only
 * where it has something else: a thin volume stays as thin as what is copied to it.
 */
public final class FileTarget implements Target {
    /** The smallest block of a thin pool, and a part of each larger one. */
    private static final int PIECE = 64 << 10;
    private static final byte[] ZEROES = new byte[PIECE];

    private final Path path;
    private final FileDevice device;
    private final boolean made;
    private final byte[] piece = new byte[PIECE];
    private boolean finished;

    private FileTarget(Path path, FileDevice device, boolean made) {
        this.path = path;
        this.device = device;
        this.made = made;
    }

    /**
     * Opens a file for writing.
     *
     * @param force whether what is there may be overwritten
     * @throws TransferException if there is something, and {@code force} is not set
     */
    public static FileTarget open(Path path, boolean force) {
        if (!Files.exists(path)) {
            return new FileTarget(path, FileDevice.create(path, 0), true);
        }
        if (!force) {
            throw new TransferException(path + " is there already; --force overwrites it");
        }
        return new FileTarget(path, FileDevice.open(path, Access.READ_WRITE), false);
    }

    @Override
    public void begin(long size) {
        if (Files.isRegularFile(path)) {
            device.resize(0, false);
            device.resize(size, false);
        } else if (device.size() < size) {
            throw new DeviceException(path + " has " + device.size() + " bytes, and the volume " + size);
        }
    }

    @Override
    public void write(long position, byte[] bytes, int offset, int length) {
        device.write(position, MemorySegment.ofArray(bytes).asSlice(offset, length));
    }

    @Override
    public void zero(long position, long length) {
        if (Files.isRegularFile(path) || device.tryZero(position, length)) {
            return; // a file has nothing there
        }
        long end = position + length;
        for (long from = position; from < end;) {
            int n = (int) Math.min(end - from, PIECE - from % PIECE);
            zeroUnlessItIs(from, n);
            from += n;
        }
    }

    /** A thin volume gives a block to whatever is written, and none to what is only read. */
    private void zeroUnlessItIs(long position, int length) {
        device.read(position, MemorySegment.ofArray(piece).asSlice(0, length));
        if (!Arrays.equals(piece, 0, length, ZEROES, 0, length)) {
            device.zero(position, length);
        }
    }

    @Override
    public void finish() {
        device.flush();
        finished = true;
    }

    @Override
    public void close() {
        device.close();
        if (made && !finished) {
            try {
                Files.deleteIfExists(path);
            } catch (IOException e) {
                throw new TransferException(path + " is not complete and cannot be deleted: " + e.getMessage(), e);
            }
        }
    }
}
