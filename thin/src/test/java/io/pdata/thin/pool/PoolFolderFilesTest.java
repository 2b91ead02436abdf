package io.pdata.thin.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pdata.core.block.CorruptionException;
import io.pdata.core.device.DeviceBusyException;
import io.pdata.core.device.DeviceException;
import io.pdata.core.device.FileDevice;
import io.pdata.core.device.FileDevice.Access;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The files of a pool's folder: their creation, their permissions, and the treatment of strange ones. */
@Timeout(60)
class PoolFolderFilesTest {
    private static final long MIB = 1 << 20;
    private static final NamedPool.Geometry GEOMETRY = new NamedPool.Geometry(64 * MIB, 4 * MIB, 128);

    @TempDir
    Path folder;

    private Path home;
    private final List<String> warnings = new ArrayList<>();
    private final PoolEvents events = new PoolEvents() {
        @Override
        public void warned(String message) {
            warnings.add(message);
        }
    };

    @BeforeEach
    void home() {
        home = folder.resolve("pool");
    }

    private NamedPool create() throws IOException {
        return NamedPool.create(home, GEOMETRY, PoolOptions.defaults(), events);
    }

    private NamedPool open() {
        return NamedPool.open(home, PoolOptions.defaults(), events);
    }

    private List<String> files() throws IOException {
        try (var files = Files.list(home)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    private static List<String> names(NamedPool pool) {
        return pool.volumes().stream().map(NamedVolume::name).toList();
    }

    // ---- creation ----

    /** The folder after a kill in each step of the creation of a pool. */
    private void interruptedBefore(Step step) throws IOException {
        PoolCreation creation = PoolCreation.begin(home);
        if (step == Step.FILES) {
            return;
        }
        PoolFiles.create(creation.building(), GEOMETRY).close();
        if (step == Step.FORMAT) {
            return;
        }
        Files.delete(creation.building().resolve("metadata"));
        Files.delete(creation.building().resolve("data"));
        Files.delete(creation.building().resolve("uncommitted"));
        Path whole = folder.resolve("whole");
        NamedPool.create(whole, GEOMETRY, PoolOptions.defaults(), events, pool -> pool.createVolume("vol0", MIB))
                .close();
        for (String name : List.of("data", "uncommitted", "names.1", "names.new", "metadata")) {
            Files.move(whole.resolve(name), creation.building().resolve(name));
        }
        if (step == Step.COMPLETE) {
            return;
        }
        creation.complete();
        if (step == Step.FIRST_MOVE) {
            return;
        }
        for (String name : List.of("data", "uncommitted", "names.1", "names.new")) {
            Files.move(creation.building().resolve(name), home.resolve(name));
        }
        if (step == Step.LAST_MOVE) {
            return;
        }
        Files.move(creation.building().resolve("metadata"), home.resolve("metadata"));
    }

    private enum Step {
        FILES, FORMAT, COMPLETE, FIRST_MOVE, LAST_MOVE, CLEANING
    }

    @Test
    void aCreationThatWasInterruptedIsRemovedOrFinished() throws IOException {
        for (Step step : Step.values()) {
            home = folder.resolve("pool-" + step);
            interruptedBefore(step);
            boolean finished = step.compareTo(Step.COMPLETE) > 0;
            assertThat(NamedPool.settleCreation(home)).as("free after a kill before %s", step).isEqualTo(!finished);
            try (NamedPool pool = finished ? open() : create()) {
                assertThat(names(pool)).as("after a kill before %s", step)
                        .isEqualTo(finished ? List.of("vol0") : List.of());
            }
            assertThat(files()).contains("metadata", "data", "uncommitted", "names.new").doesNotContain(".new-pool");
            deleteAll(folder.resolve("whole"));
        }
    }

    private static void deleteAll(Path directory) throws IOException {
        if (Files.exists(directory)) {
            try (var files = Files.list(directory)) {
                for (Path file : files.toList()) {
                    Files.delete(file);
                }
            }
            Files.delete(directory);
        }
    }

    @Test
    void noFileOfSomebodyElseIsDeleted() throws IOException {
        Files.createDirectories(home.resolve(".new-pool"));
        Files.writeString(home.resolve(".new-pool/precious"), "mine");
        assertThatThrownBy(this::create).isInstanceOf(IOException.class).hasMessageContaining("move them away");
        assertThat(home.resolve(".new-pool/precious")).hasContent("mine");
        Files.delete(home.resolve(".new-pool/precious"));
        Files.writeString(home.resolve("data"), "mine too");
        assertThatThrownBy(this::create).isInstanceOf(DeviceException.class)
                .hasMessageContaining("data: exists already");
        assertThat(home.resolve("data")).hasContent("mine too");
    }

    @Test
    void aCreationThatIsUnderWayIsLeftAlone() throws IOException {
        PoolCreation creation = PoolCreation.begin(home);
        PoolFiles files = PoolFiles.create(creation.building(), GEOMETRY);
        assertThatThrownBy(this::create).isInstanceOf(DeviceBusyException.class)
                .hasMessageContaining("another process is creating a pool here");
        files.close();
        create().close();
    }

    // ---- permissions and links ----

    @Test
    void everyFileIsItsOwnersOnly() throws IOException {
        try (NamedPool pool = create()) {
            pool.createVolume("a", MIB);
            Files.setPosixFilePermissions(home.resolve("names.1"), PosixFilePermissions.fromString("rw-rw-rw-"));
            pool.createVolume("b", MIB);
            pool.createVolume("c", MIB); // overwrites names.1
        }
        for (String file : files()) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(home.resolve(file)))).as(file)
                    .isEqualTo("rw-------");
        }
    }

    @Test
    void namesAndLogAreNotOpenedThroughLinks() throws IOException {
        create().close();
        Path victim = Files.writeString(folder.resolve("victim"), "precious");
        Files.delete(home.resolve("uncommitted"));
        Files.createSymbolicLink(home.resolve("uncommitted"), victim);
        assertThatThrownBy(this::open).isInstanceOf(DeviceException.class).hasMessageContaining("is a symbolic link");
        Files.delete(home.resolve("uncommitted"));
        try (NamedPool pool = open()) {
            Files.delete(home.resolve("names.new"));
            Files.createSymbolicLink(home.resolve("names.new"), victim);
            assertThatThrownBy(() -> pool.createVolume("a", MIB)).hasMessageContaining("not a regular file");
            Files.delete(home.resolve("names.new"));
            pool.createVolume("a", MIB);
        }
        assertThat(victim).hasContent("precious");
    }

    // ---- names ----

    private static String withChecksum(String text) {
        CRC32C crc = new CRC32C();
        crc.update(text.getBytes(StandardCharsets.UTF_8));
        return text + "crc32c %08x\n".formatted(crc.getValue());
    }

    @Test
    void namesBeforeTheLastChangeAreUsedIfTheLastAreDamaged() throws IOException {
        try (NamedPool pool = create()) {
            pool.createVolume("first", MIB);
            pool.createVolume("second", 2 * MIB);
        }
        Path names = home.resolve("names.2");
        Files.writeString(names, Files.readString(names).replace("second", "sesame"));
        try (NamedPool pool = open()) {
            assertThat(names(pool)).containsExactly("first", "thin-1");
            assertThat(pool.find("first").orElseThrow().size()).isEqualTo(MIB);
            pool.rename("thin-1", "second");
            pool.resize("second", 2 * MIB);
        }
        assertThat(warnings).singleElement().asString().contains("names.2", "checksum");
        assertThat(Files.readString(home.resolve("names.damaged"))).contains("sesame");
        try (NamedPool pool = open()) {
            assertThat(names(pool)).containsExactly("first", "second");
        }
        assertThat(warnings).hasSize(1);
    }

    @Test
    void volumesAreNumberedIfAllNamesAreDamaged() throws IOException {
        try (NamedPool pool = create()) {
            pool.createVolume("only", MIB);
        }
        Files.write(home.resolve("names.1"), new byte[]{(byte) 0xff, 0, (byte) 0xfe});
        Files.write(home.resolve("names.new"), new byte[4096]);
        try (NamedPool pool = open()) {
            assertThat(names(pool)).containsExactly("thin-0");
        }
    }

    @Test
    void namesThatCannotBeAreNotBelievedWhateverTheirChecksum() {
        String good = "volume 0 1 1048576 0 rw a - - - 0\n";
        Path file = Path.of("names.1");
        assertThat(NamesText.parse(file, withChecksum("pdata pool names 1\n" + good))).hasSize(1);
        for (String bad : List.of("volume 0 1 1048576 0 rw ../a - - - 0\n",
                "volume 0 1 1048576 0 rw \u001b[2Ja - - - 0\n",
                "volume -1 1 1048576 0 rw a - - - 0\n", "volume 16777216 1 1048576 0 rw a - - - 0\n",
                "volume 0 1 -512 0 rw a - - - 0\n", "volume 0 1 0 0 rw a - - - 0\n", "volume 0 1 513 0 rw a - - - 0\n",
                "volume 0 1 1048576 99999999999999999 rw a - - - 0\n", "volume 0 1 1048576 0 rw a /b - - 0\n",
                "volume 0 1 1048576 0 rw a - relative - 0\n", "volume 0 1 1048576 0 rw a - %2Fa%00 - 0\n",
                "volume 0 1 1048576 0 rw a - - - 0 0 0\n", "volume 0 1 1048576 0 rw a - - - 0 -5\n", good + good,
                good + "volume 1 1 1048576 0 rw a - - - 0\n", good + "volume 0 1 1048576 0 rw b - - - 0\n",
                "a".repeat(1 << 20) + "\n", "\n")) {
            assertThatThrownBy(() -> NamesText.parse(file, withChecksum("pdata pool names 1\n" + bad)))
                    .isInstanceOf(CorruptionException.class)
                    .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(300).doesNotContain("\u001b"));
        }
    }

    // ---- external origins ----

    @Test
    void onlyFilesAndBlockDevicesAreExternalOriginsAndNothingWaitsForOthers() throws Exception {
        Path pipe = folder.resolve("pipe");
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
        try (NamedPool pool = create()) {
            for (Path path : List.of(pipe, Path.of("/dev/zero"), Path.of("/dev/tty"), folder, home.resolve("metadata"),
                    home.resolve("data"), folder.resolve("missing"))) {
                assertThatThrownBy(() -> pool.createVolume("x", 0, path.toString())).as("%s", path)
                        .isInstanceOf(DeviceException.class).hasMessageStartingWith("external origin " + path);
                assertThat(pool.find("x")).isEmpty();
            }
        }
    }

    @Test
    void whatIsMissingOfAnExternalOriginIsAnErrorAndNotZeroes() throws IOException {
        Path image = folder.resolve("image");
        Files.write(image, new byte[(int) MIB]);
        try (NamedPool pool = create()) {
            pool.createVolume("on-image", 2 * MIB, image.toString());
        }
        try (var channel = FileChannel.open(image, StandardOpenOption.WRITE)) {
            channel.truncate(MIB / 2);
        }
        try (NamedPool pool = open(); Volume volume = pool.open("on-image")) {
            assertThat(warnings).singleElement().asString().contains("on-image", image.toString(), "524288", "1048576");
            MemorySegment target = MemorySegment.ofArray(new byte[512]);
            volume.read(0, target);
            assertThatThrownBy(() -> volume.read(MIB / 2, target)).isInstanceOf(DeviceException.class)
                    .hasMessageContaining("too short");
            volume.read(MIB, target);
        }
        try (FileDevice _ = FileDevice.open(home.resolve("metadata"), Access.READ_ONLY)) {
            assertThat(Files.readString(home.resolve("names.1"))).contains(" 1048576\n");
        }
    }
}
