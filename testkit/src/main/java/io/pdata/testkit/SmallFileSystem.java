package io.pdata.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * A real file system of a few megabytes, mounted for a test that wants it to be full. Linux, as root: tests that need one
 * are skipped otherwise, or fail with {@code -Dinterop=required}. Unmounted by {@link #close}.
 */
public final class SmallFileSystem implements AutoCloseable {
    private static final int PAGE = 4096;

    private final Path folder;
    private final String[] mount;
    private final Path filler;

    private SmallFileSystem(Path folder, String... mount) {
        this.folder = folder;
        this.mount = mount;
        this.filler = folder.resolve("filler");
        Command.attempt(mount);
    }

    /**
     * In memory, with exactly so much room.
     *
     * @param folder an empty one
     */
    public static SmallFileSystem tmpfs(Path folder, long bytes) {
        Command.needRoot();
        return new SmallFileSystem(folder, "mount", "-t", "tmpfs", "-o", "size=" + bytes, "none", folder.toString());
    }

    /**
     * In a file, by a loop device. A machine that has none skips the test.
     *
     * @param image a file to make; it takes no room before there is something in it
     * @param folder an empty one
     */
    public static SmallFileSystem ext4(Path image, Path folder, long bytes) {
        Command.needRoot();
        LoopDevice.need();
        Command.run("truncate", "-s", Long.toString(bytes), image.toString());
        Command.run("mkfs.ext4", "-q", "-b", Integer.toString(PAGE), "-m", "0", image.toString());
        return new SmallFileSystem(folder, "mount", "-o", "loop", image.toString(), folder.toString());
    }

    /** Where it is mounted. */
    public Path folder() {
        return folder;
    }

    /** Takes all room but for so many pages of 4096 bytes. */
    public void fill(int pagesLeft) {
        free();
        try (FileChannel channel = FileChannel.open(filler, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            writeUntilFull(channel);
            channel.force(true);
            writeUntilFull(channel); // what allocating late has taken too much of
            channel.truncate(Math.max(0, channel.size() - (long) pagesLeft * PAGE));
            channel.force(true);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void writeUntilFull(FileChannel channel) throws IOException {
        ByteBuffer page = ByteBuffer.allocateDirect(PAGE);
        long at = channel.size() / PAGE * PAGE;
        try {
            while (true) {
                page.clear();
                at += channel.write(page, at);
            }
        } catch (IOException e) {
            if (!e.getMessage().contains("No space left")) {
                throw e;
            }
        }
    }

    /** Gives the room back that {@link #fill} has taken. */
    public void free() {
        try {
            Files.deleteIfExists(filler);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Forgets what is cached of an ext4: what is read next comes from where it is kept. Does nothing to a tmpfs. */
    public void remount() {
        if (!List.of(mount).contains("tmpfs")) {
            close();
            Command.run(mount);
        }
    }

    @Override
    public void close() {
        Command.run("umount", folder.toString());
    }
}
