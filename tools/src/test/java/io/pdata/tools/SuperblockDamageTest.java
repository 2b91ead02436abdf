package io.pdata.tools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pdata.cache.CacheSuperblockLayout;
import io.pdata.core.block.BlockValidator;
import io.pdata.core.block.Bytes;
import io.pdata.core.device.MemoryDevice;
import io.pdata.era.EraSuperblockLayout;
import io.pdata.thin.ThinSuperblockLayout;
import io.pdata.tools.cache.CacheRepair;
import io.pdata.tools.era.EraDump;
import io.pdata.tools.era.EraRepair;
import io.pdata.tools.salvage.SuperblockCopy;
import io.pdata.tools.text.TextOut;
import io.pdata.tools.thin.ThinDump;
import io.pdata.tools.thin.ThinRepair;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Repairs of metadata whose superblock is damaged, and whose trees are not. */
class SuperblockDamageTest {
    private static final int UUID = CacheSuperblockLayout.UUID;
    /** In bits; the longest superblock is the pool's. */
    private static final int END_OF_FIELDS = 364 * Byte.SIZE;

    private static MemoryDevice flipped(String image, int... bits) {
        MemoryDevice device = Recorded.device(image);
        flip(device, bits);
        return device;
    }

    private static void flip(MemoryDevice device, int... bits) {
        MemorySegment block = new ImageEditor(device).read(0);
        for (int bit : bits) {
            int position = bit / Byte.SIZE;
            block.set(ValueLayout.JAVA_BYTE, position,
                    (byte) (block.get(ValueLayout.JAVA_BYTE, position) ^ 1 << bit % Byte.SIZE));
        }
        device.write(0, block);
    }

    private static <R> String repaired(MemoryDevice device, BiFunction<MetadataFile, TextOut, R> dump) {
        try (MetadataFile file = new MetadataFile(device.reopen())) {
            return Recorded.written(out -> dump.apply(file, out));
        }
    }

    private static LossReport cache(MetadataFile file, TextOut out) {
        return CacheRepair.dump(file, () -> out);
    }

    private static LossReport era(MetadataFile file, TextOut out) {
        return EraRepair.dump(file, false, () -> out);
    }

    private static Object thin(MetadataFile file, TextOut out) {
        return ThinRepair.dump(file, ThinRepair.Options.NONE, ThinDump.Options.XML, () -> out);
    }

    private static String whole(String image, BiFunction<MetadataFile, TextOut, ?> dump) {
        return repaired(Recorded.device(image), dump::apply);
    }

    static Stream<Arguments> superblocks() {
        return Stream.of(Arguments.of("thin-snaps-1", ThinSuperblockLayout.VALIDATOR),
                Arguments.of("cache-v2-unclean", CacheSuperblockLayout.VALIDATOR),
                Arguments.of("era-exact-3", EraSuperblockLayout.VALIDATOR));
    }

    @ParameterizedTest
    @MethodSource("superblocks")
    void everyFlippedBitIsCorrected(String image, BlockValidator type) {
        MemoryDevice device = Recorded.device(image);
        MemorySegment sound = new ImageEditor(device).read(0);
        for (int bit = 0; bit < Bytes.BLOCK_SIZE * Byte.SIZE; bit += bit < END_OF_FIELDS ? 1 : 509) {
            flip(device, bit);
            SuperblockCopy copy = copy(device, type);
            assertThat(copy.state()).isEqualTo(SuperblockCopy.State.CORRECTED);
            assertThat(copy.block().mismatch(sound)).as("first byte that differs").isEqualTo(-1);
            flip(device, bit);
        }
    }

    private static SuperblockCopy copy(MemoryDevice device, BlockValidator type) {
        try (MetadataFile file = new MetadataFile(device.reopen())) {
            return SuperblockCopy.read(file, type);
        }
    }

    @ParameterizedTest
    @MethodSource("superblocks")
    void twoFlippedBitsAreNotCorrected(String image, BlockValidator type) {
        MemoryDevice device = Recorded.device(image);
        for (int bit = 1; bit < END_OF_FIELDS; bit += 61) {
            flip(device, 0, bit);
            assertThat(copy(device, type).state()).isEqualTo(SuperblockCopy.State.DAMAGED);
            flip(device, 0, bit);
        }
    }

    @Test
    void aFlippedBitCostsNothing() {
        assertThat(repaired(flipped("cache-v1-clean", 8 * CacheSuperblockLayout.MAPPING_ROOT),
                SuperblockDamageTest::cache)).isEqualTo(whole("cache-v1-clean", SuperblockDamageTest::cache));
        assertThat(repaired(flipped("era-exact-3", 8 * EraSuperblockLayout.CURRENT_ERA), SuperblockDamageTest::era))
                .isEqualTo(whole("era-exact-3", SuperblockDamageTest::era));
        assertThat(repaired(flipped("thin-snaps-1", 8 * ThinSuperblockLayout.DATA_BLOCK_SECTORS + 7),
                SuperblockDamageTest::thin)).isEqualTo(whole("thin-snaps-1", SuperblockDamageTest::thin));
    }

    @Test
    void aCorrectedBitIsReported() {
        try (MetadataFile file = new MetadataFile(flipped("cache-v1-clean", 8 * UUID + 3))) {
            assertThat(CacheRepair.preview(file).notes())
                    .contains("superblock: bit 3 of byte 16 was flipped; the repair uses the corrected value");
        }
    }

