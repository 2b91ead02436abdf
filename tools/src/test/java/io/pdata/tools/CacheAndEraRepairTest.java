package io.pdata.tools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pdata.core.array.ArrayBlock;
import io.pdata.core.block.Bytes;
import io.pdata.core.device.MemoryDevice;
import io.pdata.tools.cache.CacheDump;
import io.pdata.tools.cache.CacheRepair;
import io.pdata.tools.era.EraDump;
import io.pdata.tools.era.EraRepair;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is saved of caches and era devices, and on which side it errs. */
class CacheAndEraRepairTest {
    /** The last block of era-exact-3 that has been written: it is the root of the current writeset, or near it. */
    private static final int LAST_USED = 112;

    private LossReport losses;

    private String cache(MemoryDevice device) {
        try (MetadataFile file = new MetadataFile(device.reopen())) {
            return Recorded.written(out -> losses = CacheRepair.dump(file, () -> out));
        }
    }

    private String era(MemoryDevice device) {
        return era(device, false);
    }

    private String era(MemoryDevice device, boolean logical) {
        try (MetadataFile file = new MetadataFile(device.reopen())) {
            return Recorded.written(out -> losses = EraRepair.dump(file, logical, () -> out));
        }
    }

    private static List<String> lines(String xml, String element) {
        return xml.lines().filter(line -> line.contains("<" + element + " ")).toList();
    }

    static Stream<String> cleanCaches() {
        return Stream.of("cache-v1-clean", "cache-v2-clean", "cache-exact-v1-3", "cache-exact-v2-4",
                "cache-v1-restored-1.1.0");
    }

    @ParameterizedTest
    @MethodSource("cleanCaches")
    void aGoodCacheIsKeptAsItIs(String name) {
        try (MetadataFile file = Recorded.open(name)) {
            assertThat(cache(Recorded.device(name)))
                    .isEqualTo(Recorded.written(out -> CacheDump.dump(file, () -> out)));
        }
        assertThat(losses.none()).isTrue();
    }

    @Test
    void afterAnUncleanShutdownAllIsDirty() {
        String xml = cache(Recorded.device("cache-v2-unclean"));
        assertThat(lines(xml, "mapping")).isNotEmpty().allMatch(line -> line.contains("dirty=\"true\""));
        assertThat(xml).contains("policy=\"smq\" hint_width=\"4\"");
        assertThat(losses.notes()).hasSize(2).anyMatch(note -> note.contains("no policy"))
                .anyMatch(note -> note.contains("not shut down cleanly"));
    }

    /** Breaks each block in turn: what is left out is what is said to be lost, and nothing becomes clean. */
    @ParameterizedTest
    @MethodSource("cleanCaches")
    void aBrokenBlockCostsItsOwnValuesOnly(String name) {
        String whole = cache(Recorded.device(name));
        int harmful = 0;
        for (long block = 1; block < 40; block++) {
            MemoryDevice device = Recorded.device(name);
            new ImageEditor(device).breakByte(block, 100);
            try {
                String kept = cache(device);
                harmful += losses.none() ? 0 : 1;
                assertCacheDiffersBy(whole, kept);
            } catch (ToolException e) {
                assertThat(e).hasMessageContaining("no mapping can be read");
                harmful++;
            }
        }
        assertThat(harmful).isPositive();
    }

    private void assertCacheDiffersBy(String whole, String kept) {
        for (String line : lines(whole, "mapping")) {
            long cacheBlock = number(line, "cache_block");
            boolean lost = isLost("mappings of cache blocks", cacheBlock);
            boolean unsure = isLost("dirty bits", cacheBlock);
            assertThat(kept.contains(line)).as(line).isEqualTo(!lost && (!unsure || line.contains("\"true\"")));
            assertThat(kept.contains(line.replace("\"false\"", "\"true\""))).as(line)
                    .isEqualTo(!lost && (unsure || line.contains("\"true\"")));
        }
    }

    private boolean isLost(String what, long index) {
        return losses.ranges().stream()
                .anyMatch(range -> range.what().equals(what) && range.first() <= index && index <= range.last());
    }

    private static long number(String line, String attribute) {
        Matcher matcher = Pattern.compile(attribute + "=\"(\\d+)\"").matcher(line);
        assertThat(matcher.find()).isTrue();
        return Long.parseLong(matcher.group(1));
    }

