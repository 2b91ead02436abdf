package io.pdata.tools;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pdata.core.block.Bytes;
import io.pdata.core.device.MemoryDevice;
import io.pdata.thin.BlockTime;
import io.pdata.thin.DeviceDetails;
import io.pdata.thin.ThinSuperblockLayout;
import io.pdata.tools.thin.Losses;
import io.pdata.tools.thin.PoolOverrides;
import io.pdata.tools.thin.RootCandidate;
import io.pdata.tools.thin.ThinRepair.Options;
import io.pdata.tools.thin.ThinRepair;
import io.pdata.tools.thin.ThinRestore;
import java.io.ByteArrayInputStream;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a repair keeps and what it says is lost. The image is the one of {@link ThinDamageTest}. */
class ThinRepairTest {
    private static final long MAPPING_ROOT = 579;
    private static final long DETAILS_ROOT = 588;
    private static final long DEVICE_1 = 22;
    private static final long LEAF = 23;
    private static final long SHARED_LEAF = 24;
    private static final OptionalLong NONE = OptionalLong.empty();

    private final MemoryDevice device = Recorded.device("thin-snaps-2");
    private final ImageEditor image = new ImageEditor(device);
    private final Mappings undamaged = saved(device, Options.NONE);
    private Losses losses;

    private static Mappings saved(MemoryDevice device, Options options) {
        Mappings kept = new Mappings();
        try (MetadataFile file = new MetadataFile(device.reopen())) {
            ThinRepair.save(file, options, () -> kept);
        }
        return kept;
    }

    private Mappings save(Options options) {
        Mappings kept = new Mappings();
        try (MetadataFile file = new MetadataFile(device.reopen())) {
            losses = ThinRepair.save(file, options, () -> kept);
        }
        return kept;
    }

    private Mappings save() {
        return save(Options.NONE);
    }

    /** All but some of a device's virtual blocks. */
    private void assertKeptBut(Mappings kept, long id, long first, long last) {
        TreeMap<Long, Mappings.Place> expected = new TreeMap<>(undamaged.devices.get(id));
        expected.subMap(first, true, last, true).clear();
        assertThat(kept.devices.get(id)).isEqualTo(expected);
    }

    static List<String> images() {
        return Recorded.images("thin-").toList();
    }

    @ParameterizedTest
    @MethodSource("images")
    void whatIsNotDamagedIsKeptAsItIs(String name) {
        try (MetadataFile file = Recorded.open(name)) {
            String dump = Recorded.written(out -> io.pdata.tools.thin.ThinDump.dump(file,
                    io.pdata.tools.thin.ThinDump.Options.XML, () -> out));
            Losses[] none = new Losses[1];
            String repaired = Recorded.written(out -> none[0] = ThinRepair.dump(file, Options.NONE,
                    io.pdata.tools.thin.ThinDump.Options.XML, () -> out));
            assertThat(repaired).isEqualTo(dump);
            assertThat(none[0].text()).isEmpty();
        }
    }

    @Test
    void aSharedLeafIsLostToAllThatShareItAndToNobodyElse() {
        image.breakByte(SHARED_LEAF, 100);
        Mappings kept = save();
        assertThat(losses.devices()).extracting(Losses.Device::id).containsExactly(1L, 2L, 20L, 21L, 23L);
        for (Losses.Device lost : losses.devices()) {
            assertThat(lost.expected() - lost.kept()).isEqualTo(195);
            assertThat(lost.ranges()).singleElement().satisfies(range -> {
                assertThat(range.first()).isEqualTo(189);
                assertThat(range.block()).isEqualTo(SHARED_LEAF);
            });
            assertKeptBut(kept, lost.id(), 189, 383);
        }
        assertThat(kept.devices.get(0L)).isEqualTo(undamaged.devices.get(0L));
        assertThat(kept.devices.keySet()).isEqualTo(undamaged.devices.keySet());
    }

    @Test
    void aDeviceWithoutItsRootIsKeptEmpty() {
        image.breakByte(DEVICE_1, 100);
        Mappings kept = save();
        assertThat(kept.devices.get(1L)).isEmpty();
        assertThat(kept.details.get(1L)).isEqualTo(new DeviceDetails(0, 0, 1, 2));
        assertThat(losses.devices()).singleElement().satisfies(lost -> assertThat(lost.expected()).isEqualTo(384));
    }

