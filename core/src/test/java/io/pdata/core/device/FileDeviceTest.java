package io.pdata.core.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.pdata.core.device.FileDevice.Access;
import io.pdata.testkit.LoopDevice;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileDeviceTest {
    private static final int SIZE = 1 << 20;

    @TempDir
    Path folder;

    private Path file;

    @BeforeEach
    void makeFile() {
        file = folder.resolve("device");
        FileDevice.create(file, SIZE).close();
    }

    private static MemorySegment pattern(int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (i * 31 + 7);
        }
        return Arena.ofAuto().allocate(length).copyFrom(MemorySegment.ofArray(bytes));
    }

    private static byte[] read(Device device, long position, int length) {
        byte[] bytes = new byte[length];
        device.read(position, MemorySegment.ofArray(bytes));
        return bytes;
    }

    @Test
    void whatIsWrittenIsReadBackByAnotherOpener() {
        try (FileDevice device = FileDevice.open(file, Access.READ_WRITE)) {
            device.write(12345, pattern(70000));
            device.flush();
        }
        try (FileDevice device = FileDevice.open(file, Access.READ_ONLY)) {
            assertThat(MemorySegment.ofArray(read(device, 12345, 70000)).mismatch(pattern(70000))).isEqualTo(-1);
            assertThat(read(device, 0, 12345)).containsOnly(0);
        }
    }

    @Test
    void holesAreToldFromData() throws IOException {
        Path sparse = folder.resolve("sparse");
        try (FileDevice device = FileDevice.create(sparse, 64 << 20)) {
            device.write(32 << 20, pattern(4096));
        }
        try (FileDevice device = FileDevice.open(sparse, Access.READ_ONLY)) {
            long first = device.nextData(0);
            assumeTrue(first > 0, "this file system has no holes");
            assertThat(first).isEqualTo(32 << 20);
            assertThat(device.nextData((32 << 20) + 100)).isEqualTo((32 << 20) + 100);
            assertThat(device.nextData(48 << 20)).isIn((64L << 20) - 4096, 64L << 20); // its last byte is written
            assertThat(device.nextData(64 << 20)).isEqualTo(64 << 20);
        }
    }

    @Test
    void aRangeBeyondTheEndIsRefused() {
        try (FileDevice device = FileDevice.open(file, Access.READ_WRITE)) {
            assertThatThrownBy(() -> device.write(SIZE - 1, pattern(2))).isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> read(device, SIZE, 1)).isInstanceOf(IndexOutOfBoundsException.class);
            assertThat(device.size()).isEqualTo(SIZE);
        }
    }

    @Test
    void aSecondWriterInThisProcessIsRefused() {
        try (FileDevice device = FileDevice.open(file, Access.READ_WRITE)) {
            assertThatThrownBy(() -> FileDevice.open(file, Access.READ_WRITE)).isInstanceOf(DeviceBusyException.class)
                    .hasMessageContaining(file.toString());
            assertThatThrownBy(() -> FileDevice.open(file, Access.READ_ONLY)).isInstanceOf(DeviceBusyException.class);
            FileDevice.open(file, Access.READ_ONLY_UNLOCKED).close();
            assertThat(device.readOnly()).isFalse();
        }
        FileDevice.open(file, Access.READ_WRITE).close();
    }

    /** The lock has to hold between processes, which is what saves metadata from a second program. */
    @Test
    void aSecondWriterInAnotherProcessIsRefused() throws Exception {
        try (FileDevice device = FileDevice.open(file, Access.READ_WRITE)) {
            assertThat(device.size()).isEqualTo(SIZE);
            assertThat(openInAnotherProcess(Access.READ_WRITE)).contains("DeviceBusyException", "another process");
            assertThat(openInAnotherProcess(Access.READ_ONLY)).contains("DeviceBusyException");
            assertThat(openInAnotherProcess(Access.READ_ONLY_UNLOCKED)).contains("opened");
        }
        assertThat(openInAnotherProcess(Access.READ_WRITE)).contains("opened");
    }

    /** Between fork and exec, a new process has all descriptors of this one. */
    @Test
    void aClosedFileIsFreeWhateverProcessesAreStartedMeanwhile() throws Exception {
        AtomicBoolean over = new AtomicBoolean();
        CompletableFuture<Void> processes = CompletableFuture.runAsync(() -> {
            while (!over.get()) {
                startAndAwait("true");
            }
        });
        try {
            for (int i = 0; i < 3000; i++) {
                FileDevice.open(file, Access.READ_WRITE).close();
            }
        } finally {
            over.set(true);
        }
        processes.get(60, TimeUnit.SECONDS);
    }

    private static void startAndAwait(String program) {
        try {
            assertThat(new ProcessBuilder(program).start().waitFor()).isZero();
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Were the lock the process's, closing any other descriptor of the file would end it. */
    @Test
    void anotherOpenerInThisProcessDoesNotEndTheLock() throws Exception {
        try (FileDevice device = FileDevice.open(file, Access.READ_WRITE)) {
            assertThatThrownBy(() -> FileDevice.open(file, Access.READ_WRITE)).isInstanceOf(DeviceBusyException.class);
            assertThat(openInAnotherProcess(Access.READ_WRITE)).contains("DeviceBusyException");
            FileDevice.open(file, Access.READ_ONLY_UNLOCKED).close();
            Files.readAllBytes(file);
            assertThat(openInAnotherProcess(Access.READ_WRITE)).contains("DeviceBusyException");
            assertThat(device.readOnly()).isFalse();
        }
    }

    @Test
    void readersShareAndKeepAWriterAway() {
        try (FileDevice one = FileDevice.open(file, Access.READ_ONLY);
                FileDevice other = FileDevice.open(file, Access.READ_ONLY)) {
            assertThat(read(one, 0, 10)).isEqualTo(read(other, 0, 10));
            assertThatThrownBy(() -> FileDevice.open(file, Access.READ_WRITE)).isInstanceOf(DeviceBusyException.class);
        }
        FileDevice.open(file, Access.READ_WRITE).close();
    }

    @Test
    void aFileThatCannotBeMadeLargeEnoughIsNotLeftBehind() {
        Path tooLarge = folder.resolve("too-large");
        assertThatThrownBy(() -> FileDevice.create(tooLarge, Long.MAX_VALUE)).isInstanceOf(DeviceException.class)
                .hasMessageContaining(tooLarge.toString());
        assertThat(tooLarge).doesNotExist();
    }

    private String openInAnotherProcess(Access access) throws Exception {
        Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp",
                System.getProperty("java.class.path"), Opener.class.getName(), file.toString(), access.name())
                .redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes());
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return output;
    }

    /** The other process. */
    static final class Opener {
        public static void main(String[] args) {
            try (FileDevice device = FileDevice.open(Path.of(args[0]), Access.valueOf(args[1]))) {
                System.out.println("opened " + device.name());
            } catch (DeviceException e) {
                System.out.println(e);
            }
        }
    }

    /** With plain channel I/O on the caller's thread the first interrupt would close the file for everybody. */
    @Test
    void anInterruptedCallerNeitherFailsNorClosesTheFile() throws Exception {
        try (FileDevice device = FileDevice.open(file, Access.READ_WRITE)) {
            AtomicReference<Throwable> failure = new AtomicReference<>();
            Thread caller = new Thread(() -> {
                Thread.currentThread().interrupt();
                device.write(0, pattern(5000));
                device.write(5000, MemorySegment.ofArray(new byte[100]));
                device.flush();
                read(device, 0, 5000);
                if (!Thread.currentThread().isInterrupted()) {
                    failure.set(new AssertionError("the interrupt was swallowed"));
                }
            });
            caller.setUncaughtExceptionHandler((_, e) -> failure.set(e));
            caller.start();
            caller.join();
            assertThat(failure.get()).isNull();
            assertThat(MemorySegment.ofArray(read(device, 0, 5000)).mismatch(pattern(5000))).isEqualTo(-1);
        }
    }

    /** The number of a closed descriptor may be that of another file by now. */
    @Test
    void aClosedDeviceRefusesEveryCall() {
        FileDevice device = FileDevice.open(file, Access.READ_WRITE);
        device.close();
        MemorySegment memory = Arena.ofAuto().allocate(512);
        assertThatThrownBy(() -> device.read(0, memory)).isInstanceOf(DeviceException.class)
                .hasMessageContaining("closed");
        assertThatThrownBy(() -> device.write(0, memory)).isInstanceOf(DeviceException.class);
        assertThatThrownBy(device::flush).isInstanceOf(DeviceException.class);
        assertThatThrownBy(() -> device.nextData(0)).isInstanceOf(DeviceException.class);
        assertThatThrownBy(() -> device.discard(0, 512)).isInstanceOf(DeviceException.class);
        device.close();
    }

    @Test
    void memoryOnTheHeapAndOffItIsReadAndWrittenAlike() {
        try (FileDevice device = FileDevice.open(file, Access.READ_WRITE)) {
            MemorySegment off = Arena.ofAuto().allocate(70000).copyFrom(pattern(70000));
            device.write(0, MemorySegment.ofArray(off.toArray(ValueLayout.JAVA_BYTE)));
            MemorySegment back = Arena.ofAuto().allocate(70000);
            device.read(0, back);
            assertThat(back.mismatch(off)).isEqualTo(-1);
            device.write(500, off);
            assertThat(MemorySegment.ofArray(read(device, 500, 70000)).mismatch(off)).isEqualTo(-1);
        }
    }

    @Test
    void aReadOnlyDeviceRefusesEveryChange() {
        try (FileDevice device = FileDevice.open(file, Access.READ_ONLY)) {
            assertThatThrownBy(() -> device.write(0, pattern(1))).isInstanceOf(ReadOnlyException.class);
            assertThatThrownBy(() -> device.zero(0, 1)).isInstanceOf(ReadOnlyException.class);
            assertThatThrownBy(() -> device.discard(0, 1)).isInstanceOf(ReadOnlyException.class);
            assertThatThrownBy(() -> device.resize(0, false)).isInstanceOf(ReadOnlyException.class);
        }
    }

    @Test
    void zeroedRangesReadAsZeroesAndTheRestStays() {
        try (FileDevice device = FileDevice.open(file, Access.READ_WRITE)) {
            device.write(0, pattern(100_000));
            device.zero(5000, 60_000);
            assertThat(read(device, 5000, 60_000)).containsOnly(0);
            assertThat(read(device, 0, 5000)).isEqualTo(pattern(5000).toArray(java.lang.foreign.ValueLayout.JAVA_BYTE));
            assertThat(read(device, 65_000, 1)[0])
                    .isEqualTo(pattern(65_001).get(java.lang.foreign.ValueLayout.JAVA_BYTE,
                            65_000));
        }
    }

    @Test
    void discardGivesStorageBack() throws IOException {
        assumeTrue(NativeFile.available(), "native access is not enabled");
        try (FileDevice device = FileDevice.open(file, Access.READ_WRITE)) {
            device.write(0, pattern(SIZE));
            device.flush();
            long before = allocated();
            device.discard(0, SIZE);
            device.flush();
            assertThat(allocated()).isLessThan(before);
            assertThat(device.size()).isEqualTo(SIZE);
        }
    }

    @Test
    void preallocationSetsStorageAside() throws IOException {
        try (FileDevice device = FileDevice.open(file, Access.READ_WRITE)) {
            device.resize(4 * SIZE, true);
            device.flush();
            assertThat(allocated()).isGreaterThanOrEqualTo(3L * SIZE);
            assertThat(read(device, 3 * SIZE, SIZE)).containsOnly(0);
        }
    }

    private long allocated() throws IOException {
        Process du = new ProcessBuilder("du", "-B1", file.toString()).start();
        return Long.parseLong(new String(du.getInputStream().readAllBytes()).split("\\s")[0]);
    }

    @Test
    void errorsNameTheFile() throws IOException {
        Path missing = folder.resolve("missing");
        assertThatThrownBy(() -> FileDevice.open(missing, Access.READ_ONLY)).isInstanceOf(DeviceException.class)
                .hasMessage(missing + ": no such file");
        assertThatThrownBy(() -> FileDevice.open(folder, Access.READ_ONLY)).isInstanceOf(DeviceException.class)
                .hasMessage(folder + ": not a block device or regular file");
        assertThatThrownBy(() -> FileDevice.open(Path.of("/dev/null"), Access.READ_ONLY))
                .isInstanceOf(DeviceException.class).hasMessageContaining("not a block device");
        assertThatThrownBy(() -> FileDevice.create(file, 1)).isInstanceOf(DeviceException.class)
                .hasMessage(file + ": exists already");
    }

    @Test
    void aClosedDeviceSaysSo() {
        FileDevice device = FileDevice.open(file, Access.READ_WRITE);
        device.close();
        device.close();
        assertThatThrownBy(() -> read(device, 0, 1)).isInstanceOf(DeviceException.class)
                .hasMessageContaining("is closed");
    }

    /** As the kernel does to the metadata of an active pool, while somebody has looked at them and keeps them open. */
    @Test
    void whatWasWrittenPastTheCacheIsReadByWhoeverOpensABlockDeviceWithoutALock() throws IOException {
        try (LoopDevice loop = LoopDevice.of(file);
                FileDevice first = FileDevice.open(loop.path(), Access.READ_ONLY_UNLOCKED)) {
            assertThat(read(first, 8192, 4096)).containsOnly(0);
            try (FileDevice behind = FileDevice.open(file, Access.READ_WRITE)) {
                behind.write(8192, pattern(4096));
            }
            assertThat(read(first, 8192, 4096)).as("cached").containsOnly(0);
            try (FileDevice second = FileDevice.open(loop.path(), Access.READ_ONLY_UNLOCKED)) {
                assertThat(MemorySegment.ofArray(read(second, 8192, 4096)).mismatch(pattern(4096))).isEqualTo(-1);
            }
        }
    }

    @Test
    void aFileThatHasBecomeShorterIsAnError() throws IOException {
        try (FileDevice device = FileDevice.open(file, Access.READ_ONLY)) {
            try (var other = java.nio.channels.FileChannel.open(file, java.nio.file.StandardOpenOption.WRITE)) {
                other.truncate(100);
            }
            assertThatThrownBy(() -> read(device, 0, 4096)).isInstanceOf(DeviceException.class)
                    .hasMessageContaining("shorter");
        }
        assertThat(Files.size(file)).isEqualTo(100);
    }
}
