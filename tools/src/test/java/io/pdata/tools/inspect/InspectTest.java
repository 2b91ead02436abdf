package io.pdata.tools.inspect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pdata.core.block.Bytes;
import io.pdata.core.device.Device;
import io.pdata.core.device.ForwardingDevice;
import io.pdata.core.device.MemoryDevice;
import io.pdata.testkit.Golden;
import io.pdata.thin.ThinSuperblock;
import io.pdata.tools.MetadataFile;
import io.pdata.tools.ToolException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Everything that a kernel wrote can be shown, and what is damaged is not taken for anything. */
class InspectTest {

    private static Device device(byte[] bytes) {
        MemoryDevice device = new MemoryDevice("image", bytes.length);
        device.write(0, MemorySegment.ofArray(bytes));
        return device;
    }

    private static MetadataImage image(Device device) {
        return new MetadataImage(device, new MetadataFile(device));
    }

    @ParameterizedTest
    @ValueSource(strings = {"thin-exact-a-4", "cache-v2-clean", "cache-v1-clean", "era-big-1"})
    void everyBlockThatIsReachedIsOfAType(String name) {
        try (Device device = device(Golden.image(name))) {
            MetadataImage image = image(device);
            assertThat(image.block(0).type()).endsWith("superblock");
            Map<String, Long> roots = image.roots();
            assertThat(roots).isNotEmpty();
            roots.forEach((tree, root) -> {
                if (root != 0) {
                    List<TreeOutline.Line> lines = image.outline(root, 16, 10_000);
                    assertThat(lines).as(tree).isNotEmpty().allSatisfy(line -> {
                        assertThat(line.kind()).isIn("leaf", "internal");
                        assertThat(image.block(line.block()).fields()).containsEntry("entries", line.entries());
                    });
                }
            });
            UsageMap map = image.metadataMap(100);
            assertThat(map.totals().values().stream().mapToLong(Long::longValue).sum())
                    .isEqualTo(device.size() / Bytes.BLOCK_SIZE);
        }
    }

    @Test
    void theMapOfASparseDeviceReadsOnlyWhatIsStored() {
        byte[] bytes = Golden.image("thin-exact-a-4");
        long size = 4L * bytes.length;
        MemoryDevice stored = new MemoryDevice("image", size);
        stored.write(0, MemorySegment.ofArray(bytes));
        try (Device sparse = new ForwardingDevice(stored) {
            @Override
            public long nextData(long position) {
                return position < bytes.length ? position : size;
            }

            @Override
            public void read(long position, MemorySegment target) {
                assertThat(position + target.byteSize()).isLessThanOrEqualTo(bytes.length);
                super.read(position, target);
            }
        }; Device whole = device(bytes)) {
            UsageMap map = image(sparse).metadataMap(400);
            UsageMap expected = image(whole).metadataMap(100);
            assertThat(map.cells()).hasSize(4 * expected.cells().length()).startsWith(expected.cells())
                    .endsWith("....");
            assertThat(map.totals().get("free"))
                    .isEqualTo(expected.totals().getOrDefault("free", 0L) + 3L * bytes.length / Bytes.BLOCK_SIZE);
        }
    }

    @Test
    void theMapOfDataCountsWhatTheSpaceMapCounts() {
        try (Device device = device(Golden.image("thin-exact-a-4"))) {
            MetadataImage image = image(device);
            ThinSuperblock superblock = image.thin().orElseThrow();
            UsageMap map = image.dataMap(superblock, 64);
            assertThat(map.totals().get("used once") + map.totals().get("shared"))
                    .isEqualTo(superblock.dataSpaceMap().allocated());
            assertThat(map.cells().length()).isBetween(1, 64);
            List<Long> devices = new ArrayList<>();
            image.forEachDevice(superblock, (id, root, details) -> {
                devices.add(id);
                assertThat(details).isNotNull();
                assertThat(image.root("device:" + id)).isEqualTo(root);
            });
            assertThat(devices).isNotEmpty();
        }
    }

