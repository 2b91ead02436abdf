package io.pdata.reliability.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.pdata.core.device.DeviceException;
import io.pdata.core.device.FileDevice.Access;
import io.pdata.core.device.FileDevice;
import io.pdata.core.device.PersistentDataException;
import io.pdata.core.store.MetadataStore;
import io.pdata.reliability.workload.Journal;
import io.pdata.reliability.workload.Session;
import io.pdata.reliability.workload.Workload;
import io.pdata.testkit.LoopDevice;
import io.pdata.testkit.SmallFileSystem;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Files on real file systems that run out of room, with the errors that a real kernel makes of it. */
class FullFileSystemTest {
    private static final List<String> NAMES = List.of("library", "thin", "cache1", "cache2", "era");
    private static final int[] PAGES_LEFT = {0, 1, 3, 8};
    private static final long BYTES = 8 << 20;
    private static final String NO_SPACE = "No space left on device";
    /** In units of 512 bytes: 24 blocks, which hold what there is at first. */
    private static final int LIMIT = 24 * 8;

    @TempDir
    private Path folder;

    private Path image;
    private Path mounted;

    private enum Kind {
        TMPFS, EXT4
    }

    @BeforeEach
    void makeFolders() throws IOException {
        image = folder.resolve("image");
        mounted = Files.createDirectory(folder.resolve("mounted"));
    }

    private SmallFileSystem mount(Kind kind) {
        return kind == Kind.TMPFS
                ? SmallFileSystem.tmpfs(mounted, BYTES)
                : SmallFileSystem.ext4(image, mounted, BYTES);
    }

    private static Stream<Arguments> all() {
        return Stream.of(Kind.values()).flatMap(kind -> NAMES.stream().map(name -> Arguments.of(kind, name)));
    }

    @ParameterizedTest
    @MethodSource("all")
    void aStoreThatFindsNoRoomStopsWritingAndLosesNothing(Kind kind, String name) throws IOException {
        FaultCampaign<?> campaign = FaultCampaign.of(name, 1);
        try (SmallFileSystem place = mount(kind)) {
            for (int pages : PAGES_LEFT) {
                OutOfRoom<?> run = new OutOfRoom<>(campaign, place.folder().resolve("metadata"));
                run.makeSparse();
                place.fill(pages);
                run.untilItFails(NO_SPACE);
                run.assertNothingIsLost();
                place.free();
                place.remount();
                run.assertNothingIsLost();
                run.assertUsable();
            }
        }
    }

    /**
     * A block device takes all that is written, into the kernel's cache, and has no room for it when it is flushed; after
     * which the kernel takes what it has lost for written.
     */
    @ParameterizedTest
    @MethodSource("names")
    void aFlushThatFindsNoRoomBelowStopsWritingAndLosesNothing(String name) throws IOException {
        FaultCampaign<?> campaign = FaultCampaign.of(name, 1);
        try (SmallFileSystem below = SmallFileSystem.tmpfs(mounted, BYTES)) {
            for (int pages : PAGES_LEFT) {
                Path file = below.folder().resolve("metadata");
                new OutOfRoom<>(campaign, file).makeSparse();
                below.fill(pages);
                try (LoopDevice device = LoopDevice.of(file)) {
                    OutOfRoom<?> run = new OutOfRoom<>(campaign, device.path());
                    run.untilItFails("flush at byte");
                    run.assertNothingIsLost();
                }
                below.free();
                new OutOfRoom<>(campaign, file).assertUsable();
            }
        }
    }

    private static List<String> names() {
        return NAMES;
    }