    /** What has just been restored has no state from before to go back to. */
    @Test
    void ofMostlyLostDevicesTheRestIsKeptIfThereIsNoOtherState() {
        MemoryDevice restored = new MemoryDevice("restored", 64 * 4096);
        StringBuilder xml = new StringBuilder("<superblock uuid=\"\" time=\"1\" transaction=\"1\" version=\"2\""
                + " data_block_size=\"128\" nr_data_blocks=\"300\">");
        for (int id = 0; id < 3; id++) {
            xml.append("<device dev_id=\"" + id + "\" mapped_blocks=\"10\" transaction=\"1\" creation_time=\"0\""
                    + " snap_time=\"0\"><range_mapping origin_begin=\"0\" data_begin=\"" + 100 * id
                    + "\" length=\"10\" time=\"0\"/></device>");
        }
        ThinRestore.restore(new ByteArrayInputStream(xml.append("</superblock>").toString().getBytes(UTF_8)),
                PoolOverrides.NONE, restored);
        long[] roots = deviceRoots(restored);
        ImageEditor editor = new ImageEditor(restored);
        editor.breakByte(roots[0], 100);
        editor.breakByte(roots[2], 100);
        Mappings kept = saved(restored, Options.NONE);
        assertThat(kept.devices.get(0L)).isEmpty();
        assertThat(kept.devices.get(1L)).hasSize(10);
        assertThat(kept.devices.get(2L)).isEmpty();
    }

    /** The blocks without which a device is empty, by device. */
    private static long[] deviceRoots(MemoryDevice device) {
        long[] roots = new long[3];
        ImageEditor editor = new ImageEditor(device);
        for (long block = 1; block < 20; block++) {
            editor.breakByte(block, 100);
            try (MetadataFile file = new MetadataFile(device.reopen())) {
                List<Losses.Device> lost = ThinRepair.preview(file).devices();
                if (lost.size() == 1 && lost.getFirst().kept() == 0) {
                    roots[(int) lost.getFirst().id()] = block;
                }
            } catch (ToolException e) {
                assertThat(e).hasMessageContaining("no compatible roots");
            }
            editor.breakByte(block, 100);
        }
        return roots;
    }

    @Test
    void oneKeyTooHighCostsOneMapping() {
        image.node(LEAF, node -> ImageEditor.setKey(node, 5, 100_000));
        assertKeptBut(save(), 1, 5, 5);
        assertThat(losses.devices()).singleElement().satisfies(
                lost -> assertThat(lost.ranges()).extracting(Losses.Range::first).containsExactly(100_000L));
    }

    @Test
    void theLastKeyOfALeafTooHighCostsOneMapping() {
        image.node(LEAF, node -> ImageEditor.setKey(node, ImageEditor.entries(node) - 1, 100_000));
        assertKeptBut(save(), 1, 188, 188);
    }

    @Test
    void ofTwoMappingsOfABlockTheFirstIsKept() {
        image.node(LEAF, node -> ImageEditor.setKey(node, 5, ImageEditor.key(node, 4)));
        assertKeptBut(save(), 1, 5, 5);
    }

    @Test
    void aWrongKeyInAnInternalNodeCostsNothing() {
        image.node(DEVICE_1, node -> ImageEditor.setKey(node, 1, 190));
        assertThat(save().devices).isEqualTo(undamaged.devices);
        image.node(DEVICE_1, node -> ImageEditor.setKey(node, 1, 188));
        assertThat(save().devices).isEqualTo(undamaged.devices);
        image.node(DEVICE_1, node -> {
            ImageEditor.setKey(node, 0, 5000);
            ImageEditor.setKey(node, 1, 189);
        });
        assertThat(save().devices).isEqualTo(undamaged.devices);
    }

    @Test
    void aLeafInTheWrongPlaceIsUsedOnceWhereItFits() {
        image.node(DEVICE_1, node -> ImageEditor.setLongValue(node, 0, SHARED_LEAF));
        assertKeptBut(save(), 1, 0, 188);
    }

    @Test
    void aCycleEnds() {
        image.node(DEVICE_1, node -> ImageEditor.setLongValue(node, 1, DEVICE_1));
        assertKeptBut(save(), 1, 189, 383);
    }

    @Test
    void leavesAtDifferentDepthsAreAllUsed() {
        long free = 900;
        device.write(free * Bytes.BLOCK_SIZE, image.read(DEVICE_1));
        image.node(free, node -> {
            ImageEditor.setEntries(node, 1);
            ImageEditor.setKey(node, 0, 189);
            ImageEditor.setLongValue(node, 0, SHARED_LEAF);
        });
        image.node(DEVICE_1, node -> ImageEditor.setLongValue(node, 1, free));
        assertThat(save().devices).isEqualTo(undamaged.devices);
    }

