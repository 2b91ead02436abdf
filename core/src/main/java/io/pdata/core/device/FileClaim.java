package io.pdata.core.device;

import io.pdata.core.device.FileDevice.Access;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Keeps two openers of a file apart: any number that read, or one that writes; advisory, between processes and within one.
 *
 * <p>With {@link NativeFile} the lock belongs to the opener, and a block device is also claimed from the kernel. Without it
 * there is only {@link FileChannel}'s lock, which belongs to the process; {@link SharedFile} keeps it from being lost.
 */
final class FileClaim {
    private final Path path;
    private final Access access;
    private NativeFile file;
    /** Null with native access, or if the file cannot be told from others. */
    private SharedFile shared;
    private boolean locked;
    private boolean closed;

    private FileClaim(Path path, Access access) {
        this.path = path;
        this.access = access;
    }

    /**
     * First step, before the file is opened: an opener that is refused has not opened it.
     *
     * @param exists false if opening it makes it
     */
    static FileClaim begin(Path path, Access access, boolean exists) throws IOException {
        FileClaim claim = new FileClaim(path, access);
        if (exists && !NativeFile.available()) {
            claim.shared = SharedFile.enter(path);
            if (claim.shared != null) {
                try {
                    claim.shared.check(path, access);
                } catch (DeviceBusyException e) {
                    claim.close(null);
                    throw e;
                }
            }
        }
        return claim;
    }

    /** Second step, when the file is open. */
    void complete(FileChannel channel) throws IOException {
        if (NativeFile.available()) {
            boolean blockDevice = !Files.isRegularFile(path);
            if (access != Access.READ_ONLY_UNLOCKED) {
                claim(blockDevice);
            }
            if (blockDevice) {
                readAnew();
            }
            return;
        }
        if (shared == null) {
            shared = SharedFile.enter(path); // it has just been made
        }
        if (access != Access.READ_ONLY_UNLOCKED) {
            lock(channel);
        }
    }

    private void lock(FileChannel channel) throws IOException {
        locked = shared == null
                ? channel.tryLock(0, Long.MAX_VALUE, access == Access.READ_ONLY) != null
                : shared.lock(path, access, channel);
        if (!locked) {
            throw busy();
        }
    }

    private void claim(boolean blockDevice) throws IOException {
        boolean writable = access == Access.READ_WRITE;
        if (blockDevice && !writable) {
            NativeFile.open(path, false, true).close(); // only to see that nobody has: readers do not exclude each other
        }
        file = NativeFile.open(path, writable, blockDevice && writable);
        if (!file.tryLock(!writable)) {
            throw busy();
        }
    }

    /**
     * The kernel writes to a device for a mapped one beside the page cache. What is in there stays as it was, as long as
     * anybody has the device open: also beyond the time for which it was mapped.
     */
    private void readAnew() throws IOException {
        try (NativeFile device = NativeFile.open(path, false, false)) {
            device.forgetCached();
        }
    }

    private DeviceBusyException busy() {
        return new DeviceBusyException(path + ": in use by another process, or elsewhere in this one");
    }

    /** The claimed file for calls that need one, or null. */
    NativeFile file() {
        return file;
    }

    /**
     * Closes a channel of the file, and gives the file up. Closing twice does nothing.
     *
     * @param channel null if it has not been opened
     */
    synchronized void close(FileChannel channel) throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        try {
            if (shared != null) {
                shared.leave(locked, channel);
            } else if (channel != null) {
                channel.close();
            }
        } finally {
            if (file != null) {
                file.close();
                file = null;
            }
        }
    }
}
