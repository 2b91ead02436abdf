package io.pdata.era;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.core.device.MemoryDevice;
import io.pdata.core.store.OpenOptions;
import io.pdata.testkit.Golden;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a kernel (or era_restore) wrote is understood, and not changed by reading it. */
class EraGoldenImageTest {
    private static final OpenOptions READ_ONLY = OpenOptions.readOnly().withCache(1 << 20);
    private static final Map<String, byte[]> UNPACKED = new HashMap<>();

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

    @ParameterizedTest
    @MethodSource("images")
    void everyFieldOfTheSuperblockIsAsRecorded(String image) {
        try (EraMetadata metadata = EraMetadata.open(device(image), READ_ONLY)) {
            EraSuperblock found = metadata.committed();
            Map<String, Long> recorded = new HashMap<>(Recorded.of(image).superblocks().getFirst());
            recorded.keySet().removeAll(List.of("csum", "blocknr", "magic", "metadata_block_size", "version", "flags"));
            Map<String, Long> fields = new TreeMap<>();
            fields.put("data_block_size", found.dataBlockSectors());
            fields.put("nr_blocks", found.blocks());
            fields.put("current_era", found.currentEra());
            fields.put("ws_nr_bits", found.currentWriteset().bits());
            fields.put("ws_root", found.currentWriteset().root());
            fields.put("writeset_tree_root", found.writesetTreeRoot());
            fields.put("era_array_root", found.eraArrayRoot());
            fields.put("metadata_snap", found.metadataSnapshot());
            assertThat(fields).isEqualTo(recorded);
        }
    }

    @ParameterizedTest
    @MethodSource("images")
    void writesetsAndErasAreAsTheDecoderFoundThem(String image) {
        try (EraMetadata metadata = EraMetadata.open(device(image), READ_ONLY)) {
            List<String> found = describe(metadata.reader());
            metadata.reader().snapshot().ifPresent(snapshot -> {
                found.add("snap:");
                found.addAll(describe(snapshot));
            });
            assertThat(found).isEqualTo(Recorded.of(image).found());
        }
    }

    private static List<String> describe(EraReader reader) {
        List<String> lines = new ArrayList<>();
        EraSuperblock superblock = reader.superblock();
        for (EraReader.EraWriteset archived : reader.archivedWritesets()) {
            lines.add("writeset era " + archived.era() + " bits " + archived.writeset().bits() + " set "
                    + marked(reader, archived.writeset()).size());
        }
        Map<Long, Integer> counts = new LinkedHashMap<>();
        for (long block = 0; block < superblock.blocks(); block++) {
            counts.merge(reader.storedEra(block), 1, Integer::sum);
        }
        // The decoder lists the most frequent first, and of equals the one that it met first.
        List<String> eras = counts.entrySet().stream().sorted(Map.Entry.<Long, Integer>comparingByValue().reversed())
                .map(entry -> entry.getKey() + ": " + entry.getValue()).toList();
        lines.add("era array " + superblock.blocks() + ": {" + String.join(", ", eras) + "}");
        if (superblock.currentWriteset().exists()) {
            lines.add("current writeset set " + marked(reader, superblock.currentWriteset()).size() + " of "
                    + superblock.currentWriteset().bits());
        }
        return lines;
    }

    private static List<Long> marked(EraReader reader, Writeset writeset) {
        List<Long> marked = new ArrayList<>();
        for (long block = 0; block < writeset.bits(); block++) {
            if (reader.contains(writeset, block)) {
                marked.add(block);
            }
        }
        return marked;
    }

    @ParameterizedTest
    @MethodSource("images")
    void everyBlockHasTheErasThatTheToolsPrinted(String image) {
        Recorded recorded = Recorded.of(image);
        try (EraMetadata metadata = EraMetadata.open(device(image), READ_ONLY)) {
            EraReader reader = metadata.reader();
            String stored = recorded.output("era_dump");
            String logical = recorded.output("era_dump --logical");
            int[] all = new int[stored.isEmpty() ? 0 : (int) metadata.blocks()];
            reader.lastWritten(0, all);
            assertThat(eras(stored)).isEqualTo(IntStream.range(0, all.length).mapToLong(reader::storedEra).toArray());
            assertThat(eras(logical)).isEqualTo(IntStream.of(all).asLongStream().toArray());
            assertThat(eras(logical))
                    .isEqualTo(IntStream.range(0, all.length).mapToLong(reader::lastWritten).toArray());
        }
    }

    private static long[] eras(String dump) {
        return Recorded.all("<era block=\"\\d+\" era=\"(\\d+)\"/>", dump).stream()
                .mapToLong(m -> Long.parseLong(m.group(1))).toArray();
    }

    @ParameterizedTest
    @MethodSource("images")
    void blocksWrittenSinceAnEraAreThoseOfTheTool(String image) {
        Recorded recorded = Recorded.of(image);
        try (EraMetadata metadata = EraMetadata.open(device(image), READ_ONLY)) {
            // era_invalidate ignores the current writeset, so only an inactive device can be compared.
            for (int since : metadata.committed().currentWriteset().exists() ? new int[0] : new int[]{1, 2, 4}) {
                List<Long> expected = new ArrayList<>();
                String output = recorded.output("era_invalidate --written-since " + since);
                Recorded.all("block=\"(\\d+)\"|begin=\"(\\d+)\" end=\"(\\d+)\"", output).forEach(m -> {
                    long begin = Long.parseLong(m.group(m.group(1) == null ? 2 : 1));
                    expected.add(begin);
                    expected.add(m.group(1) == null ? Long.parseLong(m.group(3)) : begin + 1);
                });
                List<Long> found = new ArrayList<>();
                metadata.reader().writtenSince(since, (begin, end) -> found.addAll(List.of(begin, end)));
                if (!output.isEmpty()) {
                    assertThat(found).as("written since %d", since).isEqualTo(expected);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("images")
    void everyReferenceIsCounted(String image) {
        EraAudit.verify(device(image));
    }

    @ParameterizedTest
    @MethodSource("images")
    void readingChangesNothing(String image) {
        MemoryDevice device = device(image);
        try (EraMetadata metadata = EraMetadata.open(device, READ_ONLY); EraView view = metadata.openView()) {
            view.reader().archivedWritesets();
        }
        assertThat(EraAudit.bytes(device.reopen())).isEqualTo(content(image));
    }
}
