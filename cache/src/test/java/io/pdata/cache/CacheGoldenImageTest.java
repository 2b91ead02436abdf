package io.pdata.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.core.device.MemoryDevice;
import io.pdata.core.store.OpenOptions;
import io.pdata.testkit.Golden;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a kernel (or cache_restore) wrote is understood, and not changed by reading it. */
class CacheGoldenImageTest {
    private static final Pattern MAPPING = Pattern
            .compile("<mapping cache_block=\"(\\d+)\" origin_block=\"(\\d+)\" dirty=\"(\\w+)\"/>");
    private static final Pattern HINT = Pattern.compile("<hint cache_block=\"(\\d+)\" data=\"([^\"]+)\"/>");

    private static final long CACHE_BYTES = 1 << 20;
    private static final OpenOptions READ_ONLY = OpenOptions.readOnly().withCache(CACHE_BYTES);
    private static final Map<String, byte[]> UNPACKED = new HashMap<>();

    private record Mapping(long cacheBlock, long origin, boolean dirty) {}

    static List<String> images() {
        return Recorded.names();
    }

    private static byte[] content(String image) {
        return UNPACKED.computeIfAbsent(image, Golden::image);
    }

    private static MemoryDevice device(String image) {
        byte[] content = content(image);
        MemoryDevice device = new MemoryDevice(image, content.length);
        device.write(0, MemorySegment.ofArray(content));
        return device;
    }

    private static List<Mapping> mappings(CacheReader reader) {
        List<Mapping> mappings = new ArrayList<>();
        reader.storedMappings((block, origin, dirty) -> mappings.add(new Mapping(block, origin, dirty)));
        return mappings;
    }

    @ParameterizedTest
    @MethodSource("images")
    void everyFieldOfTheSuperblockIsAsRecorded(String image) {
        try (CacheMetadata metadata = CacheMetadata.open(device(image), READ_ONLY)) {
            CacheSuperblock found = metadata.committed();
            Map<String, Long> recorded = Recorded.of(image).superblock();
            recorded.keySet().removeAll(List.of("csum", "blocknr", "magic", "metadata_block_size"));
            assertThat(fields(found)).isEqualTo(recorded);
            assertThat(found.policy().name()).isEqualTo(Recorded.of(image).policy());
        }
    }

    private static Map<String, Long> fields(CacheSuperblock found) {
        Map<String, Long> fields = new TreeMap<>();
        fields.put("flags", (long) found.flags());
        fields.put("version", (long) found.version());
        fields.put("policy_hint_size", (long) found.policy().hintSize());
        fields.put("mapping_root", found.mappingRoot());
        fields.put("hint_root", found.hintRoot());
        fields.put("discard_root", found.discardRoot());
        fields.put("discard_block_size", found.discardBlockSectors());
        fields.put("discard_nr_blocks", found.discardBlocks());
        fields.put("data_block_size", found.dataBlockSectors());
        fields.put("cache_blocks", found.cacheBlocks());
        fields.put("compat", (long) found.compatFlags());
        fields.put("compat_ro", (long) found.compatReadOnlyFlags());
        fields.put("incompat", (long) found.incompatFlags());
        fields.put("read_hits", found.stats().readHits());
        fields.put("read_misses", found.stats().readMisses());
        fields.put("write_hits", found.stats().writeHits());
        fields.put("write_misses", found.stats().writeMisses());
        fields.put("pv0", (long) found.policy().major());
        fields.put("pv1", (long) found.policy().minor());
        fields.put("pv2", (long) found.policy().patch());
        fields.put("dirty_root", found.dirtyRoot());
        return fields;
    }

