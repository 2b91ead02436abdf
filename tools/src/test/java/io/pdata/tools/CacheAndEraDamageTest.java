package io.pdata.tools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pdata.cache.CacheMapping;
import io.pdata.cache.CacheSuperblockLayout;
import io.pdata.core.array.ArrayBlock;
import io.pdata.core.block.Bytes;
import io.pdata.core.device.MemoryDevice;
import io.pdata.core.device.PersistentDataException;
import io.pdata.era.EraSuperblockLayout;
import io.pdata.tools.Finding.Kind;
import io.pdata.tools.cache.CacheCheck;
import io.pdata.tools.cache.CacheDump;
import io.pdata.tools.era.EraCheck;
import io.pdata.tools.era.EraDump;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What is changed in good cache and era metadata is found, named and located. */
class CacheAndEraDamageTest {
    private MemoryDevice device;
    private ImageEditor image;

    private void load(String name) {
        device = Recorded.device(name);
        image = new ImageEditor(device);
    }

    private List<Finding> cache(CacheCheck.Options options) {
        try (MetadataFile file = new MetadataFile(device.reopen())) {
            return CacheCheck.check(file, options, Report.SILENT).all();
        }
    }

    private List<Finding> cache() {
        return cache(CacheCheck.Options.FULL);
    }

    private List<Finding> era() {
        try (MetadataFile file = new MetadataFile(device.reopen())) {
            return EraCheck.check(file, false, Report.SILENT).all();
        }
    }

    private static void assertFatal(List<Finding> findings, String... words) {
        assertThat(findings).singleElement().satisfies(finding -> {
            assertThat(finding.severity()).isEqualTo(Severity.FATAL);
            assertThat(finding.text()).contains(words);
        });
    }

    private void cacheSuperblock(Consumer<MemorySegment> change) {
        image.edit(0, CacheSuperblockLayout.VALIDATOR, change);
    }

    /** The block of an array that a superblock's field points at. */
    private long arrayBlock(int rootField, int index) {
        return ImageEditor.longValue(image.read(image.read(0).get(Bytes.U64, rootField)), index);
    }

    private void setMapping(int cacheBlock, long value) {
        image.edit(arrayBlock(CacheSuperblockLayout.MAPPING_ROOT, 0), ArrayBlock.VALIDATOR,
                data -> data.set(Bytes.U64, ArrayBlock.valueOffset(cacheBlock, CacheMapping.SIZE), value));
    }

    @Test
    void unknownFlagsInAMapping() {
        load("cache-v2-clean");
        setMapping(3, CacheMapping.pack(7366, 5));
        assertFatal(cache(), "mapping array", "cache block 3: unknown flags in mapping: 5");
    }

    @Test
    void anUnmappedBlockThatHasAnOrigin() {
        load("cache-v1-clean");
        setMapping(200, CacheMapping.pack(5, 0));
        assertFatal(cache(), "cache block 200: invalid block is mapped");
        setMapping(200, CacheMapping.DIRTY);
        assertFatal(cache(), "cache block 200: dirty bit found on an unmapped block");
    }

    @Test
    void aMappingBeyondTheOrigin() {
        load("cache-v2-clean");
        setMapping(3, CacheMapping.pack(8192, 1));
        assertFatal(cache(), "cache block 3: mapping beyond end of the origin device");
        // Without a clean shutdown nobody knows how large the origin is.
        cacheSuperblock(sb -> sb.set(Bytes.U32, CacheSuperblockLayout.FLAGS, 0));
        assertThat(cache()).isEmpty();
    }

    @Test
    void anOriginBlockThatIsMappedTwice() {
        load("cache-v2-clean");
        setMapping(3, CacheMapping.pack(703, 1));
        assertFatal(cache(), "cache block 3: origin block 703 already mapped");
    }

    @Test
    void dirtyBitsOfUnmappedBlocksAreOnlyWrongAfterACleanShutdown() {
        load("cache-v2-clean");
        image.edit(arrayBlock(CacheSuperblockLayout.DIRTY_ROOT, 0), ArrayBlock.VALIDATOR,
                data -> data.set(Bytes.U64, ArrayBlock.valueOffset(10, 8), 0b111000));
        assertFatal(cache(), "dirty bitset: cache blocks 643 to 645: dirty bit found on an unmapped block");
        cacheSuperblock(sb -> sb.set(Bytes.U32, CacheSuperblockLayout.FLAGS, 0));
        assertThat(cache()).isEmpty();
    }

