package io.pdata.interop.tools;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.core.device.FileDevice.Access;
import io.pdata.core.device.FileDevice;
import io.pdata.testkit.Golden;
import io.pdata.testkit.Outcome;
import io.pdata.testkit.PeerTools;
import io.pdata.tools.MetadataFile;
import io.pdata.tools.Report;
import io.pdata.tools.ToolException;
import io.pdata.tools.thin.Losses;
import io.pdata.tools.thin.ThinCheck;
import io.pdata.tools.thin.ThinRepair;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Damages metadata at random and repairs them: what is written passes all checks, nothing that thin_repair 0.9.0 keeps of the
 * same state is missing, and the damaged metadata stay as they are. More with {@code -Dlong.tests=true}.
 */
class ThinRepairTest {
    private static final int BLOCK = 4096;
    private static final int ROUNDS = Integer.getInteger("repair.rounds", Boolean.getBoolean("long.tests") ? 500 : 2);
    private static final String DATA_BLOCK_SIZE = "--data-block-size";

    @TempDir
    Path folder;

    private Path damaged;
    private Path repaired;
    private Losses losses;

    @BeforeEach
    void needPeers() {
        PeerTools.need();
        damaged = folder.resolve("damaged");
        repaired = folder.resolve("repaired");
    }

    private static void blank(Path file, long size) throws IOException {
        Files.deleteIfExists(file);
        FileDevice.create(file, size).close();
    }

    private void damage(long... blocks) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(damaged.toFile(), "rw")) {
            for (long block : blocks) {
                file.seek(block * BLOCK + 100);
                int old = file.read();
                file.seek(block * BLOCK + 100);
                file.write(~old);
            }
        }
    }

    private void repair() throws IOException {
        byte[] before = Files.readAllBytes(damaged);
        blank(repaired, before.length);
        try (MetadataFile file = MetadataFile.open(damaged)) {
            losses = ThinRepair.repair(file, ThinRepair.Options.NONE, FileDevice.open(repaired, Access.READ_WRITE));
        }
        assertThat(Files.readAllBytes(damaged)).isEqualTo(before);
        for (String version : PeerTools.VERSIONS) {
            PeerTools.run(version, "thin_check", repaired).succeeded();
        }
        try (MetadataFile file = MetadataFile.open(repaired)) {
            assertThat(ThinCheck.check(file, ThinCheck.Options.FULL, Report.SILENT).all()).isEmpty();
        }
    }

    /** What a program of others dumps, or what ours keeps: of each device each virtual block with its data block and time. */
    private static Map<Long, Map<Long, String>> mappings(Path metadata) {
        Map<Long, Map<Long, String>> devices = new TreeMap<>();
        Map<Long, String> device = null;
        for (String line : PeerTools.run(PeerTools.CPP, "thin_dump", metadata).succeeded().output().split("\n")) {
            if (line.contains("<device ")) {
                device = new TreeMap<>();
                devices.put(number(line, "dev_id"), device);
            } else if (line.contains("<single_mapping ")) {
                device.put(number(line, "origin_block"), number(line, "data_block") + " at " + number(line, "time"));
            } else if (line.contains("<range_mapping ")) {
                for (long i = 0; i < number(line, "length"); i++) {
                    device.put(number(line, "origin_begin") + i,
                            number(line, "data_begin") + i + " at " + number(line, "time"));
                }
            }
        }
        return devices;
    }

    private static long number(String line, String attribute) {
        int begin = line.indexOf(" " + attribute + "=\"") + attribute.length() + 3;
        return Long.parseLong(line.substring(begin, line.indexOf('"', begin)));
    }

    /** What 0.9.0 makes of it, or null if it makes nothing. */
    private Map<Long, Map<Long, String>> byOthers() throws IOException {
        Path theirs = folder.resolve("theirs");
        blank(theirs, Files.size(damaged));
        Outcome outcome = PeerTools.run(PeerTools.CPP, "thin_repair", "-i", damaged, "-o", theirs);
        return outcome.status() == 0 ? mappings(theirs) : null;
    }

    @ParameterizedTest
    @ValueSource(strings = {"thin-snaps-2", "thin-exact-c-3"})
    void nothingIsLostThatOthersKeep(String image) throws IOException {
        Golden.unpack(image, folder.resolve("whole"));
        Map<Long, Map<Long, String>> whole = mappings(folder.resolve("whole"));
        int compared = 0;
        for (int seed = 0; seed < ROUNDS; seed++) {
            Random random = new Random(seed);
            Files.deleteIfExists(damaged);
            Golden.unpack(image, damaged);
            damage(random.longs(random.nextInt(1, 8), 1, Math.min(700, Files.size(damaged) / BLOCK)).toArray());
            String what = image + ", seed " + seed;
            try {
                repair();
            } catch (ToolException e) {
                throw new AssertionError(what, e);
            }
            Map<Long, Map<Long, String>> ours = mappings(repaired);
            Map<Long, Map<Long, String>> theirs = byOthers();
            // Only where the state that the superblock names could be saved is there something to compare.
            if (losses.notes().stream().anyMatch(note -> note.startsWith("saving mapping root"))) {
                continue;
            }
            compared++;
            ours.forEach((id, kept) -> assertThat(whole.get(id).entrySet()).as("%s, device %d", what, id)
                    .containsAll(kept.entrySet()));
            long missing = whole.keySet().stream().mapToLong(id -> whole.get(id).size() - ours.get(id).size()).sum();
            assertThat(losses.devices().stream().filter(device -> device.expected() != Losses.UNKNOWN)
                    .mapToLong(device -> device.expected() - device.kept()).sum()).as(what).isEqualTo(missing);
            if (theirs != null) {
                theirs.forEach((id, kept) -> assertThat(ours.get(id).entrySet()).as("%s, device %d", what, id)
                        .containsAll(kept.entrySet()));
            }
        }
        assertThat(compared).isPositive();
    }

    @Test
    void withoutASuperblockTheSameStateIsFoundAsByOthers() throws IOException {
        Golden.unpack("thin-snaps-2", damaged);
        damage(0);
        repair();
        Path theirs = folder.resolve("theirs");
        blank(theirs, Files.size(damaged));
        PeerTools.run(PeerTools.RUST, "thin_repair", "-i", damaged, "-o", theirs, DATA_BLOCK_SIZE, "128").succeeded();
        assertThat(mappings(repaired)).isEqualTo(mappings(theirs)).hasSize(12);
        assertThat(PeerTools.run(PeerTools.RUST, "thin_dump", repaired).output())
                .isEqualTo(PeerTools.run(PeerTools.RUST, "thin_dump", theirs).output());
    }
}
