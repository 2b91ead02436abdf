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
import io.pdata.tools.inspect.TreeOutline.Line;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
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
                    List<Line> lines = image.outline(root, 16, 10_000);
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
    void eachNameIsOfItsTree() {
        Map<String, Map<String, String>> names = Map.of("thin-exact-a-4",
                Map.of("mappings", "mappingRoot", "details", "detailsRoot"), "cache-v2-clean",
                Map.of("mappings", "mappingRoot", "dirty", "dirtyRoot", "hints", "hintRoot", "discards", "discardRoot"),
                "era-exact-5", Map.of("writesets", "writesetTreeRoot", "eras", "eraArrayRoot"));
        names.forEach((name, trees) -> {
            try (Device device = device(Golden.image(name))) {
                MetadataImage image = image(device);
                trees.forEach((tree, field) -> assertThat(image.root(tree)).as(name + ": " + tree)
                        .isEqualTo(image.block(0).fields().get(field)));
            }
        });
    }

    /** Nodes have as many children as they say, in order and within their bounds, and the leaves all that is mapped. */
    @Test
    void theOutlineIsTheTree() {
        try (Device device = device(Golden.image("thin-deep"))) {
            MetadataImage image = image(device);
            image.forEachDevice(image.thin().orElseThrow(), (id, root, details) -> {
                List<Line> lines = image.outline(root, 16, 100_000);
                assertThat(lines.stream().filter(line -> line.kind().equals("leaf")).mapToLong(Line::entries).sum())
                        .as("device %d", id).isEqualTo(details.mappedBlocks());
                for (int i = 0; i < lines.size(); i++) {
                    requireChildren(lines.get(i), children(lines, i));
                }
                assertThat(image.outline(root, 16, 3)).isEqualTo(lines.subList(0, Math.min(3, lines.size())));
                assertThat(image.outline(root, 1, 100_000))
                        .isEqualTo(lines.stream().filter(line -> line.depth() <= 1).toList());
            });
        }
    }

    private static List<Line> children(List<Line> lines, int parent) {
        int depth = lines.get(parent).depth();
        return lines.stream().skip(parent + 1).takeWhile(line -> line.depth() > depth)
                .filter(line -> line.depth() == depth + 1).toList();
    }

    private static void requireChildren(Line node, List<Line> children) {
        assertThat(children).hasSize(node.kind().equals("leaf") ? 0 : node.entries());
        assertThat(node.last() - node.first()).isGreaterThanOrEqualTo(node.entries() - 1);
        long least = node.first();
        for (Line child : children) {
            assertThat(child.first()).isGreaterThanOrEqualTo(least);
            least = child.last() + 1;
        }
        if (!children.isEmpty()) {
            assertThat(children.getLast().first()).isGreaterThanOrEqualTo(node.last());
        }
    }

    /** Counted anew: how many entries of leaves refer to each data block. */
    @Test
    void theMapOfDataShowsWhatLeavesReferTo() {
        try (Device device = device(Golden.image("thin-deep"))) {
            MetadataImage image = image(device);
            ThinSuperblock superblock = image.thin().orElseThrow();
            assertThat(superblock.heldRoot()).isZero();
            Set<Long> leaves = new HashSet<>();
            image.forEachDevice(superblock, (_, root, _) -> image.outline(root, 16, 100_000).stream()
                    .filter(line -> line.kind().equals("leaf")).forEach(line -> leaves.add(line.block())));
            int[] references = new int[(int) superblock.dataSpaceMap().blocks()];
            leaves.forEach(leaf -> image.block(leaf).entries().forEach(entry -> references[dataBlock(entry)]++));
            UsageMap map = image.dataMap(superblock, 64);
            assertThat(map.totals()).containsEntry("free", IntStream.of(references).filter(n -> n == 0).count())
                    .containsEntry("used once", IntStream.of(references).filter(n -> n == 1).count())
                    .containsEntry("shared", IntStream.of(references).filter(n -> n > 1).count());
            StringBuilder cells = new StringBuilder();
            for (int from = 0; from < references.length; from += (int) map.blocksInCell()) {
                cells.append(sign(Arrays.copyOfRange(references, from,
                        Math.min(references.length, from + (int) map.blocksInCell()))));
            }
            assertThat(map.cells()).isEqualTo(cells.toString()).contains("%", ".");
        }
    }

    /** The data block of an entry such as {@code 7 -> 16777217 (data block 1, time 1)}. */
    private static int dataBlock(String entry) {
        long value = Long.parseLong(entry.replaceAll("\\d+ -> (\\d+).*", "$1"));
        if (value >= 1 << 24) {
            assertThat(entry).endsWith(" (data block " + (value >>> 24) + ", time " + (value & 0xffffff) + ")");
        }
        return (int) (value >>> 24);
    }

    private static char sign(int[] references) {
        long used = IntStream.of(references).filter(n -> n > 0).count();
        long shared = IntStream.of(references).filter(n -> n > 1).count();
        return used == 0 ? '.' : 2 * shared > used ? '%' : used == references.length ? '#' : '-';
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

    /** A cell is what there is most of in it, and free only if it has nothing else. */
    @ParameterizedTest
    @ValueSource(strings = {"thin-exact-a-4", "cache-v2-clean", "era-big-1"})
    void aCoarseMapShowsWhatAFineOneHas(String name) {
        try (Device device = device(Golden.image(name))) {
            int blocks = (int) (device.size() / Bytes.BLOCK_SIZE);
            String fine = image(device).metadataMap(blocks).cells();
            assertThat(fine).hasSize(blocks).startsWith("S");
            for (int block = 1; block < blocks; block++) {
                requireSign(fine.charAt(block), image(device).block(block).type());
            }
            UsageMap coarse = image(device).metadataMap(blocks / 8);
            assertThat(coarse.blocksInCell()).isEqualTo(8);
            for (int i = 0; i < blocks / 8; i++) {
                String part = fine.substring(8 * i, 8 * i + 8);
                String used = part.replaceAll("[.,]", "");
                String shown = used.isEmpty() ? part : used;
                long most = shown.chars().mapToLong(sign -> count(shown, sign)).max().orElseThrow();
                assertThat(count(shown, coarse.cells().charAt(i))).as("cell %d, of %s", i, part).isEqualTo(most);
            }
        }
    }

    /** What is free may be anything, and what is in use may not have been written yet. */
    private static void requireSign(char sign, String type) {
        if (sign != '.' && sign != ',') {
            assertThat(type).contains(Map.of('n', "btree node", 'a', "array block", 'i', "space map index", 'b',
                    "space map bitmap", 's', "superblock", '?', "blank").get(Character.toLowerCase(sign)));
        }
    }

    private static long count(String signs, int sign) {
        return signs.chars().filter(each -> each == sign).count();
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
