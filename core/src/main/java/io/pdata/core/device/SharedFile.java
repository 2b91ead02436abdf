package io.pdata.core.device;

import io.pdata.core.device.FileDevice.Access;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A file as this process has it open, for locks that belong to the process: those of {@link FileChannel}, which the system
 * drops when <i>any</i> descriptor of the file is closed. One object for each file, whatever name it is opened by.
 *
 * <p>So one channel holds the lock for all readers, and a channel that is closed while another device has the file locked
 * is only closed in truth when the last of those is. All descriptors that this library opens take part, also those without
 * a lock; a program that opens and closes the file by itself ends the lock.
 *
 * <p>Thread-safe.
 */
final class SharedFile {
    private static final Map<Object, SharedFile> OPEN = new HashMap<>();
    private static final int FORMAT = 0170000;
    private static final int BLOCK_DEVICE = 0060000;

    private final Object key;
    /** Guarded by {@link #OPEN}. */
    private int users;

    // Guarded by this.
    private final List<FileChannel> closing = new ArrayList<>();
    private int lockers;
    private boolean writer;

    private SharedFile(Object key) {
        this.key = key;
    }

    /** A block device, whatever its node is called. */
    private record BlockDevice(Object number) {}

    /**
     * The file that a path leads to, as one user more has it open; null if there is none yet, or the file system does not
     * tell files apart.
     */
    static SharedFile enter(Path path) throws IOException {
        Object key = keyOf(path);
        if (key == null) {
            return null;
        }
        synchronized (OPEN) {
            SharedFile file = OPEN.computeIfAbsent(key, SharedFile::new);
            file.users++;
            return file;
        }
    }

    private static Object keyOf(Path path) throws IOException {
        try {
            Map<String, Object> attributes = Files.readAttributes(path, "unix:mode,rdev,dev,ino");
            return ((Integer) attributes.get("mode") & FORMAT) == BLOCK_DEVICE
                    ? new BlockDevice(attributes.get("rdev"))
                    : List.of(attributes.get("dev"), attributes.get("ino"));
        } catch (NoSuchFileException e) {
            return null;
        } catch (UnsupportedOperationException | IllegalArgumentException e) {
            return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
        }
    }

    /** Makes sure that a lock would not be refused within this process. */
    synchronized void check(Path path, Access access) throws DeviceBusyException {
        if (access != Access.READ_ONLY_UNLOCKED && (writer || access == Access.READ_WRITE && lockers > 0)) {
            throw new DeviceBusyException(path + ": already open in this process");
        }
    }

    /** Locks the file. Returns false if another process's lock forbids that. */
    synchronized boolean lock(Path path, Access access, FileChannel channel) throws IOException {
        check(path, access);
        if (lockers == 0 && channel.tryLock(0, Long.MAX_VALUE, access == Access.READ_ONLY) == null) {
            return false;
        }
        lockers++;
        writer = access == Access.READ_WRITE;
        return true;
    }

    /**
     * Ends the use of a file.
     *
     * @param locked whether by one who has locked it
     * @param channel is closed now, or when nobody has the file locked any longer; null if there is none
     */
    void leave(boolean locked, FileChannel channel) throws IOException {
        try {
            close(locked, channel);
        } finally {
            synchronized (OPEN) {
                if (--users == 0) {
                    OPEN.remove(key);
                }
            }
        }
    }

    private synchronized void close(boolean locked, FileChannel channel) throws IOException {
        if (locked) {
            lockers--;
            writer = false;
        }
        if (channel != null) {
            closing.add(channel);
        }
        if (lockers > 0) {
            return;
        }
        IOException failure = null;
        for (FileChannel open : closing) {
            try {
                open.close();
            } catch (IOException e) {
                failure = e;
            }
        }
        closing.clear();
        if (failure != null) {
            throw failure;
        }
    }
}