    @Test
    void anArrayOfTheWrongLength() {
        load("cache-v2-clean");
        cacheSuperblock(sb -> sb.set(Bytes.U32, CacheSuperblockLayout.CACHE_BLOCKS, 2040));
        assertThat(cache()).extracting(Finding::text).contains("mapping array: has 2048 values instead of 2040");
    }

    @Test
    void aBrokenArrayBlockIsLocated() {
        load("cache-v1-clean");
        long hints = arrayBlock(CacheSuperblockLayout.HINT_ROOT, 1);
        image.breakByte(hints, 500);
        assertFatal(cache(), "hint array, block " + hints, "bad checksum");
        assertThat(cache(new CacheCheck.Options(false, false, true, false))).isEmpty();
    }

    @Test
    void aCacheWithoutItsDirtyBits() {
        load("cache-v2-clean");
        cacheSuperblock(sb -> sb.set(Bytes.U64, CacheSuperblockLayout.DIRTY_ROOT, 0));
        assertThat(cache()).extracting(Finding::text).contains("superblock: dirty bitset not found");
    }

    @Test
    void aLostReferenceIsALeak() {
        load("cache-v1-clean");
        cacheSuperblock(sb -> sb.set(Bytes.U64, CacheSuperblockLayout.HINT_ROOT, 0));
        assertThat(cache()).isNotEmpty().allSatisfy(finding -> {
            assertThat(finding.severity()).isEqualTo(Severity.NON_FATAL);
            assertThat(finding.kind()).isEqualTo(Kind.LEAK);
        });
    }

    private void assertOnly(List<Finding> findings, Severity severity, String text) {
        assertThat(findings).singleElement().satisfies(finding -> {
            assertThat(finding.severity()).isEqualTo(severity);
            assertThat(finding.text()).contains(text);
        });
    }

    @Test
    void fieldsOfACacheThatNothingDependsOn() {
        load("cache-v2-clean");
        cacheSuperblock(sb -> sb.set(Bytes.U32, CacheSuperblockLayout.METADATA_BLOCK_SECTORS, 16));
        assertOnly(cache(), Severity.NON_FATAL, "metadata block size is 16 sectors instead of 8");
        load("cache-v2-clean");
        cacheSuperblock(sb -> sb.asSlice(CacheSuperblockLayout.POLICY_NAME, 16).fill((byte) 200));
        assertOnly(cache(), Severity.NOTICE, "policy name");
    }

    @Test
    void discardBlocksWithoutASize() {
        load("cache-v2-clean");
        cacheSuperblock(sb -> sb.set(Bytes.U64, CacheSuperblockLayout.DISCARD_BLOCK_SECTORS, 0));
        assertOnly(cache(), Severity.FATAL, "discard block size is 0");
    }

    @Test
    void hintsForFewerBlocksAreOnlyWrongAfterACleanShutdown() {
        load("cache-v2-clean");
        long hints = arrayBlock(CacheSuperblockLayout.HINT_ROOT, 2);
        image.edit(hints, ArrayBlock.VALIDATOR, data -> data.set(Bytes.U32, 8, ArrayBlock.entries(data) - 1));
        assertOnly(cache(), Severity.NON_FATAL, "hint array: has 2047 values instead of 2048 after a clean shutdown");
        cacheSuperblock(sb -> sb.set(Bytes.U32, CacheSuperblockLayout.FLAGS, 0));
        assertThat(cache()).isEmpty();
    }

    @Test
    void aHintThatIsMissingIsNotDumpedAsAnother() {
        load("cache-v2-clean");
        image.node(image.read(0).get(Bytes.U64, CacheSuperblockLayout.HINT_ROOT),
                node -> ImageEditor.setKey(node, 2, 9));
        try (MetadataFile file = new MetadataFile(device.reopen())) {
            assertThatThrownBy(() -> Recorded.written(out -> CacheDump.dump(file, () -> out)))
                    .isInstanceOf(PersistentDataException.class)
                    .hasMessageContaining("has no hint for cache block 2036, but one for 9162");
        }
    }

    @Test
    void fieldsOfEraMetadataThatNothingDependsOn() {
        load("era-exact-3");
        image.edit(0, EraSuperblockLayout.VALIDATOR, sb -> sb.set(Bytes.U32, EraSuperblockLayout.FLAGS, 6));
        assertOnly(era(), Severity.NON_FATAL, "flags 6");
        load("era-exact-3");
        image.edit(0, EraSuperblockLayout.VALIDATOR,
                sb -> sb.set(Bytes.U32, EraSuperblockLayout.METADATA_BLOCK_SECTORS, 1));
        assertOnly(era(), Severity.NON_FATAL, "metadata block size is 1 sectors");
    }

