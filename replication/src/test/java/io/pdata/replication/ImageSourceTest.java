package io.pdata.replication;

import static io.pdata.replication.Pools.KIB;
import static io.pdata.replication.Pools.MIB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.pdata.core.device.DeviceBusyException;
import io.pdata.core.device.PersistentDataException;
import io.pdata.thin.pool.NamedPool;
import io.pdata.thin.pool.Volume;
import io.pdata.tools.MetadataFile;
import io.pdata.tools.ToolException;
import io.pdata.tools.thin.RootCandidate;
import io.pdata.tools.thin.ThinRepair;
import io.pdata.tools.thin.VolumeSearch;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Volumes are read out of images as their pool shows them; where the images are damaged, all else is. */
class ImageSourceTest {
    private static final long BLOCK = 64 * KIB;
    private static final int MAPPED = 800;
    private static final int METADATA_BLOCK = 4096;

    @TempDir
    Path folder;

    private Path metadata;
    private Path data;
    private byte[] disk;
    private byte[] snapshot;

    @BeforeEach
    void create() throws IOException {
        metadata = folder.resolve("pool/metadata");
        data = folder.resolve("pool/data");
        try (NamedPool pool = Pools.create(folder.resolve("pool"), 128)) {
            pool.createVolume("disk", 63 * MIB);
            try (Volume disk = pool.open("disk")) {
                assertThat(disk.blockBytes()).isEqualTo(BLOCK);
            }
            for (int i = 0; i < MAPPED; i++) {
                Pools.write(pool, "disk", i * 7L % 1000 * BLOCK + 100, new byte[]{(byte) (i + 1), 2, 3});
            }
            pool.createSnapshot("snapshot", "disk", true);
            for (int i = 0; i < 20; i++) {
                Pools.write(pool, "disk", i * 7 * BLOCK, new byte[]{9, 9, (byte) i});
            }
            disk = Pools.content(pool, "disk");
            snapshot = Pools.content(pool, "snapshot");
        }
    }

    private ImageSource open(long id, long since, ImageOptions options) {
        return ImageSource.open(metadata, data, id, since, options);
    }

    private static ImageOptions sized(long size) {
        return new ImageOptions(true, false, size, null);
    }

    private record Extracted(byte[] bytes, Extraction.Report report) {}

