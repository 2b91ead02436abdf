package io.pdata.thin.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.pdata.core.device.FileDevice.Access;
import io.pdata.core.device.FileDevice;
import io.pdata.core.store.OpenOptions;
import io.pdata.thin.ThinDevice;
import io.pdata.thin.ThinMetadata;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of the names when somebody else has changed the pool. */
class CensusTest {
    private static final long BLOCK = 65_536;
    private static final long MIB = 1 << 20;

    @TempDir
    Path folder;

    private NamedPool pool;

    @BeforeEach
    void create() throws IOException {
        pool = NamedPool.create(folder.resolve("pool"), new NamedPool.Geometry(64 * MIB, 4 * MIB, 128),
                PoolOptions.defaults(), PoolEvents.NONE);
        pool.createVolume("disk", 2 * MIB);
        pool.createSnapshot("monday", "disk", true);
    }

    @AfterEach
    void close() {
        pool.close();
    }

    private void changeElsewhere(Consumer<ThinMetadata> change) {
        pool.close();
        Path home = folder.resolve("pool");
        try (ThinMetadata other = ThinMetadata.open(FileDevice.open(home.resolve("metadata"), Access.READ_WRITE),
                OpenOptions.readWrite())) {
            change.accept(other);
            other.commit();
        }
        pool = NamedPool.open(home, PoolOptions.defaults(), PoolEvents.NONE);
    }

    private static void map(ThinMetadata metadata, long id, long virtualBlock) {
        ThinDevice device = metadata.openDevice(id);
        metadata.insert(device, virtualBlock, metadata.allocateDataBlock());
        metadata.closeDevice(device);
    }

    @Test
    void whatIsNewIsCalledByItsNumberAndAsLargeAsWhatIsMapped() {
        changeElsewhere(metadata -> {
            metadata.createThin(77);
            map(metadata, 77, 9);
            metadata.setTransactionId(2, 50);
        });
        assertThat(pool.volumes()).extracting(NamedVolume::name, NamedVolume::id, NamedVolume::size).containsExactly(
                tuple("disk", 0L, 2 * MIB), tuple("monday", 1L, 2 * MIB), tuple("thin-77", 77L, 10 * BLOCK));
        assertThat(pool.createSnapshot("copy", "thin-77", false).size()).isEqualTo(10 * BLOCK);
    }

    @Test
    void changesShowEvenIfTheTransactionIdIsTheSame() {
        changeElsewhere(metadata -> {
            metadata.delete(0);
            metadata.createThin(5);
        });
        assertThat(pool.volumes()).extracting(NamedVolume::name, NamedVolume::origin)
                .containsExactly(tuple("monday", ""), tuple("thin-5", ""));
        changeElsewhere(_ -> {});
        assertThat(pool.volumes()).extracting(NamedVolume::name).containsExactly("monday", "thin-5");
    }

    @Test
    void whatHasTheNumberOfAnotherIsNotTheOther() {
        changeElsewhere(metadata -> {
            metadata.delete(0);
            metadata.createThin(0);
        });
        assertThat(pool.find("disk")).isEmpty();
        assertThat(pool.find("thin-0").orElseThrow().size()).isEqualTo(BLOCK);
    }

    @Test
    void aVolumeThatHasBecomeLargerElsewhereIsLarger() {
        changeElsewhere(metadata -> map(metadata, 0, 99));
        assertThat(pool.find("disk").orElseThrow().size()).isEqualTo(100 * BLOCK);
        assertThat(pool.find("monday").orElseThrow().size()).isEqualTo(2 * MIB);
    }

    @Test
    void aSizeThatIsNoMultipleOfABlockStays() {
        pool.createVolume("odd", BLOCK + 512);
        changeElsewhere(metadata -> map(metadata, 2, 1));
        assertThat(pool.find("odd").orElseThrow().size()).isEqualTo(BLOCK + 512);
    }

    @Test
    void nobodyLosesANameThatAnotherWouldGet() {
        pool.rename("monday", "thin-3");
        changeElsewhere(metadata -> metadata.createThin(3));
        assertThat(pool.volumes()).extracting(NamedVolume::name, NamedVolume::id)
                .containsExactly(tuple("disk", 0L), tuple("thin-3", 1L), tuple("thin-3_", 3L));
    }
}
