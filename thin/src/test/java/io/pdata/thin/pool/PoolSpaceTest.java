package io.pdata.thin.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pdata.core.device.DeviceFullException;
import io.pdata.core.device.PersistentDataException;
import io.pdata.thin.ThinRequestException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Pools that run out of metadata or data, and sizes that they cannot have. */
class PoolSpaceTest {
    private static final long MIB = 1 << 20;
    private static final long TIB = 1L << 40;
    private static final int BLOCK = 64 << 10;
    private static final Pattern MOST = Pattern.compile("at most ([0-9]+)");

    @TempDir
    private Path temporary;

    private final List<String> said = new ArrayList<>();
    private final PoolEvents events = new PoolEvents() {
        @Override
        public void modeChanged(PoolMode mode) {
            said.add(mode.toString());
        }

        @Override
        public void lowOnData(long freeBytes) {
            said.add("data " + freeBytes);
        }

        @Override
        public void lowOnMetadata(long freeBytes) {
            said.add("metadata");
        }

        @Override
        public void notGrown(PersistentDataException reason) {
            said.add(reason.getMessage());
        }
    };
    private final MemorySegment block = Arena.ofAuto().allocate(BLOCK);
    private Path home;
    private NamedPool pool;

    @BeforeEach
    void create() throws IOException {
        home = temporary.resolve("pool");
        pool = NamedPool.create(home, new NamedPool.Geometry(64 * MIB, 2 * MIB, BLOCK / 512), options(), events);
        pool.createVolume("disk", 1L << 30);
    }

    private static PoolOptions options() {
        return PoolOptions.defaults().withErrorIfNoSpace(true).withLowWater(16).withCommitPeriod(Duration.ZERO);
    }

    @AfterEach
    void close() {
        pool.close();
    }

    // ---- sizes ----

    private void growthChangesNothing(long data, long metadata) throws IOException {
        PoolStatus before = pool.pool().status();
        long dataSize = Files.size(home.resolve("data"));
        long metadataSize = Files.size(home.resolve("metadata"));
        assertThatThrownBy(() -> pool.grow(data, metadata)).isInstanceOf(ThinRequestException.class);
        assertThat(pool.pool().status()).isEqualTo(before);
        assertThat(Files.size(home.resolve("data"))).isEqualTo(dataSize);
        assertThat(Files.size(home.resolve("metadata"))).isEqualTo(metadataSize);
    }

    @ParameterizedTest
    @CsvSource({"4398046511104,0", "9223372036854775807,0", "9223372036854775807,4194304", "0,9223372036854775807",
        "0,17179869184", "-1,0", "0,-1", "1024,0", "0,4096", "4398046511104,2097152", "128,9223372036854775807"})
    void sizesThatAreNotPossibleChangeNothing(long data, long metadata) throws IOException {
        growthChangesNothing(data, metadata);
        pool.createVolume("other", MIB);
        pool.grow(128 * MIB, 0);
        assertThat(pool.pool().status().dataBlocks()).isEqualTo(128 * MIB / BLOCK);
    }

    @Test
    void theLargestSizeThatIsNamedIsPossible() {
        long most = 0;
        try {
            pool.grow(4 * TIB, 0);
        } catch (ThinRequestException e) {
            Matcher matcher = MOST.matcher(e.getMessage());
            assertThat(matcher.find()).as(e.getMessage()).isTrue();
            most = Long.parseLong(matcher.group(1));
        }
        assertThat(most).isBetween(200L << 30, 2 * TIB);
        pool.grow(most, 0);
        assertThat(pool.pool().status().dataBlocks()).isEqualTo(most / BLOCK);
        assertThat(pool.pool().status().mode()).isEqualTo(PoolMode.WRITE);
        pool.createVolume("other", MIB);
        pool.grow(4 * TIB, 32 * MIB);
        assertThat(pool.pool().status().dataBlocks()).isEqualTo(4 * TIB / BLOCK);
    }