    private static Extracted extract(ImageSource source, boolean salvage) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (source) {
            Extraction.Report report = Extraction.extract(source, new OutputTarget(out), salvage, Progress.NONE);
            return new Extracted(out.toByteArray(), report);
        }
    }

    @Test
    void aVolumeIsAsItsPoolShowsIt() {
        assertThat(extract(open(0, -1, sized(63 * MIB)), false).bytes()).isEqualTo(disk);
        assertThat(extract(open(1, -1, sized(63 * MIB)), false).bytes()).isEqualTo(snapshot);
    }

    @Test
    void withoutASizeItReachesAsFarAsSomethingIsMapped() {
        byte[] bytes = extract(open(0, -1, ImageOptions.DEFAULT), false).bytes();
        assertThat(bytes.length % BLOCK).isZero();
        assertThat(Arrays.copyOf(bytes, disk.length)).isEqualTo(disk);
    }

    @Test
    void aSparseFileTakesUpWhatIsNotZeroes() throws IOException {
        Path output = folder.resolve("disk.img");
        try (ImageSource source = open(0, -1, sized(63 * MIB)); Target target = FileTarget.open(output, false)) {
            Extraction.extract(source, target, false, Progress.NONE);
        }
        assertThat(Files.readAllBytes(output)).isEqualTo(disk);
        assertThatThrownBy(() -> FileTarget.open(output, false)).hasMessageContaining("--force");
        try (ImageSource source = open(1, -1, sized(63 * MIB)); Target target = FileTarget.open(output, true)) {
            Extraction.extract(source, target, false, Progress.NONE);
        }
        assertThat(Files.readAllBytes(output)).isEqualTo(snapshot);
    }

    @Test
    void aFileThatWasNotFinishedIsNotLeftBehind() {
        Path output = folder.resolve("disk.img");
        try (Target target = FileTarget.open(output, false)) {
            target.begin(MIB);
        }
        assertThat(output).doesNotExist();
    }

    @Test
    void theExternalOriginShowsWhereNothingIsMapped() throws IOException {
        byte[] origin = new byte[(int) (30 * MIB + 512)];
        Arrays.fill(origin, (byte) 5);
        Path file = folder.resolve("origin");
        Files.write(file, origin);
        byte[] bytes = extract(open(0, -1, new ImageOptions(true, false, 63 * MIB, file)), false).bytes();
        for (int at = 0; at < disk.length; at += 512) {
            boolean mapped = mapped(at / (int) BLOCK);
            byte expected = mapped || at >= origin.length ? disk[at] : 5;
            assertThat(bytes[at]).as("byte %d", at).isEqualTo(expected);
        }
    }

    private static boolean mapped(int block) {
        for (int i = 0; i < MAPPED; i++) {
            if (i * 7L % 1000 == block) {
                return true;
            }
        }
        for (int i = 0; i < 20; i++) {
            if (i * 7 == block) {
                return true;
            }
        }
        return false;
    }

    @Test
    void nothingIsReadThatSomebodyHasOpenUnlessToldTo() throws IOException {
        try (NamedPool _ = Pools.open(folder.resolve("pool"))) {
            assertThatThrownBy(() -> open(0, -1, ImageOptions.DEFAULT)).isInstanceOfAny(ToolException.class,
                    DeviceBusyException.class);
            ImageOptions unlocked = new ImageOptions(false, false, 63 * MIB, null);
            assertThat(extract(open(1, -1, unlocked), false).bytes()).isEqualTo(snapshot);
        }
    }

    @Test
    void theHeldMetadataSnapshotShowsWhatWasThen() throws IOException {
        try (NamedPool pool = Pools.open(folder.resolve("pool"))) {
            pool.pool().reserveMetadataSnapshot();
            pool.createSnapshot("later", "disk", true);
            Pools.write(pool, "disk", 0, new byte[]{1, 1, 1});
            ImageOptions held = new ImageOptions(true, true, 63 * MIB, null);
            assertThat(extract(open(0, -1, held), false).bytes()).isEqualTo(disk);
            assertThatThrownBy(() -> open(2, -1, held)).hasMessageContaining("no volume with the number 2");
            pool.pool().releaseMetadataSnapshot();
            assertThatThrownBy(() -> open(0, -1, held)).hasMessageContaining("no metadata snapshot");
        }
    }

    /** Every block of the metadata in turn: what is lost is told of, and all else is as it was. */
    @Test
    void whereverTheMetadataAreDamagedTheRestComesOut() throws IOException {
        byte[] sound = Files.readAllBytes(metadata);
        int lossy = 0;
        int searched = 0;
        for (int block = 0; block < sound.length / METADATA_BLOCK; block++) {
            byte[] damaged = sound.clone();
            if (isBlank(sound, block)) {
                continue;
            }
            if (block == 0) {
                Arrays.fill(damaged, 0, METADATA_BLOCK, (byte) 0); // a single flipped bit would be corrected
            }
            damaged[block * METADATA_BLOCK + 50] ^= 4;
            Files.write(metadata, damaged);
            VolumeSearch.Known known = block > 0
                    ? VolumeSearch.Known.NOTHING
                    : new VolumeSearch.Known(OptionalLong.empty(), OptionalLong.empty(), OptionalLong.of(BLOCK));
            ImageSource source = open(0, -1, around(known));
            if (source.notes().stream().noneMatch(note -> note.contains("found by a search"))) {
                lossy += checked(extract(source, true), block);
            } else {
                assertIsOfSomeTime(extract(source, true));
                assertThatThrownBy(() -> open(0, -1, sized(63 * MIB))).isInstanceOf(PersistentDataException.class);
                searched++; // the superblock, or what leads to all volumes
            }
        }
        assertThat(searched).isBetween(2, 4);
        assertThat(lossy).isGreaterThanOrEqualTo(4);
    }

    private static ImageOptions around(VolumeSearch.Known known) {
        return new ImageOptions(true, false, 63 * MIB, null, known);
    }

    /**
     * Every block of a volume holds what it holds now or what it held at some time before: nothing, or what the
     * snapshot has.
     */
    private void assertIsOfSomeTime(Extracted extracted) {
        assertThat(extracted.report().lost()).isEmpty();
        int now = 0;
        for (int at = 0; at < disk.length; at += (int) BLOCK) {
            byte[] block = Arrays.copyOfRange(extracted.bytes(), at, at + (int) BLOCK);
            now += Arrays.equals(block, 0, (int) BLOCK, disk, at, at + (int) BLOCK) ? 1 : 0;
            assertThat(Arrays.equals(block, 0, (int) BLOCK, disk, at, at + (int) BLOCK)
                    || Arrays.equals(block, 0, (int) BLOCK, snapshot, at, at + (int) BLOCK)
                    || Arrays.equals(block, new byte[(int) BLOCK])).as("block %d", at / BLOCK).isTrue();
        }
        assertThat(now).isPositive();
    }

    @Test
    void whatIsKnownOfAVolumeIsTakenForGranted() throws IOException {
        byte[] sound = Files.readAllBytes(metadata);
        long root;
        try (MetadataFile file = MetadataFile.open(metadata)) {
            root = VolumeSearch.find(file, 1, VolumeSearch.Known.NOTHING).root();
        }
        Arrays.fill(sound, 0, METADATA_BLOCK, (byte) 0);
        Files.write(metadata, sound);
        assertThatThrownBy(() -> open(1, -1, around(VolumeSearch.Known.NOTHING)))
                .hasMessageContaining("--block-size");
        VolumeSearch.Known here = new VolumeSearch.Known(OptionalLong.of(root), OptionalLong.empty(),
                OptionalLong.of(BLOCK));
        assertThat(extract(open(1, -1, around(here)), false).bytes()).isEqualTo(snapshot);
        VolumeSearch.Known anywhere = new VolumeSearch.Known(OptionalLong.empty(), OptionalLong.empty(),
                OptionalLong.of(BLOCK));
        assertThat(extract(open(1, -1, around(anywhere)), false).bytes()).isEqualTo(snapshot);
        assertThatThrownBy(() -> open(7, -1, around(anywhere))).hasMessageContaining("number 7");
        VolumeSearch.Known impossible = new VolumeSearch.Known(OptionalLong.empty(), OptionalLong.empty(),
                OptionalLong.of(1000));
        assertThatThrownBy(() -> open(1, -1, around(impossible))).hasMessageContaining("1000 bytes");
    }

    @Test
    void aVolumeIsTakenFromTheStateThatIsPicked() {
        try (MetadataFile file = MetadataFile.open(metadata)) {
            List<RootCandidate> states = ThinRepair.roots(file);
            RootCandidate first = states.stream().filter(state -> state.devices() == 1).findFirst().orElseThrow();
            VolumeSearch.Known old = new VolumeSearch.Known(OptionalLong.empty(),
                    OptionalLong.of(first.mappingRoot()), OptionalLong.empty());
            assertThat(VolumeSearch.find(file, 0, old).root())
                    .isNotEqualTo(VolumeSearch.find(file, 0, VolumeSearch.Known.NOTHING).root());
            assertThatThrownBy(() -> VolumeSearch.find(file, 1, old)).hasMessageContaining("no volume");
        }
    }

    private static boolean isBlank(byte[] image, int block) {
        for (int i = 0; i < METADATA_BLOCK; i++) {
            if (image[block * METADATA_BLOCK + i] != 0) {
                return false;
            }
        }
        return true;
    }

    private int checked(Extracted extracted, int block) {
        byte[] expected = disk.clone();
        for (Extraction.Lost lost : extracted.report().lost()) {
            Arrays.fill(expected, (int) lost.position(), (int) (lost.position() + lost.length()), (byte) 0);
        }
        assertThat(Arrays.mismatch(expected, extracted.bytes())).as("block %d damaged", block).isEqualTo(-1);
        if (extracted.report().lost().isEmpty()) {
            return 0;
        }
        assertThatThrownBy(() -> extract(open(0, -1, sized(63 * MIB)), false)).hasMessageContaining("--salvage");
        return 1;
    }

    @Test
    void dataThatAreNotThereAreLost() throws IOException {
        try (var file = FileChannel.open(data, StandardOpenOption.WRITE)) {
            file.truncate(400 * BLOCK);
        }
        Extracted extracted = extract(open(0, -1, sized(63 * MIB)), true);
        assertThat((double) extracted.report().lostBytes()).isCloseTo(MAPPED / 2.0 * BLOCK, within(30.0 * BLOCK));
        checked(extracted, -1);
    }

    @Test
    void imagesAreSentWholeAndAsChanges() throws IOException {
        ImageOptions size = sized(63 * MIB);
        try (NamedPool to = Pools.create(folder.resolve("to"), 256)) {
            Pools.receive(to, send(1, -1, size), "first");
            byte[] changes = send(0, 1, size);
            Pools.receive(to, changes, "second");
            assertThat(changes.length).isLessThan(20_000);
            assertThat(Pools.content(to, "first")).isEqualTo(snapshot);
            assertThat(Pools.content(to, "second")).isEqualTo(disk);
        }
    }

    @Test
    void whoWritesToASnapshotMakesItNoBaseAnyMore() throws IOException {
        ImageOptions size = sized(63 * MIB);
        try (NamedPool to = Pools.create(folder.resolve("to"), 128)) {
            Pools.receive(to, send(0, -1, size), "first");
            try (NamedPool pool = Pools.open(folder.resolve("pool"))) {
                Pools.write(pool, "disk", 600 * BLOCK, new byte[]{1});
            }
            byte[] changes = send(1, 0, size);
            assertThatThrownBy(() -> Pools.receive(to, changes, "second")).hasMessageContaining("no snapshot here");
        }
    }

    private byte[] send(long id, long since, ImageOptions options) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (ImageSource source = open(id, since, options)) {
            Sender.send(source, null, true, out, Progress.NONE);
        }
        return out.toByteArray();
    }

    @Test
    void whatIsNoPoolIsRefused() throws IOException {
        for (byte[] image : List.of(new byte[0], new byte[100], new byte[8192])) {
            Files.write(metadata, image);
            assertThatThrownBy(() -> open(0, -1, ImageOptions.DEFAULT)).isInstanceOf(PersistentDataException.class);
        }
    }
}