    @ParameterizedTest
    @MethodSource("names")
    void aProcessWithALimitOnItsFilesStopsWritingAndLosesNothing(String name) throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/bin/sh")), "ulimit is the shell's");
        Path file = folder.resolve("metadata");
        OutOfRoom<?> run = new OutOfRoom<>(FaultCampaign.of(name, 1), file);
        run.makeSparse();
        Process process = new ProcessBuilder("/bin/sh", "-c", "ulimit -f " + LIMIT + "; exec \"$@\"", "sh",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-ea", "-XX:-UsePerfData",
                "--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path"),
                OutOfRoom.class.getName(), name, file.toString()).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes());
        assertThat(process.waitFor()).as(output).isZero();
        run.assertUsable();
    }

    @ParameterizedTest
    @EnumSource
    void aFileThatFindsNoRoomIsNotMade(Kind kind) throws IOException {
        try (SmallFileSystem place = mount(kind)) {
            Path file = place.folder().resolve("metadata");
            place.fill(0);
            assertThatThrownBy(() -> FileDevice.create(file, BYTES)).isInstanceOf(DeviceException.class)
                    .hasMessageContaining(file.toString()).hasMessageContaining(NO_SPACE);
            assertThat(file).doesNotExist();
        }
    }

    /** With more and more room, until it is enough. */
    @ParameterizedTest
    @MethodSource("all")
    void aFormatThatFindsNoRoomLeavesNothingThatLooksLikeAStore(Kind kind, String name) throws IOException {
        Workload<?> workload = FaultCampaign.of(name, 1).workload();
        try (SmallFileSystem place = mount(kind)) {
            Path file = place.folder().resolve("metadata");
            int failed = 0;
            while (!formatted(workload, place, file, failed)) {
                assertThat(++failed).isLessThan(100);
            }
            assertThat(failed).isPositive();
            assertThat(workload.check(FileDevice.open(file, Access.READ_ONLY))).isEmpty();
        }
    }

    private static boolean formatted(Workload<?> workload, SmallFileSystem place, Path file, int pages)
            throws IOException {
        Files.deleteIfExists(file);
        FileDevice device = FileDevice.create(file, workload.deviceSize());
        device.flush();
        place.fill(pages);
        DeviceException failure = catchThrowableOfType(DeviceException.class,
                () -> workload.format(device, workload.ampleCache(), Journal.none()).close());
        place.free();
        if (failure == null) {
            return true;
        }
        assertThat(failure).hasMessageContaining(file.toString()).hasMessageContaining(NO_SPACE);
        try (FileDevice left = FileDevice.open(file, Access.READ_ONLY)) {
            assertThat(MetadataStore.isBlank(left)).isTrue();
        }
        assertThatThrownBy(() -> workload.read(FileDevice.open(file, Access.READ_ONLY)))
                .isInstanceOf(PersistentDataException.class);
        workload.format(FileDevice.open(file, Access.READ_WRITE), workload.ampleCache(), Journal.none()).close();
        assertThat(workload.check(FileDevice.open(file, Access.READ_ONLY))).isEmpty();
        return false;
    }

    @ParameterizedTest
    @EnumSource
    void aFileThatFindsNoRoomToGrowStaysAsItIs(Kind kind) throws IOException {
        try (SmallFileSystem place = mount(kind)) {
            Path file = place.folder().resolve("metadata");
            try (FileDevice device = FileDevice.create(file, BYTES / 4)) {
                place.fill(100);
                assertThatThrownBy(() -> device.resize(BYTES / 2, true)).isInstanceOf(DeviceException.class)
                        .hasMessageContaining(file + ": resize at byte " + BYTES / 2).hasMessageContaining(NO_SPACE);
                assertThat(device.size()).isEqualTo(BYTES / 4);
                assertThat(Files.size(file)).isEqualTo(BYTES / 4);
                device.write(BYTES / 4 - 1, MemorySegment.ofArray(new byte[1]));
                place.free();
                device.resize(BYTES / 2, true);
                assertThat(Files.size(file)).isEqualTo(BYTES / 2);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    void whatHasReservedItsRoomNeedsNoMore(Kind kind, String name) {
        try (SmallFileSystem place = mount(kind)) {
            prepareInReserved(FaultCampaign.of(name, 1).workload(), place);
        }
    }

    private static <C> void prepareInReserved(Workload<C> workload, SmallFileSystem place) {
        Path file = place.folder().resolve("metadata");
        FileDevice device = FileDevice.create(file, 0);
        device.resize(workload.deviceSize(), true);
        place.fill(0);
        C committed;
        try (Session<C> session = workload.format(device, workload.ampleCache(), Journal.none())) {
            workload.prepare(session);
            committed = session.committed();
        }
        place.free();
        place.remount();
        assertThat(workload.read(FileDevice.open(file, Access.READ_ONLY))).isEqualTo(committed);
        assertThat(workload.check(FileDevice.open(file, Access.READ_ONLY))).isEmpty();
    }
}