    @Test
    void aWritesetOfTheEraThatIsStillRunning() {
        load("era-exact-3");
        image.node(image.read(0).get(Bytes.U64, EraSuperblockLayout.WRITESET_TREE_ROOT),
                node -> ImageEditor.setKey(node, ImageEditor.entries(node) - 1, 5));
        assertThat(era()).extracting(Finding::text)
                .anySatisfy(text -> assertThat(text).contains("has a writeset of the current era 5"));
    }

    @Test
    void aBitBeyondAWriteset() {
        load("era-exact-3");
        long bits = ImageEditor.longValue(
                image.read(image.read(0).get(Bytes.U64, EraSuperblockLayout.CURRENT_WRITESET + 4)), 0);
        image.edit(bits, ArrayBlock.VALIDATOR,
                data -> data.set(Bytes.U64, ArrayBlock.valueOffset(39, 8), 1L << 63));
        assertOnly(era(), Severity.NOTICE, "writeset of era 5: bits are set beyond its 2500");
    }

    @Test
    void aSnapshotFromTheFuture() {
        load("era-exact-3");
        image.edit(83, EraSuperblockLayout.VALIDATOR, sb -> sb.set(Bytes.U32, EraSuperblockLayout.CURRENT_ERA, 9));
        assertThat(era()).extracting(Finding::text)
                .anySatisfy(text -> assertThat(text).contains("metadata snapshot", "its era is 9"));
    }

    @Test
    void moreBlocksThanTheEraArrayHasAreNotDumped() {
        load("era-exact-3");
        image.edit(0, EraSuperblockLayout.VALIDATOR, sb -> sb.set(Bytes.U32, EraSuperblockLayout.BLOCKS, -1));
        try (MetadataFile file = new MetadataFile(device.reopen())) {
            assertThatThrownBy(() -> Recorded.written(out -> EraDump.dump(file, false, () -> out)))
                    .isInstanceOf(PersistentDataException.class)
                    .hasMessageContaining("being shorter than its owner says");
        }
    }

    @Test
    void anUnknownVersionIsRefused() {
        load("cache-v1-clean");
        cacheSuperblock(sb -> sb.set(Bytes.U32, CacheSuperblockLayout.VERSION, 3));
        assertThatThrownBy(this::cache).isInstanceOf(PersistentDataException.class).hasMessageContaining("version 3");
    }

    @Test
    void anEraFromTheFuture() {
        load("era-exact-3");
        image.edit(arrayBlock(EraSuperblockLayout.ERA_ARRAY_ROOT, 1), ArrayBlock.VALIDATOR,
                data -> data.set(Bytes.U32, ArrayBlock.valueOffset(7, 4), 6));
        assertThat(era()).filteredOn(finding -> finding.structure().equals("era array")).singleElement()
                .extracting(Finding::text).isEqualTo("era array: invalid era value at data block 1025: 6");
    }

    @Test
    void aWritesetFromTheFuture() {
        load("era-exact-3");
        image.node(image.read(0).get(Bytes.U64, EraSuperblockLayout.WRITESET_TREE_ROOT),
                node -> ImageEditor.setKey(node, 0, 9));
        assertFatal(era(), "writeset tree: has a writeset of era 9, but the current one is 5");
    }

    @Test
    void aBrokenWritesetIsLocated() {
        load("era-exact-3");
        long bits = ImageEditor.longValue(image.read(image.read(0).get(Bytes.U64,
                EraSuperblockLayout.CURRENT_WRITESET + 4)), 0);
        image.breakByte(bits, 30);
        assertFatal(era(), "writeset of era 5, block " + bits, "bad checksum");
    }

    @Test
    void anEraArrayOfTheWrongLength() {
        load("era-exact-3");
        image.edit(0, EraSuperblockLayout.VALIDATOR, sb -> sb.set(Bytes.U32, EraSuperblockLayout.BLOCKS, 2501));
        assertFatal(era(), "era array: has 2500 values instead of 2501");
    }

    @Test
    void aBrokenEraSnapshot() {
        load("era-exact-3");
        image.breakByte(image.read(0).get(Bytes.U64, EraSuperblockLayout.METADATA_SNAPSHOT), 100);
        assertFatal(era(), "metadata snapshot, block 83", "bad checksum");
    }
}