    /** A data file that was made larger by other means than this does not keep the pool from being opened. */
    @Test
    void aDataFileTooLargeToBeCountedIsUsedInPart() throws IOException {
        pool.close();
        try (RandomAccessFile file = new RandomAccessFile(home.resolve("data").toFile(), "rw")) {
            file.setLength(4 * TIB);
        }
        pool = NamedPool.open(home, options(), events);
        assertThat(pool.pool().status().dataBlocks()).isEqualTo(64 * MIB / BLOCK);
        assertThat(pool.pool().status().mode()).isEqualTo(PoolMode.WRITE);
        assertThat(said).anyMatch(line -> line.contains("have to grow first"));
        pool.createVolume("other", MIB);
        growthChangesNothing(4 * TIB, 0);
    }

    /** The new bitmap of the metadata's own space map is one of the blocks that it counts. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5, 8, 40})
    void metadataGrowByAnyNumberOfBlocksOrNotAtAll(int blocks) {
        long first = 16_320L * 4096;
        pool.grow(0, first);
        try {
            pool.grow(0, first + blocks * 4096L);
        } catch (PersistentDataException e) {
            assertThat(blocks).as(e.getMessage()).isLessThan(8);
        }
        assertThat(pool.pool().status().mode()).isEqualTo(PoolMode.WRITE);
        assertThat(pool.pool().status().needsCheck()).isFalse();
        pool.createVolume("other", MIB);
    }

    // ---- metadata run out ----

    /** Takes snapshots, each of which has blocks of its own, until that is not possible; returns how many there are. */
    private int exhaust(String prefix) {
        int[] count = {0};
        assertThatThrownBy(() -> {
            try (Volume volume = pool.open("disk")) {
                for (; count[0] < 10_000; count[0]++) {
                    volume.write(count[0] % 16 * BLOCK, block.asSlice(0, 512));
                    volume.flush();
                    pool.createSnapshot(prefix + count[0], "disk", false);
                    volume.discard(0, 16 * BLOCK);
                }
            }
        }).isInstanceOf(DeviceFullException.class).hasMessageContaining("out of metadata space");
        return count[0];
    }

    @Test
    void metadataThatRunOutAreWarnedOfOnceAndVolumesCanBeDeleted() {
        int count = exhaust("a");
        assertThat(said).containsExactly("metadata", "OUT_OF_METADATA_SPACE");
        assertThat(pool.pool().status().warnings()).contains(PoolWarning.LOW_ON_METADATA);
        for (int i = 0; i < count; i++) {
            pool.delete("a" + i);
        }
        assertThat(said).containsExactly("metadata", "OUT_OF_METADATA_SPACE", "WRITE");
        assertThat(pool.pool().status().warnings()).isEmpty();
        exhaust("b");
        assertThat(said).containsExactly("metadata", "OUT_OF_METADATA_SPACE", "WRITE", "metadata",
                "OUT_OF_METADATA_SPACE");
        pool.grow(0, 4 * MIB);
        assertThat(pool.pool().status().mode()).isEqualTo(PoolMode.WRITE);
        pool.createVolume("other", MIB);
    }

    @Test
    void aPoolThatIsOpenedLowOnMetadataWarnsAgain() {
        exhaust("a");
        pool.close();
        said.clear();
        pool = NamedPool.open(home, options(), events);
        assertThat(said).startsWith("metadata");
        pool.delete("a0");
    }

    // ---- data ----

    @Test
    void fewDataBlocksAreWarnedOfOncePerCrossing() {
        try (Volume volume = pool.open("disk")) {
            for (int crossing = 1; crossing <= 3; crossing++) {
                for (int i = 0; i < 1020; i++) {
                    volume.write((long) i * BLOCK, block.asSlice(0, 512));
                    if (i % 10 == 0) {
                        volume.flush();
                    }
                }
                assertThat(said).hasSize(crossing).containsOnly("data " + 16 * BLOCK);
                volume.discard(500L * BLOCK, 520L * BLOCK);
                volume.flush();
            }
        }
    }
}