    /** A clean cache becomes a dirty one, because the flag may be the damage; mappings and hints stay. */
    @ParameterizedTest
    @MethodSource("cleanCaches")
    void fieldsOfACachesSuperblockWithSeveralDamagedBytesAreUsed(String image) {
        String expected = whole(image, SuperblockDamageTest::cache).replace("dirty=\"false\"", "dirty=\"true\"");
        MemoryDevice device = Recorded.device(image);
        new ImageEditor(device).breakByte(0, 0).breakByte(0, UUID).breakByte(0, CacheSuperblockLayout.READ_HITS)
                .breakByte(0, CacheSuperblockLayout.MAGIC);
        assertThat(repaired(device, SuperblockDamageTest::cache)).isEqualTo(expected);
    }

    static Stream<String> cleanCaches() {
        return Stream.of("cache-v1-clean", "cache-v2-clean", "cache-exact-v1-3", "cache-exact-v2-4",
                "cache-v1-restored-1.1.0");
    }

    /** The length comes from the arrays where the hints confirm it. */
    @Test
    void aWrongNumberOfCacheBlocksIsReplacedByTheArraysLength() {
        String expected = whole("cache-v1-clean", SuperblockDamageTest::cache).replace("dirty=\"false\"",
                "dirty=\"true\"");
        MemoryDevice device = Recorded.device("cache-v1-clean");
        new ImageEditor(device).breakByte(0, CacheSuperblockLayout.CACHE_BLOCKS + 1);
        assertThat(repaired(device, SuperblockDamageTest::cache)).isEqualTo(expected);
    }

    static Stream<List<Integer>> fatalCacheFields() {
        return Stream.of(List.of(CacheSuperblockLayout.MAPPING_ROOT, CacheSuperblockLayout.MAPPING_ROOT + 1),
                List.of(CacheSuperblockLayout.DATA_BLOCK_SECTORS, CacheSuperblockLayout.DATA_BLOCK_SECTORS + 3),
                List.of(CacheSuperblockLayout.CACHE_BLOCKS, CacheSuperblockLayout.HINT_ROOT));
    }

    @ParameterizedTest
    @MethodSource("fatalCacheFields")
    void aCacheWhoseSuperblockDoesNotFitItsTreesIsRefused(List<Integer> offsets) {
        MemoryDevice device = Recorded.device("cache-v1-clean");
        offsets.forEach(offset -> new ImageEditor(device).breakByte(0, offset));
        assertThatThrownBy(() -> repaired(device, SuperblockDamageTest::cache)).isInstanceOf(ToolException.class)
                .hasMessageStartingWith("bad checksum in superblock");
    }

    @Test
    void fieldsOfAnErasSuperblockWithSeveralDamagedBytesAreUsed() {
        String expected = whole("era-exact-3", SuperblockDamageTest::era);
        MemoryDevice device = Recorded.device("era-exact-3");
        new ImageEditor(device).breakByte(0, 0).breakByte(0, UUID).breakByte(0, EraSuperblockLayout.SPACE_MAP_ROOT)
                .breakByte(0, EraSuperblockLayout.MAGIC);
        assertThat(repaired(device, SuperblockDamageTest::era)).isEqualTo(expected);
    }

    /** All blocks of the current era count as written; the others keep their eras. */
    @Test
    void aLostCurrentWritesetCountsAsWritten() {
        MemoryDevice device = Recorded.device("era-exact-3");
        new ImageEditor(device).breakByte(0, EraSuperblockLayout.CURRENT_WRITESET + 4).breakByte(0, UUID);
        try (MetadataFile whole = Recorded.open("era-exact-3"); MetadataFile damaged = new MetadataFile(device)) {
            LossReport losses = EraRepair.preview(damaged);
            assertThat(losses.notes()).anyMatch(note -> note.startsWith("the current writeset is lost"));
            String intact = Recorded.written(out -> EraDump.dump(whole, false, () -> out));
            String kept = Recorded.written(out -> EraRepair.dump(damaged, false, () -> out));
            assertThat(kept.lines().filter(line -> line.contains("<era ")))
                    .containsExactlyElementsOf(intact.lines().filter(line -> line.contains("<era ")).toList());
        }
    }

    @Test
    void anEraDeviceWhoseSuperblockDoesNotFitItsTreesIsRefused() {
        for (int offset : new int[]{EraSuperblockLayout.ERA_ARRAY_ROOT, EraSuperblockLayout.BLOCKS,
            EraSuperblockLayout.CURRENT_ERA, EraSuperblockLayout.WRITESET_TREE_ROOT}) {
            MemoryDevice device = Recorded.device("era-exact-3");
            new ImageEditor(device).breakByte(0, offset).breakByte(0, UUID);
            assertThatThrownBy(() -> repaired(device, SuperblockDamageTest::era)).as("offset %d", offset)
                    .isInstanceOf(ToolException.class).hasMessageStartingWith("bad checksum in superblock");
        }
    }

    @Test
    void aSuperblockOfAnotherKindIsRefused() {
        for (String image : List.of("thin-snaps-1", "era-exact-3")) {
            assertThatThrownBy(() -> whole(image, SuperblockDamageTest::cache)).isInstanceOf(ToolException.class);
        }
        assertThatThrownBy(() -> whole("cache-v1-clean", SuperblockDamageTest::era)).isInstanceOf(ToolException.class);
    }
}