    @Test
    void whatIsDamagedIsShownWithWhatIsWrong() {
        byte[] bytes = Golden.image("thin-exact-a-4");
        try (Device sound = device(bytes)) {
            long root = image(sound).roots().get("mappings");
            BlockView before = image(sound).block(root);
            bytes[(int) root * Bytes.BLOCK_SIZE + 4000] ^= 1;
            try (Device device = device(bytes)) {
                BlockView view = image(device).block(root);
                assertThat(view.type()).isEqualTo("damaged btree node");
                assertThat(view.fields().get("problem").toString()).contains("bad checksum");
                assertThat(view.entries()).isEqualTo(before.entries());
                assertThat(image(device).outline(root, 3, 10)).singleElement()
                        .satisfies(line -> assertThat(line.kind()).contains("bad checksum"));
            }
        }
    }

    @Test
    void aBlockInAnotherPlaceIsSaidToBeOneOfItsType() {
        byte[] bytes = Golden.image("thin-exact-a-4");
        try (Device sound = device(bytes)) {
            long root = image(sound).roots().get("mappings");
            long index = image(sound).thin().orElseThrow().metadataSpaceMap().bitmapRoot();
            System.arraycopy(bytes, (int) index * Bytes.BLOCK_SIZE, bytes, (int) root * Bytes.BLOCK_SIZE,
                    Bytes.BLOCK_SIZE);
            try (Device device = device(bytes)) {
                BlockView view = image(device).block(root);
                assertThat(view.type()).isEqualTo("damaged space map index");
                assertThat(view.fields().get("problem").toString()).contains("says it is block " + index);
            }
        }
    }

    @Test
    void whatIsOfNoTypeIsShownInBytes() {
        byte[] bytes = new byte[1 << 20];
        bytes[5 * Bytes.BLOCK_SIZE + 100] = 0x77;
        try (Device device = device(bytes)) {
            BlockView view = image(device).block(5);
            assertThat(view.type()).isEqualTo("of no known type");
            assertThat(view.entries()).hasSize(5).startsWith("000  " + "00".repeat(32), "*").endsWith("*");
            assertThat(view.entries().get(2)).startsWith("060  0000000077");
            assertThat(image(device).bytes(4).entries()).containsExactly("000  " + "00".repeat(32), "*");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"thin-exact-a-4", "cache-v2-clean", "cache-v1-clean", "era-big-1"})
    void theMapOfMetadataHasAsUsedWhatTheSpaceMapCounts(String name) {
        byte[] bytes = Golden.image(name);
        try (Device device = device(bytes)) {
            MetadataImage image = image(device);
            UsageMap map = image.metadataMap(100);
            assertThat(map.problem()).isEmpty();
            assertThat(used(map)).isEqualTo(allocated(image.block(0)));
        }
        Arrays.fill(bytes, 0, Bytes.BLOCK_SIZE, (byte) 0);
        try (Device device = device(bytes)) {
            assertThat(image(device).metadataMap(100).problem()).contains("no superblock");
        }
    }

    private static long used(UsageMap map) {
        return map.totals().entrySet().stream().filter(each -> !each.getKey().startsWith("free"))
                .mapToLong(Map.Entry::getValue).sum();
    }

    private static Object allocated(BlockView superblock) {
        Map<String, Object> fields = superblock.fields();
        return ((Map<?, ?>) fields.getOrDefault("metadataSpaceMap", fields.get("spaceMap"))).get("allocated");
    }

    @Test
    void whatIsNotThereIsRefused() {
        try (Device device = device(Golden.image("thin-exact-a-4"))) {
            MetadataImage image = image(device);
            assertThatThrownBy(() -> image.block(-1)).isInstanceOf(ToolException.class);
            assertThatThrownBy(() -> image.block(device.size() / Bytes.BLOCK_SIZE)).isInstanceOf(ToolException.class);
            for (String tree : List.of("none", "device:999999", "device:", "-1")) {
                assertThatThrownBy(() -> image.root(tree)).hasMessageContaining("there is no tree");
            }
        }
        try (Device blank = device(new byte[1 << 20])) {
            assertThat(image(blank).roots()).isEmpty();
            assertThat(image(blank).block(3).type()).isEqualTo("blank");
        }
    }
}
