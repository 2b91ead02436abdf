package io.pdata.thin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pdata.core.block.Bytes;
import io.pdata.core.block.CorruptionException;
import io.pdata.core.device.DeviceException;
import io.pdata.core.device.MemoryDevice;
import io.pdata.core.device.ReadOnlyException;
import io.pdata.core.store.MetadataRefusedException;
import io.pdata.core.store.OpenOptions;
import io.pdata.testkit.Golden;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

/** What must not be opened, and what is said then. */
class ThinOpeningTest {
    private static final long CACHE = 1 << 20;

    private static MemoryDevice image(String name) {
        byte[] content = Golden.image(name);
        MemoryDevice device = new MemoryDevice(name, content.length);
        device.write(0, MemorySegment.ofArray(content));
        return device;
    }

    /** thin-fresh with another number in its superblock. */
    private static MemoryDevice amended(int offset, int value) {
        MemoryDevice device = image("thin-fresh");
        MemorySegment block = MemorySegment.ofArray(new byte[Bytes.BLOCK_SIZE]);
        device.read(0, block);
        block.set(Bytes.U32, offset, value);
        ThinSuperblockLayout.VALIDATOR.prepare(block, 0);
        device.write(0, block);
        return device;
    }

    private static void assertRefused(MemoryDevice device, OpenOptions options, String... words) {
        assertThatThrownBy(() -> ThinMetadata.open(device, options)).isInstanceOf(MetadataRefusedException.class)
                .hasMessageContainingAll(words);
        assertThatThrownBy(device::flush).as("the device has been closed").isInstanceOf(DeviceException.class);
    }

    private static void assertOpensReadOnly(MemoryDevice device) {
        try (ThinMetadata metadata = ThinMetadata.open(device, OpenOptions.readOnly())) {
            assertThat(metadata.writable()).isFalse();
            assertThatThrownBy(() -> metadata.createThin(1)).isInstanceOf(ReadOnlyException.class)
                    .hasMessageContaining("reading only");
        }
    }

    @Test
    void moreDataBlocksThanCanBeToldApartAreNotBelieved() {
        MemoryDevice device = amended(ThinSuperblockLayout.DATA_SPACE_MAP + 4, 1 << 18);
        assertThatThrownBy(() -> ThinMetadata.open(device, OpenOptions.readOnly()))
                .isInstanceOf(CorruptionException.class).hasMessageContaining("claims 1125899906883584 data blocks");
    }

    @Test
    void aBlankDeviceIsNotOpened() {
        assertRefused(new MemoryDevice(1 << 20), OpenOptions.readWrite(), "blank", "formatted");
    }

    @Test
    void aDeviceThatIsNotBlankIsNotFormatted() {
        // Formatting by mistake would destroy a pool.
        MemoryDevice device = image("thin-fresh");
        assertThatThrownBy(() -> ThinMetadata.format(device, 128, CACHE)).isInstanceOf(MetadataRefusedException.class)
                .hasMessageContaining("not blank");
        assertOpensReadOnly(device.reopen());
    }

    @Test
    void blockSizesThatNoPoolCanHaveAreNotFormatted() {
        for (int sectors : new int[]{0, -128, 64, 129, 2097152 + 128}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> ThinMetadata.format(new MemoryDevice(1 << 20), sectors, CACHE));
        }
    }

    @Test
    void needsCheckIsRefusedForWritingOnly() {
        assertRefused(image("thin-needs-check"), OpenOptions.readWrite(), "checked", "thin-needs-check");
        assertOpensReadOnly(image("thin-needs-check"));
    }

    @Test
    void anotherDataBlockSizeIsRefused() {
        assertRefused(image("thin-fresh"), OpenOptions.readOnly().expecting(256), "128", "256");
        ThinMetadata.open(image("thin-fresh"), OpenOptions.readWrite().expecting(128)).close();
    }

    @Test
    void unknownFeaturesAreRefused() {
        assertRefused(amended(ThinSuperblockLayout.INCOMPAT_FLAGS, 2), OpenOptions.readOnly(), "features");
        assertRefused(amended(ThinSuperblockLayout.COMPAT_RO_FLAGS, 4), OpenOptions.readWrite(), "features");
        assertOpensReadOnly(amended(ThinSuperblockLayout.COMPAT_RO_FLAGS, 4));
        ThinMetadata.open(amended(ThinSuperblockLayout.COMPAT_FLAGS, 8), OpenOptions.readWrite()).close();
    }

    @Test
    void versionIsNotChecked() {
        for (int version : new int[]{0, 1, 3, -1}) { // as the kernel has it
            ThinMetadata.open(amended(ThinSuperblockLayout.VERSION, version), OpenOptions.readWrite()).close();
        }
    }

    @Test
    void aClockThatNoMappingCanHoldIsRefusedForWriting() {
        assertRefused(amended(ThinSuperblockLayout.TIME, 1 << 24), OpenOptions.readWrite(), "clock");
        assertRefused(amended(ThinSuperblockLayout.TIME, -1), OpenOptions.readWrite(), "4294967295");
        assertOpensReadOnly(amended(ThinSuperblockLayout.TIME, -1));
    }

    @Test
    void aDeviceShorterThanItsMetadataIsRefusedForWriting() {
        MemoryDevice device = image("thin-fresh");
        device.resize(1000L * Bytes.BLOCK_SIZE, false);
        assertRefused(device, OpenOptions.readWrite(), "1024", "1000");
    }

    @Test
    void aDamagedSuperblockIsReportedAsSuch() {
        MemoryDevice device = image("thin-fresh");
        device.write(ThinSuperblockLayout.TIME, MemorySegment.ofArray(new byte[]{1}));
        assertThatThrownBy(() -> ThinMetadata.open(device, OpenOptions.readOnly()))
                .isInstanceOfSatisfying(CorruptionException.class, e -> assertThat(e.block()).isZero())
                .hasMessageContaining("thin superblock").hasMessageContaining("checksum");
    }

    @Test
    void anotherTargetsMetadataIsNotAThinPools() {
        assertThatThrownBy(() -> ThinMetadata.open(image("cache-v1-clean"), OpenOptions.readOnly()))
                .isInstanceOf(CorruptionException.class).hasMessageContaining("thin superblock");
    }
}
