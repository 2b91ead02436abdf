package io.pdata.tools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pdata.cache.CacheStats;
import io.pdata.cache.CacheSuperblock;
import io.pdata.core.block.Bytes;
import io.pdata.core.device.MemoryDevice;
import io.pdata.era.EraSuperblock;
import io.pdata.testkit.Golden;
import io.pdata.testkit.RandomTargets;
import io.pdata.tools.cache.CacheCheck;
import io.pdata.tools.cache.CacheDump;
import io.pdata.tools.cache.CacheWriter;
import io.pdata.tools.cache.CacheXml;
import io.pdata.tools.era.EraCheck;
import io.pdata.tools.era.EraDump;
import io.pdata.tools.era.EraWriter;
import io.pdata.tools.era.EraXml;
import io.pdata.tools.text.XmlIn;
import java.io.ByteArrayInputStream;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CacheAndEraRestoreTest {
    private static final int BLOCKS = 128;
    private static final String CACHE = """
            <superblock uuid="" block_size="64" nr_cache_blocks="10" policy="smq" hint_width="4">
            <mappings><mapping cache_block="1" origin_block="7" dirty="true"/>
            <mapping cache_block="3" origin_block="8" dirty="false"/></mappings>
            <hints><hint cache_block="1" data="PwAAAA=="/>
            <hint cache_block="3" data="PwAAAA=="/></hints></superblock>""";
    private static final String ERA = """
            <superblock uuid="" block_size="64" nr_blocks="3" current_era="5">
            <writeset era="4" nr_bits="3"><bit block="0" value="false"/><marked block_begin="1" len="2"/></writeset>
            <era_array><era block="0" era="0"/><era block="1" era="3"/><era block="2" era="0"/></era_array>
            </superblock>""";

    private static XmlIn in(String xml) {
        return new XmlIn(new ByteArrayInputStream(xml.getBytes(StandardCharsets.UTF_8)));
    }

    /** The devices stay open. */
    private static MemoryDevice restoreCache(String xml, int version, boolean clean, int blocks) {
        MemoryDevice device = new MemoryDevice("metadata", (long) blocks * Bytes.BLOCK_SIZE);
        CacheXml.read(in(xml), new CacheWriter(device, new CacheWriter.Options(version, clean)));
        return device;
    }

    private static MemoryDevice restoreEra(String xml, int blocks) {
        MemoryDevice device = new MemoryDevice("metadata", (long) blocks * Bytes.BLOCK_SIZE);
        EraXml.read(in(xml), new EraWriter(device));
        return device;
    }

    private static String dumpCache(MemoryDevice device) {
        return Recorded.written(out -> CacheDump.dump(new MetadataFile(device), () -> out));
    }

    private static String dumpEra(MemoryDevice device) {
        return Recorded.written(out -> EraDump.dump(new MetadataFile(device), false, () -> out));
    }

    private static String goldenXml(String name) {
        return new String(Golden.bytes(Golden.folder(), name + ".xml"), StandardCharsets.UTF_8);
    }

    private static byte[] withoutSuperblock(byte[] image) {
        byte[] used = UsedBytes.of(image);
        return Arrays.copyOfRange(used, Bytes.BLOCK_SIZE, used.length);
    }

    /** But for bytes that nothing refers to, and for a miss count of 9 that the reference tool makes up. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void theLayoutOfCachesIsThatOfTheReferenceTool(int version) {
        String name = "cache-v" + version + "-restored-1.1.0";
        byte[] expected = Golden.image(name);
        MemoryDevice device = restoreCache(goldenXml(name), version, true, expected.length / Bytes.BLOCK_SIZE);
        byte[] restored = UsedBytes.image(device);
        assertThat(withoutSuperblock(restored)).isEqualTo(withoutSuperblock(expected));
        CacheSuperblock reference = CacheSuperblock.read(MemorySegment.ofArray(expected));
        assertThat(reference.stats()).isEqualTo(new CacheStats(0, 9, 0, 0));
        assertThat(CacheSuperblock.read(MemorySegment.ofArray(restored))).usingRecursiveComparison()
                .ignoringFields("stats").isEqualTo(reference);
        assertThat(dumpCache(device)).isEqualTo(goldenXml(name));
    }

    /** But for bytes that nothing refers to, and for a flag that the reference tool sets and nobody knows. */
    @Test
    void theLayoutOfErasIsThatOfTheReferenceTool() {
        byte[] expected = Golden.image("era-restored-1.1.0");
        MemoryDevice device = restoreEra(goldenXml("era-restored-1.1.0"), expected.length / Bytes.BLOCK_SIZE);
        byte[] restored = UsedBytes.image(device);
        assertThat(withoutSuperblock(restored)).isEqualTo(withoutSuperblock(expected));
        assertThat(EraSuperblock.read(MemorySegment.ofArray(restored)))
                .isEqualTo(EraSuperblock.read(MemorySegment.ofArray(expected)));
        assertThat(dumpEra(device)).isEqualTo(goldenXml("era-restored-1.1.0"));
    }

    @Test
    void randomOnesAreAsTheirDumpsSayAndClean() {
        int seeds = Boolean.getBoolean("long.tests") ? 5000 : 60;
        for (long seed = Long.getLong("model.seed", 1); seed <= seeds; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            String cache = RandomTargets.cache(random);
            int version = 1 + (int) (seed % 2);
            MemoryDevice device = restoreCache(cache, version, true, BLOCKS);
            assertThat(dumpCache(device)).as("-Dmodel.seed=%d", seed).isEqualTo(cache);
            assertThat(CacheCheck.check(new MetadataFile(device), CacheCheck.Options.FULL, Report.SILENT).all())
                    .as("-Dmodel.seed=%d", seed).isEmpty();
            String era = RandomTargets.era(random);
            MemoryDevice eraDevice = restoreEra(era, BLOCKS);
            assertThat(dumpEra(eraDevice)).as("-Dmodel.seed=%d", seed).isEqualTo(era);
            assertThat(EraCheck.check(new MetadataFile(eraDevice), false, Report.SILENT).all())
                    .as("-Dmodel.seed=%d", seed).isEmpty();
        }
    }

    @Test
    void withoutACleanShutdownThereIsNoFlag() {
        MemoryDevice device = restoreCache(CACHE, 2, false, 16);
        CacheSuperblock superblock = CacheSuperblock.read(MemorySegment.ofArray(UsedBytes.image(device)));
        assertThat(superblock.cleanShutdown()).isFalse();
        assertThat(superblock.version()).isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', value = {
        "cache_block=\"3\" origin | cache_block=\"1\" origin | keys out of order: cache block 1 of mappings",
        "cache_block=\"3\" origin | cache_block=\"10\" origin | block out of bounds: cache block 10 of mappings",
        "cache_block=\"3\" data | cache_block=\"0\" data | keys out of order: cache block 0 of hints",
        "cache_block=\"3\" data | cache_block=\"11\" data | block out of bounds: cache block 11 of hints",
        "origin_block=\"8\" | origin_block=\"281474976710656\" | block out of bounds: origin block 281474976710656",
        "data=\"PwAAAA==\" | data=\"Pw==\" | it is not of 4 bytes", "data=\"PwAAAA==\" | data=\"?\" | invalid hint '?'",
        "hint_width=\"4\" | hint_width=\"8\" | invalid hint width: 8",
        "policy=\"smq\" | policy=\"sixteencharacters\" | invalid policy name",
        "nr_cache_blocks=\"10\" | nr_cache_blocks=\"4294967295\" | out of metadata space",
        "<hints> | <discards></discards><hints> | unknown start tag 'discards'",
        "<mappings> | <mappings><hint cache_block=\"1\" data=\"\"/> | unknown empty element 'hint'",
        "</superblock> | </superblock><superblock/> | duplicated superblock",
        "<superblock | <super | missing superblock"})
    void whatCannotBeInACacheIsRefused(String from, String to, String problem) {
        String xml = CACHE.replace(from, to).replace(to.equals("<super") ? "</superblock>" : "\0", "</super>");
        assertThatThrownBy(() -> restoreCache(xml, 2, true, 16)).isInstanceOf(ToolException.class)
                .hasMessageContaining(problem).hasMessageMatching("(?s).*, line [1-5]");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', value = {
        "block_begin=\"1\" | block_begin=\"2\" | block out of bounds: 2 of writeset 4",
        "<marked | <bit block=\"2\" value=\"true\"/><marked | keys out of order: block 1 of writeset 4",
        "<era_array> | <writeset era=\"4\" nr_bits=\"3\"></writeset><era_array> | keys out of order: writeset 4",
        "<era block=\"1\" era=\"3\"/> | <!-- --> | era of block 2 where that of block 1 should be",
        "</era_array> | <era block=\"3\" era=\"0\"/></era_array> | era of block 3 where that of none should be",
        "<era_array> | <foo/><era_array> | unknown empty element 'foo'",
        "nr_blocks=\"3\" | nr_blocks=\"4294967295\" | out of metadata space",
        "value=\"false\" | value=\"no\" | neither true nor false"})
    void whatCannotBeInAnEraIsRefused(String from, String to, String problem) {
        assertThatThrownBy(() -> restoreEra(ERA.replace(from, to), 16)).isInstanceOf(ToolException.class)
                .hasMessageContaining(problem).hasMessageMatching("(?s).*, line [1-4]");
    }

    @Test
    void anEraArrayMustBeWhole() {
        assertThatThrownBy(() -> restoreEra(ERA.replace("<era block=\"2\" era=\"0\"/>", ""), 16))
                .hasMessageContaining("the era array has 2 of 3 blocks");
        assertThat(dumpEra(restoreEra(ERA, 16))).contains("<bit block=\"1\" value=\"true\"/>",
                "<bit block=\"2\" value=\"true\"/>");
    }
}
