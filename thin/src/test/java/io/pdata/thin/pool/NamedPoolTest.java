package io.pdata.thin.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.pdata.core.block.Bytes;
import io.pdata.core.block.CorruptionException;
import io.pdata.core.device.DeviceBusyException;
import io.pdata.core.device.DeviceException;
import io.pdata.core.device.FileDevice.Access;
import io.pdata.core.device.FileDevice;
import io.pdata.core.device.MemoryDevice;
import io.pdata.core.device.ReadOnlyException;
import io.pdata.core.space.NoSpaceException;
import io.pdata.core.store.OpenOptions;
import io.pdata.thin.Recount;
import io.pdata.thin.ThinMetadata;
import io.pdata.thin.ThinRequestException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NamedPoolTest {
    private static final long MIB = 1 << 20;

    @TempDir
    Path folder;

    private Path home;
    private NamedPool pool;

    @BeforeEach
    void create() throws IOException {
        home = folder.resolve("pool");
        pool = NamedPool.create(home, new NamedPool.Geometry(64 * MIB, 4 * MIB, 128), options(), PoolEvents.NONE);
    }

    @AfterEach
    void close() {
        pool.close();
        try (FileDevice metadata = FileDevice.open(home.resolve("metadata"), Access.READ_ONLY)) {
            Recount.verify(metadata);
        }
    }

    private static PoolOptions options() {
        return PoolOptions.defaults().withErrorIfNoSpace(true);
    }

    private void reopen() {
        pool.close();
        pool = NamedPool.open(home, options(), PoolEvents.NONE);
    }

    private void put(String name, long position, long value) {
        MemorySegment bytes = MemorySegment.ofArray(new byte[512]);
        bytes.set(Bytes.U64, 0, value);
        try (Volume volume = pool.open(name)) {
            volume.write(position, bytes);
        }
    }

    private long get(String name, long position) {
        MemorySegment bytes = MemorySegment.ofArray(new byte[512]);
        try (Volume volume = pool.open(name)) {
            volume.read(position, bytes);
        }
        return bytes.get(Bytes.U64, 0);
    }

    private List<String> names() {
        return pool.volumes().stream().map(NamedVolume::name).toList();
    }

    private String content(String name) {
        return String.valueOf(pool.find(name).orElseThrow().content());
    }

    @Test
    void whatIsNotWrittenToHasAContentOfItsOwnThatStaysAsLongAsItDoes() {
        pool.createVolume("disk", 10 * MIB);
        pool.createSnapshot("a", "disk", true);
        pool.createSnapshot("b", "disk", true);
        String before = content("a");
        assertThat(content("disk")).isEqualTo("null");
        assertThat(before).isNotEqualTo(content("b")).isNotEqualTo("null");
        pool.rename("a", "c");
        reopen();
        assertThat(content("c")).isEqualTo(before);
        pool.resize("c", 11 * MIB);
        assertThat(content("c")).isNotEqualTo(before).isNotEqualTo("null");
        String resized = content("c");
        pool.revert("c", "disk");
        assertThat(content("c")).isNotEqualTo(resized).isNotEqualTo("null");
    }

    @Test
    void anUnfinishedVolumeIsSeenByNobodyUntilItIsComplete() {
        UUID content = UUID.randomUUID();
        pool.begin("copy", MIB, null, "half");
        assertThat(names()).isEmpty();
        assertThatThrownBy(() -> pool.open("copy")).isInstanceOf(ThinRequestException.class);
        assertThatThrownBy(() -> pool.open(".copy")).isInstanceOf(ThinRequestException.class);
        assertThatThrownBy(() -> pool.createVolume("copy", MIB)).hasMessageContaining("received in part");
        try (Volume volume = pool.openUnfinished("copy")) {
            volume.write(0, MemorySegment.ofArray(new byte[]{7}));
            volume.flush();
        }
        pool.note("copy", "more");
        reopen();
        assertThat(names()).isEmpty();
        assertThat(pool.unfinished()).extracting(NamedVolume::name, NamedVolume::receipt)
                .containsExactly(tuple("copy", "more"));
        pool.complete("copy", content);
        assertThat(names()).containsExactly("copy");
        assertThat(pool.unfinished()).isEmpty();
        assertThat(content("copy")).isEqualTo(content.toString());
        assertThat(get("copy", 0)).isEqualTo(7);
    }

    @Test
    void anUnfinishedVolumeThatBeginsAsASnapshotHasTheSizeItIsToHave() {
        pool.createVolume("disk", 10 * MIB);
        put("disk", 9 * MIB, 5);
        for (long size : new long[]{5 * MIB, 20 * MIB}) {
            pool.begin("copy", size, pool.find("disk").orElseThrow(), "half");
            assertThat(pool.unfinished()).extracting(NamedVolume::size).containsExactly(size);
            pool.abandon("copy");
        }
        assertThat(pool.unfinished()).isEmpty();
        assertThat(get("disk", 9 * MIB)).isEqualTo(5);
    }

    @Test
    void whatIsOnlyPassingHasGoneWhenThePoolIsOpenedTheNextTime() {
        pool.createVolume("disk", 10 * MIB);
        pool.begin("copy", MIB, null, NamedVolume.PASSING);
        pool.begin("kept", MIB, null, "half");
        reopen();
        assertThat(pool.unfinished()).extracting(NamedVolume::name).containsExactly("kept");
        assertThat(names()).containsExactly("disk");
    }

    @Test
    void volumesSnapshotsAndNamesAreThereAfterReopening() {
        pool.createVolume("disk", 10 * MIB);
        put("disk", 0, 1);
        pool.createSnapshot("disk@monday", "disk", true);
        put("disk", 0, 2);
        pool.rename("disk", "root");
        List<NamedVolume> before = pool.volumes();
        reopen();
        assertThat(pool.volumes()).isEqualTo(before);
        assertThat(names()).containsExactly("disk@monday", "root");
        assertThat(get("root", 0)).isEqualTo(2);
        assertThat(get("disk@monday", 0)).isEqualTo(1);
        assertThat(pool.find("disk@monday")).hasValueSatisfying(snapshot -> {
            assertThat(snapshot.origin()).isEqualTo("root");
            assertThat(snapshot.readOnly()).isTrue();
            assertThat(snapshot.size()).isEqualTo(10 * MIB);
        });
    }

    @Test
    void aVolumeIsRevertedToASnapshotWhichStays() {
        pool.createVolume("disk", MIB);
        put("disk", 0, 1);
        pool.createSnapshot("before", "disk", true);
        put("disk", 0, 2);
        pool.revert("disk", "before");
        assertThat(get("disk", 0)).isEqualTo(1);
        put("disk", 0, 3);
        assertThat(get("before", 0)).isEqualTo(1);
    }

    @Test
    void snapshotsAreDeletedInAnyOrderAndStorageComesBack() {
        pool.createVolume("a", MIB);
        for (int block = 0; block < 16; block++) {
            put("a", block * 65_536L, block);
        }
        pool.createSnapshot("b", "a", false);
        pool.createSnapshot("c", "b", false);
        put("c", 0, 100);
        pool.delete("b");
        pool.delete("a");
        assertThat(get("c", 0)).isEqualTo(100);
        assertThat(get("c", 65_536)).isEqualTo(1);
        assertThat(pool.pool().status().usedDataBlocks()).isEqualTo(16);
        pool.delete("c");
        assertThat(pool.pool().status().usedDataBlocks()).isZero();
    }

    @Test
    void aSmallerVolumeGivesUpWhatIsBeyondItsEnd() {
        pool.createVolume("disk", MIB);
        put("disk", MIB - 512, 7);
        pool.resize("disk", MIB / 2);
        pool.resize("disk", MIB);
        assertThat(get("disk", MIB - 512)).isZero();
    }

    @Test
    void whatASmallerVolumeGaveUpDoesNotComeBackInsideOfABlockEither() {
        pool.createVolume("disk", MIB);
        put("disk", 65_536, 5);
        put("disk", 65_536 + 1024, 6);
        pool.createSnapshot("before", "disk", true);
        pool.resize("disk", 65_536 + 512);
        pool.resize("disk", MIB);
        assertThat(get("disk", 65_536)).isEqualTo(5);
        assertThat(get("disk", 65_536 + 1024)).isZero();
        assertThat(get("before", 65_536 + 1024)).isEqualTo(6);
    }

    @Test
    void originsFollowTheirVolumes() {
        pool.createVolume("disk", MIB);
        pool.createSnapshot("monday", "disk", true);
        pool.createSnapshot("clone", "monday", false);
        pool.rename("disk", "root");
        assertThat(pool.find("monday").orElseThrow().origin()).isEqualTo("root");
        pool.delete("monday");
        assertThat(pool.find("clone").orElseThrow().origin()).isEqualTo("root");
        pool.revert("root", "clone");
        assertThat(pool.find("root").orElseThrow().origin()).isEmpty();
        assertThatThrownBy(() -> pool.revert("root", "root")).isInstanceOf(ThinRequestException.class);
        reopen();
        assertThat(pool.find("clone").orElseThrow().origin()).isEqualTo("root");
    }

    @Test
    void thePoolGrowsWhileItIsInUse() {
        pool.createVolume("disk", 200 * MIB);
        try (Volume volume = pool.open("disk")) {
            volume.write(0, MemorySegment.ofArray(new byte[64 << 20]));
            assertThatThrownBy(() -> volume.write(100 * MIB, MemorySegment.ofArray(new byte[512])))
                    .isInstanceOf(NoSpaceException.class);
            pool.grow(100 * MIB - 1, 8 * MIB);
            volume.write(100 * MIB, MemorySegment.ofArray(new byte[512]));
        }
        PoolStatus status = pool.pool().status();
        assertThat(status.dataBlocks()).isEqualTo(1600);
        assertThat(status.metadataBlocks()).isEqualTo(2048);
        assertThatThrownBy(() -> pool.grow(64 * MIB, 0)).isInstanceOf(ThinRequestException.class)
                .hasMessageContaining("smaller");
        reopen();
        assertThat(pool.pool().status().dataBlocks()).isEqualTo(1600);
    }

    @Test
    void aPoolThatCannotBeMadeLeavesNothing() throws IOException {
        Path other = folder.resolve("other");
        NamedPool.Geometry tooSmall = new NamedPool.Geometry(MIB, 8192, 128);
        assertThatThrownBy(() -> NamedPool.create(other, tooSmall, options(), PoolEvents.NONE))
                .isInstanceOf(RuntimeException.class);
        assertThat(other).doesNotExist();
        Files.createDirectory(other);
        assertThatThrownBy(() -> NamedPool.create(other, tooSmall, options(), PoolEvents.NONE))
                .isInstanceOf(RuntimeException.class);
        assertThat(other).isEmptyDirectory();
        assertThatThrownBy(() -> NamedPool.create(home, tooSmall, options(), PoolEvents.NONE))
                .hasMessageContaining("exists already");
        pool.createVolume("still-there", MIB);
        assertThat(Files.getPosixFilePermissions(home)).as("of a folder that was created")
                .isEqualTo(PosixFilePermissions.fromString("rwx------"));
    }

    @Test
    void theCommittedMetadataStayAsTheyAreWhileThePoolIsUsed() {
        pool.createVolume("disk", 64 * MIB);
        put("disk", 0, 1);
        try (CommittedMetadata then = pool.openCommittedMetadata()) {
            for (int i = 0; i < 30; i++) {
                pool.createSnapshot("s" + i, "disk", true);
                put("disk", i * 65_536L, i);
                pool.delete("s" + i);
            }
            MemoryDevice copy = new MemoryDevice(then.size());
            MemorySegment bytes = MemorySegment.ofArray(new byte[(int) then.size()]);
            then.read(0, bytes);
            copy.write(0, bytes);
            Recount.verify(copy);
            try (ThinMetadata seen = ThinMetadata.open(copy, OpenOptions.readOnly())) {
                assertThat(seen.transactionId()).isEqualTo(1);
            }
            assertThatThrownBy(() -> then.write(0, bytes)).isInstanceOf(ReadOnlyException.class);
        }
    }

    @Test
    void requestsThatAreNotPossibleChangeNothing() {
        pool.createVolume("disk", MIB);
        long before = pool.pool().status().transactionId();
        assertThatThrownBy(() -> pool.createVolume("disk", MIB)).isInstanceOf(ThinRequestException.class)
                .hasMessageContaining("already");
        assertThatThrownBy(() -> pool.createSnapshot("x", "y", false)).isInstanceOf(ThinRequestException.class)
                .hasMessageContaining("no volume 'y'");
        for (String name : new String[]{"", "-x", "a b", "a/b", "ä", ".hidden"}) {
            assertThatThrownBy(() -> pool.createVolume(name, MIB)).isInstanceOf(ThinRequestException.class)
                    .hasMessageContaining("no name");
        }
        assertThatThrownBy(() -> pool.createVolume("odd", 1000)).isInstanceOf(ThinRequestException.class);
        try (Volume _ = pool.open("disk")) {
            assertThatThrownBy(() -> pool.delete("disk")).isInstanceOf(ThinRequestException.class)
                    .hasMessageContaining("open");
            // The first of its two changes is possible, the second not: nothing must be left of it.
            pool.createSnapshot("snapshot", "disk", true);
            assertThatThrownBy(() -> pool.revert("disk", "snapshot")).isInstanceOf(ThinRequestException.class);
        }
        assertThat(pool.pool().status().transactionId()).isEqualTo(before + 1);
        reopen();
        assertThat(names()).containsExactly("disk", "snapshot");
    }

    @Test
    void ofTheFilesOfNamesTheOneForTheMetadataCounts() throws IOException {
        pool.createVolume("disk", MIB);
        pool.close();
        // As a crash leaves it between writing the names and committing the metadata.
        Files.writeString(home.resolve("names.2"), "not even whole");
        pool = NamedPool.open(home, options(), PoolEvents.NONE);
        assertThat(names()).containsExactly("disk");
        try (Stream<Path> files = Files.list(home)) {
            assertThat(files.map(path -> path.getFileName().toString())).containsExactlyInAnyOrder("metadata", "data",
                    "uncommitted", "names.1", "names.new");
        }
    }

    /** So that on a file system that is full a volume can be deleted. */
    @Test
    void namesAreWrittenWhereEarlierOnesWere() throws IOException {
        for (int i = 0; i < 60; i++) { // more than fit into a page
            pool.createVolume("a-volume-with-a-name-" + "n".repeat(60) + i, MIB);
        }
        Path spare = home.resolve("names.new");
        Object room = Files.readAttributes(spare, BasicFileAttributes.class).fileKey();
        assertThat(Files.size(spare)).isGreaterThan(4096);
        pool.delete(names().getFirst());
        Path names = home.resolve("names.61");
        assertThat(Files.readAttributes(names, BasicFileAttributes.class).fileKey()).isEqualTo(room);
        assertThat(Files.readString(names)).hasLineCount(61);
        assertThat(spare).exists();
        reopen();
        assertThat(names()).hasSize(59);
    }

    @Test
    void volumesShowTheirExternalOriginAfterReopeningToo() throws IOException {
        Path image = folder.resolve("an image");
        byte[] content = new byte[3 * 65_536 + 700];
        Arrays.fill(content, (byte) 7);
        Files.write(image, content);
        pool.createVolume("clone", 0, image.toString());
        assertThat(pool.find("clone").orElseThrow().size()).isEqualTo(3 * 65_536 + 1024);
        put("clone", 65_536, 5);
        pool.createSnapshot("copy", "clone", false);
        put("copy", 0, 6);
        pool.createVolume("larger", MIB, image.toString());
        reopen();
        long sevens = 0x0707070707070707L;
        assertThat(get("clone", 0)).isEqualTo(sevens);
        assertThat(get("clone", 65_536)).isEqualTo(5);
        assertThat(get("clone", 65_536 + 512)).isEqualTo(sevens);
        assertThat(get("copy", 0)).isEqualTo(6);
        assertThat(get("copy", 2 * 65_536)).isEqualTo(sevens);
        assertThat(get("larger", 3 * 65_536 + 1024)).isZero();
        pool.revert("clone", "copy");
        assertThat(get("clone", 512)).isEqualTo(sevens);
        assertThat(Files.readAllBytes(image)).isEqualTo(content);
    }

    @Test
    void aVolumeWhoseExternalOriginHasGoneCannotBeOpenedAndTheOthersCan() throws IOException {
        Path image = Files.write(folder.resolve("image"), new byte[4096]);
        pool.createVolume("clone", 0, image.toString());
        pool.createVolume("disk", MIB);
        pool.close();
        Files.delete(image);
        reopen();
        assertThatThrownBy(() -> pool.open("clone")).isInstanceOf(DeviceException.class)
                .hasMessageContaining("external origin").hasMessageContaining(image.toString());
        put("disk", 0, 1);
        assertThatThrownBy(() -> pool.createVolume("again", 0, image.toString())).isInstanceOf(DeviceException.class);
        assertThatThrownBy(() -> pool.createVolume("again", 0, "a\0b")).isInstanceOf(ThinRequestException.class);
        assertThatThrownBy(() -> pool.createVolume("again", 0)).isInstanceOf(ThinRequestException.class);
        assertThat(names()).containsExactly("clone", "disk");
        pool.delete("clone");
    }

    @Test
    void aPoolThatCannotBeOpenedIsNotHeldOn() throws IOException {
        pool.close();
        Path metadata = home.resolve("metadata");
        byte[] good = Files.readAllBytes(metadata);
        byte[] bad = good.clone();
        bad[40] ^= 1;
        Files.write(metadata, bad);
        assertThatThrownBy(this::reopen).isInstanceOf(CorruptionException.class);
        for (String file : new String[]{"metadata", "data", "uncommitted"}) {
            FileDevice.open(home.resolve(file), Access.READ_WRITE).close();
        }
        Files.write(metadata, good);
        reopen();
    }

    @Test
    void aSecondOpenerIsRefused() {
        assertThatThrownBy(() -> NamedPool.open(home, options(), PoolEvents.NONE))
                .isInstanceOf(DeviceBusyException.class).hasMessageContaining("metadata");
        pool.createVolume("still-works", MIB);
    }
}
