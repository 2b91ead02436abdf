package io.pdata.core.device;

import io.pdata.core.device.FileDevice.Access;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What keeps two openers of a file apart: any number that read, or one that writes; advisory, between processes and within
 * one.
 *
 * <p>With {@link NativeFile} the lock belongs to the opener, and a block device is also claimed from the kernel. Without it
 * there is only {@link FileChannel}'s lock, which belongs to the process: it is lost when <i>any</i> descriptor of the file
 * is closed. So a second opener in this process is turned away before it opens anything, and readers too exclude each
 * other within a process; nothing can be done about openers without a lock.
 */
final class FileClaim implements Closeable {
    private static final Set<Object> LOCKED_HERE = ConcurrentHashMap.newKeySet();

    private final Path path;
    private final Access access;
    private NativeFile file;
    private Object lockedHere;

    private FileClaim(Path path, Access access) {
        this.path = path;
        this.access = access;
    }

    /** First step, before the file is opened, and where it is to be made does not exist. */
    static FileClaim begin(Path path, Access access) throws IOException {
        FileClaim claim = new FileClaim(path, access);
        if (access != Access.READ_ONLY_UNLOCKED && !NativeFile.available() && Files.exists(path)) {
            claim.lockHere();
        }
        return claim;
    }

    private void lockHere() throws IOException {
        Object key = Files.readAttributes(path, BasicFileAttributes.class).fileKey();
        if (key != null && !LOCKED_HERE.add(key)) {
            throw new DeviceBusyException(path + ": already open in this process");
        }
        lockedHere = key;
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
        } else if (access != Access.READ_ONLY_UNLOCKED
                && channel.tryLock(0, Long.MAX_VALUE, access == Access.READ_ONLY) == null) {
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

    /** Gives the file up; to be called after the channel has been closed. */
    @Override
    public void close() throws IOException {
        try {
            if (file != null) {
                file.close();
                file = null;
            }
        } finally {
            if (lockedHere != null) {
                LOCKED_HERE.remove(lockedHere);
                lockedHere = null;
            }
        }
    }
}
