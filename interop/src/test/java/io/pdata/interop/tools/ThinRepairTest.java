package io.pdata.interop.tools;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.core.device.FileDevice.Access;
import io.pdata.core.device.FileDevice;
import io.pdata.interop.Seeds;
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
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.stream.Collectors;
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
    private static final int ROUNDS = Seeds.rounds(2, 500);
    private static final long METADATA_BYTES = 4 << 20;
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

    private void repair() throws IOException {
        byte[] before = Files.readAllBytes(damaged);
        Harm.blank(repaired, before.length);
        try (MetadataFile file = MetadataFile.open(damaged)) {
            losses = ThinRepair.repair(file, ThinRepair.Options.NONE, FileDevice.open(repaired, Access.READ_WRITE));
        }
        assertThat(Files.readAllBytes(damaged)).isEqualTo(before);
        Judged.sound(repaired);
        try (MetadataFile file = MetadataFile.open(repaired)) {
            assertThat(ThinCheck.check(file, ThinCheck.Options.FULL, Report.SILENT).all()).isEmpty();
        }
    }

    /** What 0.9.0 makes of it, or null if it makes nothing. */
    private Map<Long, Map<Long, String>> byOthers() throws IOException {
        Path theirs = folder.resolve("theirs");
        Harm.blank(theirs, Files.size(damaged));
        Outcome outcome = PeerTools.run(PeerTools.CPP, "thin_repair", "-i", damaged, "-o", theirs);
        return outcome.status() == 0 ? Judged.mappings(theirs) : null;
    }

    /** Makes the metadata that a seed stands for. */
    private interface Maker {
        void make(long seed, Path file) throws IOException;
    }

    @ParameterizedTest
    @ValueSource(strings = {"thin-snaps-2", "thin-exact-c-3"})
    void nothingIsLostThatOthersKeepOfAKernelsPool(String image) throws IOException {
        repairDamaged((_, file) -> Golden.unpack(image, file));
    }

    @Test
    void nothingIsLostThatOthersKeepOfAPoolOfOurs() throws IOException {
        repairDamaged((seed, file) -> RandomPool.make(file, seed));
    }

    @Test
    void nothingIsLostThatOthersKeepOfWhatTheyRestored() throws IOException {
        repairDamaged((seed, file) -> {
            Path xml = Files.writeString(folder.resolve("xml"),
                    new io.pdata.testkit.RandomPool(new SplittableRandom(seed), 6).xml(true));
            Harm.blank(file, METADATA_BYTES);
            PeerTools.run(PeerTools.RUST, "thin_restore", "-i", xml, "-o", file).succeeded();
        });
    }

    private void repairDamaged(Maker maker) throws IOException {
        int compared = 0;
        for (long seed = Seeds.first(); seed < Seeds.first() + ROUNDS; seed++) {
            Path whole = folder.resolve("whole");
            Files.deleteIfExists(whole);
            maker.make(seed, whole);
            Files.copy(whole, damaged, StandardCopyOption.REPLACE_EXISTING);
            Harm.breakSome(damaged, new Random(seed));
            System.out.println("-Dinterop.seed=" + seed);
            compared += repairAndCompare("-Dinterop.seed=" + seed, Judged.mappings(whole)) ? 1 : 0;
        }
        assertThat(compared).isPositive();
    }

    /** Returns whether there was something to compare: only where the state that the superblock names could be saved is there. */
    private boolean repairAndCompare(String what, Map<Long, Map<Long, String>> whole) throws IOException {
        try {
            repair();
        } catch (ToolException e) {
            Map<Long, Map<Long, String>> theirs = byOthers();
            assertThat(theirs == null ? List.of() : theirs.values()).as("%s: %s", what, e).allMatch(Map::isEmpty);
            return false;
        }
        if (losses.notes().stream().anyMatch(note -> note.startsWith("saving mapping root"))) {
            return false;
        }
        Map<Long, Map<Long, String>> ours = Judged.mappings(repaired);
        ours.forEach((id, kept) -> assertThat(whole.get(id).entrySet()).as("%s, device %d", what, id)
                .containsAll(kept.entrySet()));
        requireLossesSaid(what, whole, ours);
        Map<Long, Map<Long, String>> theirs = byOthers();
        if (theirs != null && isOfThatState(theirs, whole)) {
            theirs.forEach((id, kept) -> assertThat(ours.get(id).entrySet()).as("%s, device %d", what, id)
                    .containsAll(kept.entrySet()));
        }
        return true;
    }

    /** Others may have saved an older state instead. */
    private static boolean isOfThatState(Map<Long, Map<Long, String>> theirs, Map<Long, Map<Long, String>> whole) {
        return theirs.entrySet().stream().allMatch(device -> whole.getOrDefault(device.getKey(), Map.of()).entrySet()
                .containsAll(device.getValue().entrySet()));
    }

    private void requireLossesSaid(String what, Map<Long, Map<Long, String>> whole,
            Map<Long, Map<Long, String>> ours) {
        Map<Long, Losses.Device> said = losses.devices().stream()
                .collect(Collectors.toMap(Losses.Device::id, Function.identity()));
        whole.forEach((id, mappings) -> {
            long lost = mappings.size() - ours.get(id).size();
            Losses.Device device = said.get(id);
            if (device == null || device.expected() != Losses.UNKNOWN) {
                assertThat(device == null ? 0 : device.expected() - device.kept()).as("%s, device %d", what, id)
                        .isEqualTo(lost);
            } else if (lost > 0) {
                assertThat(device.ranges()).as("%s, device %d", what, id).isNotEmpty();
            }
        });
    }

    @Test
    void withoutASuperblockTheSameStateIsFoundAsByOthers() throws IOException {
        Golden.unpack("thin-snaps-2", damaged);
        try (FileChannel file = FileChannel.open(damaged, StandardOpenOption.WRITE)) {
            file.write(ByteBuffer.allocate(4096), 0);
        }
        repair();
        Path theirs = folder.resolve("theirs");
        Harm.blank(theirs, Files.size(damaged));
        PeerTools.run(PeerTools.RUST, "thin_repair", "-i", damaged, "-o", theirs, DATA_BLOCK_SIZE, "128").succeeded();
        assertThat(Judged.mappings(repaired)).isEqualTo(Judged.mappings(theirs)).hasSize(12);
        assertThat(PeerTools.run(PeerTools.RUST, "thin_dump", repaired).output())
                .isEqualTo(PeerTools.run(PeerTools.RUST, "thin_dump", theirs).output());
    }
}