    @ParameterizedTest
    @MethodSource("images")
    void mappingsAndDirtyBitsAreAsRecorded(String image) {
        Recorded recorded = Recorded.of(image);
        try (CacheMetadata metadata = CacheMetadata.open(device(image), READ_ONLY)) {
            List<Mapping> found = mappings(metadata.reader());
            assertThat((long) found.size()).isEqualTo(recorded.numbers("   mappings ").getFirst());
            long dirty = found.stream().filter(Mapping::dirty).count();
            long expectedDirty = metadata.committed().version() == 1
                    ? recorded.counts("   mappings ").getOrDefault(3L, 0L)
                    : recorded.numbers("   dirty bits ").getFirst();
            assertThat(dirty).isEqualTo(expectedDirty);
            assertThat(found).allSatisfy(
                    mapping -> assertThat(metadata.reader().origin(mapping.cacheBlock())).isEqualTo(mapping.origin()));
            if (recorded.hasDump()) {
                assertThat(found).isEqualTo(recorded.dumped(MAPPING).stream().map(m -> new Mapping(
                        Long.parseLong(m.group(1)), Long.parseLong(m.group(2)), Boolean.parseBoolean(m.group(3))))
                        .toList());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("images")
    void hintsAreAsRecorded(String image) {
        Recorded recorded = Recorded.of(image);
        try (CacheMetadata metadata = CacheMetadata.open(device(image), READ_ONLY)) {
            Map<Long, Long> histogram = new TreeMap<>();
            Map<Long, Integer> hints = new TreeMap<>();
            metadata.reader().storedHints((block, hint) -> {
                histogram.merge((long) hint, 1L, Long::sum);
                hints.put(block, hint);
            });
            assertThat(histogram).isEqualTo(recorded.counts("   hints "));
            if (recorded.hasDump() && !hints.isEmpty()) {
                hints.keySet().removeIf(block -> metadata.reader().origin(block) < 0);
                Map<Long, Integer> dumped = new TreeMap<>();
                recorded.dumped(HINT).forEach(m -> dumped.put(Long.parseLong(m.group(1)), ByteBuffer
                        .wrap(Base64.getDecoder().decode(m.group(2))).order(ByteOrder.LITTLE_ENDIAN).getInt()));
                assertThat(hints).isEqualTo(dumped);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("images")
    void discardsAreAsRecorded(String image) {
        List<Long> recorded = Recorded.of(image).numbers("   discards ");
        try (CacheMetadata metadata = CacheMetadata.open(device(image), READ_ONLY)) {
            List<Long> found = new ArrayList<>();
            metadata.reader().storedDiscards((begin, end) -> {
                for (long block = begin; block < end; block++) {
                    found.add(block);
                }
            });
            assertThat((long) found.size()).isEqualTo(recorded.getFirst());
            assertThat(metadata.committed().discardBlocks()).isEqualTo(recorded.get(1));
            assertThat(found.stream().limit(8)).isEqualTo(recorded.subList(2, recorded.size()));
        }
    }

    @ParameterizedTest
    @MethodSource("images")
    void whatIsLoadedDependsOnTheCleanShutdown(String image) {
        try (CacheMetadata metadata = CacheMetadata.open(device(image), READ_ONLY)) {
            CacheSuperblock superblock = metadata.committed();
            boolean clean = (superblock.flags() & CacheSuperblockLayout.CLEAN_SHUTDOWN) != 0;
            List<Mapping> stored = mappings(metadata.reader());
            List<Mapping> loaded = new ArrayList<>();
            metadata.reader().loadMappings(CachePolicy.SMQ, (block, origin, dirty, hint, hintValid) -> {
                loaded.add(new Mapping(block, origin, dirty));
                assertThat(hintValid).isEqualTo(clean);
                assertThat(hint).isEqualTo(clean ? 63 : 0);
            });
            assertThat(loaded).isEqualTo(clean
                    ? stored
                    : stored.stream().map(mapping -> new Mapping(mapping.cacheBlock(), mapping.origin(), true))
                            .toList());
            List<Long> discards = new ArrayList<>();
            metadata.reader().loadDiscards(64, 8192, (begin, end) -> discards.add(begin));
            assertThat(discards.isEmpty()).isEqualTo(!clean || superblock.discardBlocks() == 0);
        }
    }

    @ParameterizedTest
    @MethodSource("images")
    void everyReferenceIsCounted(String image) {
        CacheAudit.verify(device(image));
    }

    @ParameterizedTest
    @MethodSource("images")
    void readingChangesNothing(String image) {
        MemoryDevice device = device(image);
        try (CacheMetadata metadata = CacheMetadata.open(device, READ_ONLY);
                CacheView view = metadata.openView()) {
            view.reader().loadMappings(CachePolicy.SMQ, (block, origin, dirty, hint, hintValid) -> {});
        }
        assertThat(CacheAudit.bytes(device.reopen())).isEqualTo(content(image));
    }

    @ParameterizedTest
    @MethodSource("images")
    void openingToChangeClearsTheCleanFlagAndNothingElse(String image) {
        MemoryDevice device = device(image);
        CacheMetadata.open(device, OpenOptions.readWrite().withCache(CACHE_BYTES)).close();
        byte[] expected = content(image);
        if (image.endsWith("-clean")) {
            // The kernel did just this to these two.
            expected = content(image.replace("-clean", "-reopened"));
        }
        MemorySegment found = MemorySegment.ofArray(CacheAudit.bytes(device.reopen()));
        long flags = CacheSuperblockLayout.FLAGS;
        assertThat(found.asSlice(flags + 4).mismatch(MemorySegment.ofArray(expected).asSlice(flags + 4)))
                .isEqualTo(-1);
        assertThat(CacheSuperblock.read(found).cleanShutdown()).isFalse();
        CacheSuperblockLayout.VALIDATOR.check(found.asSlice(0, 4096), 0);
        if (image.endsWith("-clean")) {
            assertThat(found.mismatch(MemorySegment.ofArray(expected))).isEqualTo(-1);
        }
    }
}
