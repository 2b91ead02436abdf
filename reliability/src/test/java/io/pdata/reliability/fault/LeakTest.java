package io.pdata.reliability.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.pdata.core.block.CorruptionException;
import io.pdata.core.device.DeviceException;
import io.pdata.core.device.FileDevice.Access;
import io.pdata.core.device.FileDevice;
import io.pdata.core.store.OpenOptions;
import io.pdata.thin.ThinMetadata;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that cannot be opened, and stores that fail: neither descriptors nor threads nor memory stay behind. */
class LeakTest {
    private static final int ROUNDS = 150;
    private static final long PATIENCE_MILLISECONDS = 5000;
    private static final long CACHE = 16L << 20;
    private static final long TOLERATED_KIB = 400 << 10;
    private static final int BLOCK = 4096;
    private static final int BLOCKS = 100;

    @TempDir
    Path folder;

    private Path file;

    @BeforeEach
    void makePool() {
        assumeTrue(Files.exists(Path.of("/proc/self/fd")), "counts descriptors in /proc");
        file = folder.resolve("pool");
        try (ThinMetadata pool = ThinMetadata.format(FileDevice.create(file, BLOCKS * BLOCK), 128, CACHE)) {
            pool.createThin(1);
            pool.commit();
        }
    }

    private static long descriptors() throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.count();
        }
    }

    private static long threads() {
        return Thread.getAllStackTraces().keySet().stream().filter(thread -> thread.getName().startsWith("pdata-"))
                .count();
    }

    /** A thread of a pool that has been closed is on its last instructions. */
    private static void joinThreads() {
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (thread.getName().startsWith("pdata-")) {
                try {
                    thread.join(PATIENCE_MILLISECONDS);
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }
        }
    }

    private static long residentKib() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream().filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", ""))).findFirst().orElseThrow();
    }

    private interface Attempt {
        void run(int round) throws IOException;
    }

    private static void leavesNothing(Attempt attempt) throws IOException {
        attempt.run(0);
        joinThreads();
        long descriptors = descriptors();
        long threads = threads();
        long resident = residentKib();
        for (int round = 0; round < ROUNDS; round++) {
            attempt.run(round);
        }
        assertThat(descriptors()).as("open descriptors").isEqualTo(descriptors);
        joinThreads();
        assertThat(threads()).as("threads of the library").isLessThanOrEqualTo(threads);
        assertThat(residentKib() - resident).as("KiB of memory more than before").isLessThan(TOLERATED_KIB);
    }

    private void cutTo(int blocks) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate((long) blocks * BLOCK);
        }
    }

    @Test
    void opensThatFail() throws IOException {
        leavesNothing(round -> {
            for (int block = 1; block < BLOCKS; block++) {
                damage(block);
            }
            open(round);
        });
    }

    private void damage(int block) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap("damaged".getBytes(StandardCharsets.US_ASCII)), (long) block * BLOCK);
        }
    }

    /** One that left the file open would make the next one find it busy. */
    private void open(int round) {
        assertThatThrownBy(() -> ThinMetadata
                .open(FileDevice.open(file, Access.READ_WRITE), OpenOptions.readWrite().withCache(CACHE)))
                .as("round %d", round).isInstanceOf(CorruptionException.class);
    }

    @Test
    void filesThatAreInUseOrCannotBeMade() throws IOException {
        try (FileDevice device = FileDevice.open(file, Access.READ_WRITE)) {
            leavesNothing(round -> {
                assertThatThrownBy(() -> FileDevice.open(file, Access.READ_WRITE)).isInstanceOf(DeviceException.class);
                assertThatThrownBy(() -> FileDevice.create(folder.resolve("huge"), Long.MAX_VALUE))
                        .isInstanceOf(DeviceException.class);
            });
            assertThat(device.size()).isEqualTo(BLOCKS * BLOCK);
        }
    }

    /** The file is cut short behind the back of a store that has it open, and grown again: reads fail in between. */
    @Test
    void storesThatFailAndAreClosed() throws IOException {
        byte[] content = Files.readAllBytes(file);
        leavesNothing(round -> {
            Files.write(file, content);
            FileDevice device = FileDevice.open(file, Access.READ_WRITE);
            try (ThinMetadata pool = ThinMetadata.open(device, OpenOptions.readWrite().withCache(CACHE))) {
                cutTo(1);
                assertThatThrownBy(() -> pool.createThin(2)).isInstanceOf(DeviceException.class)
                        .hasMessageContaining(file.toString()).hasMessageContaining("read at byte");
            }
        });
        Files.write(file, content);
        try (ThinMetadata pool = ThinMetadata.open(FileDevice.open(file, Access.READ_ONLY), OpenOptions.readOnly())) {
            assertThat(pool.details(1)).isPresent();
        }
    }
}
