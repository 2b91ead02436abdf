package io.pdata.thin;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.core.device.Device;
import io.pdata.core.device.MemoryDevice;
import io.pdata.core.store.OpenOptions;
import io.pdata.testkit.Golden;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a kernel (or thin_restore) wrote is understood: superblock, devices, mappings. */
class GoldenImageTest {

    static List<String> images() {
        return Recorded.names();
    }

    static Device device(String image) {
        byte[] content = Golden.image(image);
        MemoryDevice device = new MemoryDevice(image, content.length);
        device.write(0, MemorySegment.ofArray(content));
        return device;
    }

    @ParameterizedTest
    @MethodSource("images")
    void superblockAndDevicesAreAsRecorded(String image) {
        Recorded recorded = Recorded.of(image);
        try (ThinMetadata metadata = ThinMetadata.open(device(image), OpenOptions.readOnly());
                ThinView view = metadata.openView()) {
            assertThat(recorded.superblock()).containsAllEntriesOf(ThinSuperblockTest.fields(view.superblock()));
            assertThat(devices(view)).isEqualTo(recorded.devices());
            recorded.roots().forEach((id, root) -> assertThat(view.mappingRoot(id)).isEqualTo(root));
        }
    }

    @ParameterizedTest
    @MethodSource("images")
    void everyDeviceHasAsManyMappingsAsItsDetailsSay(String image) {
        try (ThinMetadata metadata = ThinMetadata.open(device(image), OpenOptions.readOnly());
                ThinView view = metadata.openView()) {
            devices(view).forEach((id, details) -> {
                long[] seen = {0, 0};
                view.forEachMapping(id, (virtualBlock, dataBlock, time) -> {
                    seen[0]++;
                    seen[1] += view.lookup(id, virtualBlock) == BlockTime.pack(dataBlock, time) ? 1 : 0;
                    return true;
                });
                assertThat(seen).as("mappings visited and found again, of device %d", id)
                        .containsExactly(details.mappedBlocks(), details.mappedBlocks());
            });
        }
    }

    @ParameterizedTest
    @MethodSource("images")
    void aHeldMetadataSnapshotIsAsRecorded(String image) {
        Recorded recorded = Recorded.of(image);
        try (ThinMetadata metadata = ThinMetadata.open(device(image), OpenOptions.readOnly())) {
            assertThat(metadata.heldRoot() != 0).isEqualTo(!recorded.heldSuperblock().isEmpty());
            if (metadata.heldRoot() != 0) {
                try (ThinView view = metadata.openMetadataSnapshotView()) {
                    assertThat(recorded.heldSuperblock())
                            .containsAllEntriesOf(ThinSuperblockTest.fields(view.superblock()));
                    assertThat(devices(view)).isNotEmpty();
                }
            }
        }
    }

    private static Map<Long, DeviceDetails> devices(ThinView view) {
        Map<Long, DeviceDetails> devices = new TreeMap<>();
        view.forEachDevice((id, details) -> devices.put(id, details) == null);
        return devices;
    }
}
