package io.pdata.testkit;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/**
 * A block device that is kept in a file. Linux, as root, as {@link SmallFileSystem}; a machine that has none skips the
 * test. Given back by {@link #close}.
 */
public final class LoopDevice implements AutoCloseable {
    private final Path path;

    private LoopDevice(Path path) {
        this.path = path;
    }

    /**
     * Has the content of a file as that of a block device. It passes on a page at a time: a longer write of which the file
     * takes a part only, Linux's loop device says is done.
     */
    public static LoopDevice of(Path file) {
        need();
        Path path = Path.of(Command.attempt("losetup", "--find", "--show", file.toString()));
        Command.run("sh", "-c", "echo 4 > /sys/block/" + path.getFileName() + "/queue/max_sectors_kb");
        return new LoopDevice(path);
    }

    static void need() {
        Command.needRoot();
        Assumptions.assumeTrue(Files.exists(Path.of("/dev/loop-control")), "there are no loop devices");
    }

    /** Where it is. */
    public Path path() {
        return path;
    }

    @Override
    public void close() {
        Command.run("losetup", "--detach", path.toString());
    }
}