    @Test
    void manyNodesThatPointAtOneAreNotGoneThroughForEver() {
        long below = DEVICE_1;
        for (long free = 900; free < 914; free++) {
            long child = below;
            device.write(free * Bytes.BLOCK_SIZE, image.read(DEVICE_1));
            image.node(free, node -> {
                for (int i = 0; i < 252; i++) {
                    ImageEditor.setKey(node, i, i);
                    ImageEditor.setLongValue(node, i, child);
                }
                ImageEditor.setEntries(node, 252);
            });
            below = free;
        }
        long top = below;
        image.node(MAPPING_ROOT, node -> ImageEditor.setLongValue(node, 1, top));
        Mappings kept = save();
        assertThat(kept.devices.get(2L)).isEqualTo(undamaged.devices.get(2L));
        assertThat(kept.devices.get(1L).keySet()).isSubsetOf(undamaged.devices.get(1L).keySet());
    }

    @Test
    void aMappingBeyondTheDataDeviceIsLost() {
        image.node(LEAF, node -> ImageEditor.setLongValue(node, 7, BlockTime.pack(40960, 0)));
        assertKeptBut(save(), 1, 7, 7);
        assertThat(losses.text()).anyMatch(line -> line.contains("leads beyond the 40960 data blocks"));
    }

    @Test
    void lostDetailsAreMadeUpOnTheSafeSide() {
        image.breakByte(DETAILS_ROOT, 100);
        Mappings kept = save();
        assertThat(kept.devices).isEqualTo(undamaged.devices);
        // Whatever may be shared must be taken for shared: the last snapshot counts as taken at the pool's time.
        assertThat(kept.details.values()).allSatisfy(
                details -> assertThat(details.snapshottedTime()).isEqualTo(kept.header.time()));
        assertThat(kept.details.get(3L).creationTime()).isEqualTo(3);
        assertThat(losses.text()).anyMatch(line -> line.contains("lost from the device details tree"));
    }

    @Test
    void devicesThatOnlyOneTreeKnowsAreKept() {
        image.node(DETAILS_ROOT, node -> ImageEditor.setKey(node, 11, 4000));
        Mappings kept = save();
        assertThat(kept.devices).containsKeys(4000L, 16777215L);
        assertThat(kept.devices.get(4000L)).isEmpty();
    }

    @Test
    void aLostTopLevelIsLookedForOnTheDevice() {
        image.breakByte(MAPPING_ROOT, 100);
        Mappings kept = save();
        // The transaction before: device 16777215 had not been made, and device 0 had 18 mappings less.
        assertThat(kept.devices).hasSize(11);
        assertThat(kept.devices.get(0L)).hasSize(1190);
        assertThat(kept.devices.get(1L)).isEqualTo(undamaged.devices.get(1L));
        assertThat(kept.header.transactionId()).isEqualTo(7);
        assertThat(losses.text()).anyMatch(line -> line.contains("mapping root, block 579, cannot be used"));
    }

    @Test
    void withoutASuperblockAllIsFoundButWhatOnlyItKnew() {
        device.reopen().zero(0, Bytes.BLOCK_SIZE);
        Mappings kept = save();
        assertThat(kept.devices).isEqualTo(undamaged.devices);
        assertThat(kept.details).isEqualTo(undamaged.details);
        assertThat(kept.header.dataBlockSectors()).isEqualTo(128); // a metadata snapshot has a copy
        assertThat(kept.header.transactionId()).isEqualTo(8);
        assertThat(kept.header.time()).isEqualTo(12);
        assertThat(kept.header.dataBlocks()).isEqualTo(1310);
    }

    @Test
    void withoutASuperblockAndItsCopiesTheBlockSizeHasToBeGiven() {
        device.reopen().zero(0, Bytes.BLOCK_SIZE);
        for (long block = 1; block < device.size() / Bytes.BLOCK_SIZE; block++) {
            if (image.read(block).get(Bytes.U64, ThinSuperblockLayout.MAGIC) == ThinSuperblockLayout.MAGIC_NUMBER) {
                image.breakByte(block, 100);
            }
        }
        assertThatThrownBy(this::save).isInstanceOf(ToolException.class)
                .hasMessage("data block size needs to be provided due to corruption in the superblock");
        Mappings kept = save(
                Options.of(new PoolOverrides(OptionalLong.of(7), OptionalInt.of(256), OptionalLong.of(40960))));
        assertThat(kept.devices).isEqualTo(undamaged.devices);
        assertThat(kept.header.dataBlockSectors()).isEqualTo(256);
        assertThat(kept.header.transactionId()).isEqualTo(7);
        assertThat(kept.header.dataBlocks()).isEqualTo(40960);
    }

