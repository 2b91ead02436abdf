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
import io.pdata.tools.ToolException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
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
        return new ImageOptions(true, false, size, -1, null);
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
        byte[] bytes = extract(open(0, -1, new ImageOptions(true, false, 63 * MIB, -1, file)), false).bytes();
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
            ImageOptions unlocked = new ImageOptions(false, false, 63 * MIB, -1, null);
            assertThat(extract(open(1, -1, unlocked), false).bytes()).isEqualTo(snapshot);
        }
    }

    @Test
    void theHeldMetadataSnapshotShowsWhatWasThen() throws IOException {
        try (NamedPool pool = Pools.open(folder.resolve("pool"))) {
            pool.pool().reserveMetadataSnapshot();
            pool.createSnapshot("later", "disk", true);
            Pools.write(pool, "disk", 0, new byte[]{1, 1, 1});
            ImageOptions held = new ImageOptions(true, true, 63 * MIB, -1, null);
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
        int hopeless = 0;
        for (int block = 0; block < sound.length / METADATA_BLOCK; block++) {
            byte[] damaged = sound.clone();
            if (isBlank(sound, block)) {
                continue;
            }
            damaged[block * METADATA_BLOCK + 50] ^= 4;
            Files.write(metadata, damaged);
            try {
                Extracted extracted = extract(open(0, -1, sized(63 * MIB)), true);
                lossy += checked(extracted, block);
            } catch (PersistentDataException e) {
                hopeless++; // the superblock, or what leads to all volumes
            }
        }
        assertThat(hopeless).isBetween(2, 4);
        assertThat(lossy).isGreaterThanOrEqualTo(4);
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