    @Test
    void ofTwoCacheBlocksWithOneOriginTheFirstIsKept() {
        MemoryDevice device = Recorded.device("cache-v1-clean");
        long mapping = mappingBlock(device);
        new ImageEditor(device).edit(mapping, ArrayBlock.VALIDATOR, block -> block.set(Bytes.U64,
                ArrayBlock.valueOffset(1, 8), block.get(Bytes.U64, ArrayBlock.valueOffset(0, 8))));
        assertThat(lines(cache(device), "mapping")).noneMatch(line -> line.contains("cache_block=\"1\""))
                .anyMatch(line -> line.contains("cache_block=\"0\""));
        assertThat(losses.ranges()).singleElement().satisfies(range -> assertThat(range.first()).isEqualTo(1));
    }

    /** The block of the mapping array that is the first to be reported when it is broken. */
    private long mappingBlock(MemoryDevice device) {
        for (long block = 1; block < 40; block++) {
            MemoryDevice copy = Recorded.device(device.name());
            new ImageEditor(copy).breakByte(block, 100);
            cache(copy);
            long broken = block;
            if (losses.ranges().stream().anyMatch(range -> range.what().startsWith("mappings") && range.first() == 0
                    && range.block() == broken && range.last() < 2000)) {
                return block;
            }
        }
        throw new AssertionError("no such block");
    }

    @Test
    void withoutASuperblockNothingIsSaved() {
        MemoryDevice device = Recorded.device("cache-v2-clean");
        device.write(0, MemorySegment.ofArray(new byte[Bytes.BLOCK_SIZE]));
        assertThatThrownBy(() -> cache(device)).isInstanceOf(ToolException.class)
                .hasMessageContaining("bad checksum in superblock");
        MemoryDevice tracked = Recorded.device("era-exact-3");
        tracked.write(0, MemorySegment.ofArray(new byte[Bytes.BLOCK_SIZE]));
        assertThatThrownBy(() -> era(tracked)).isInstanceOf(ToolException.class)
                .hasMessageContaining("bad checksum in superblock");
    }

    static Stream<String> eras() {
        return Recorded.images("era-");
    }

    @ParameterizedTest
    @MethodSource("eras")
    void goodEraMetadataAreKeptAsTheyAre(String name) {
        for (boolean logical : new boolean[]{false, true}) {
            try (MetadataFile file = Recorded.open(name)) {
                assertThat(era(Recorded.device(name), logical))
                        .isEqualTo(Recorded.written(out -> EraDump.dump(file, logical, () -> out)));
            }
            assertThat(losses.none()).isTrue();
        }
    }

    /** Whatever is broken, no block looks as if it had been written earlier than it was. */
    @Test
    void noChangeIsForgotten() {
        long[] before = lastWritten(era(Recorded.device("era-exact-3")));
        int harmful = 0;
        for (long block = 1; block <= LAST_USED; block++) {
            MemoryDevice device = Recorded.device("era-exact-3");
            new ImageEditor(device).breakByte(block, 100);
            long[] after = lastWritten(era(device));
            long[] merged = lastWritten(era(device, true));
            harmful += losses.none() ? 0 : 1;
            assertThat(after).hasSameSizeAs(before);
            for (int i = 0; i < before.length; i++) {
                assertThat(after[i]).as("block %d of the device, with %d broken", i, block)
                        .isGreaterThanOrEqualTo(before[i]);
                assertThat(merged[i]).as("block %d of the device, with %d broken, merged", i, block)
                        .isBetween(before[i], after[i]);
            }
        }
        assertThat(harmful).isPositive();
    }

    private static long[] lastWritten(String xml) {
        List<String> eras = lines(xml, "era");
        long[] last = new long[eras.size()];
        for (int i = 0; i < last.length; i++) {
            last[i] = number(eras.get(i), " era");
        }
        long era = 0;
        for (String line : xml.lines().toList()) {
            if (line.contains("<writeset ")) {
                era = number(line, "era");
            } else if (line.contains("<bit ") && line.contains("\"true\"")) {
                int at = (int) number(line, "block");
                last[at] = Math.max(last[at], era);
            }
        }
        return last;
    }
}