    @Test
    void rootsAreListedAndCanBePicked() {
        List<RootCandidate> roots;
        try (MetadataFile file = new MetadataFile(device.reopen())) {
            roots = ThinRepair.roots(file);
        }
        assertThat(roots.getFirst()).satisfies(best -> {
            assertThat(best.mappingRoot()).isEqualTo(MAPPING_ROOT);
            assertThat(best.detailsRoot()).isEqualTo(DETAILS_ROOT);
            assertThat(best.current()).isTrue();
            assertThat(best.whole()).isTrue();
            assertThat(best.devices()).isEqualTo(12);
            assertThat(best.mappings()).isEqualTo(5058);
        });
        assertThat(roots).hasSizeGreaterThan(5);
        Mappings second = save(new Options(PoolOverrides.NONE, OptionalLong.of(2), NONE, NONE));
        assertThat(second.devices).hasSize((int) roots.get(1).devices());
        RootCandidate third = roots.get(2);
        Mappings byBlocks = save(new Options(PoolOverrides.NONE, NONE, OptionalLong.of(third.mappingRoot()),
                OptionalLong.of(third.detailsRoot())));
        assertThat(byBlocks.devices.values().stream().mapToLong(TreeMap::size).sum()).isEqualTo(third.mappings());
        assertThatThrownBy(() -> save(new Options(PoolOverrides.NONE, OptionalLong.of(1000), NONE, NONE)))
                .isInstanceOf(ToolException.class).hasMessageContaining("there is no root 1000");
    }

    @Test
    void whereNothingIsLeftThatIsSaid() {
        MemoryDevice blank = new MemoryDevice("blank", 1 << 20);
        try (MetadataFile file = new MetadataFile(blank)) {
            assertThatThrownBy(() -> ThinRepair.save(file, Options.NONE, Mappings::new))
                    .isInstanceOf(ToolException.class).hasMessage("no compatible roots found");
        }
    }

    /** Whatever is broken: what is kept was there, and whatever is missing lies in a range that is said to be lost. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void brokenBlocksCostWhatIsSaid(long seed) {
        Random random = new Random(seed);
        for (int i = random.nextInt(1, 12); i > 0; i--) {
            long block = random.nextLong(1, 600);
            if (block != MAPPING_ROOT && block != DETAILS_ROOT) {
                image.breakByte(block, random.nextInt(4, Bytes.BLOCK_SIZE));
            }
        }
        Mappings kept = save();
        assertThat(kept.devices.keySet()).isEqualTo(undamaged.devices.keySet());
        undamaged.devices.forEach((id, before) -> {
            TreeMap<Long, Mappings.Place> after = kept.devices.get(id);
            assertThat(before.entrySet()).containsAll(after.entrySet());
            List<Losses.Range> ranges = losses.devices().stream().filter(lost -> lost.id() == id)
                    .flatMap(lost -> lost.ranges().stream()).toList();
            before.keySet().forEach(key -> assertThat(!after.containsKey(key)).as("device %d, block %d", id, key)
                    .isEqualTo(ranges.stream().anyMatch(range -> Long.compareUnsigned(range.first(), key) <= 0
                            && Long.compareUnsigned(key, range.last()) <= 0)));
        });
        losses.devices().forEach(lost -> assertThat(lost.kept()).isEqualTo(kept.devices.get(lost.id()).size()));
    }

    /** Changes with good checksums: no crash, no endless work, and the result is in order ({@link Mappings} sees to it). */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void changedNodesNeverLeadAstray(long seed) {
        Random random = new Random(seed);
        for (int i = random.nextInt(1, 12); i > 0; i--) {
            image.node(random.nextLong(1, 600), node -> change(node, random));
        }
        Mappings kept = save();
        assertThat(kept.devices).isNotEmpty();
    }

    private static void change(MemorySegment node, Random random) {
        long offset = random.nextInt(4, Bytes.BLOCK_SIZE / 8) * 8L;
        node.set(Bytes.U64, offset, random.nextBoolean() ? random.nextLong() : random.nextLong(1024));
    }
}
