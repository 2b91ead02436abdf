package io.pdata.interop.tools;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.core.device.Device;
import io.pdata.core.device.FileDevice.Access;
import io.pdata.core.device.FileDevice;
import io.pdata.interop.Seeds;
import io.pdata.testkit.Outcome;
import io.pdata.testkit.PeerTools;
import io.pdata.tools.LossReport;
import io.pdata.tools.MetadataFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Random;
import java.util.function.BiFunction;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** What random repairs of all kinds of metadata have in common: metadata that are made, damaged, repaired and judged. */
abstract class RandomRepairs {
    static final long METADATA_BYTES = 4 << 20;

    @TempDir
    Path folder;

    Path whole;
    Path damaged;
    Path repaired;

    @BeforeEach
    void needPeers() {
        PeerTools.need();
        whole = folder.resolve("whole");
        damaged = folder.resolve("damaged");
        repaired = folder.resolve("repaired");
    }

    /** Makes the whole metadata that a seed stands for; there is no such file before. */
    abstract void make(long seed) throws IOException;

    /** Judges a repair of the damaged metadata; messages are to begin with {@code what}. */
    abstract void judge(String what) throws IOException;

    /** For each seed metadata are made and damaged. */
    final void judgeEach(int rounds) throws IOException {
        for (long seed = Seeds.first(); seed < Seeds.first() + rounds; seed++) {
            Files.deleteIfExists(whole);
            make(seed);
            Files.copy(whole, damaged, StandardCopyOption.REPLACE_EXISTING);
            Harm.breakSome(damaged, new Random(seed));
            judge("-Dinterop.seed=" + seed);
        }
    }

    /** Repairs what is damaged, which stays as it is. */
    final LossReport repair(String what, BiFunction<MetadataFile, Device, LossReport> repair) throws IOException {
        byte[] input = Files.readAllBytes(damaged);
        Harm.blank(repaired, METADATA_BYTES);
        try (MetadataFile file = MetadataFile.open(damaged)) {
            return repair.apply(file, FileDevice.open(repaired, Access.READ_WRITE));
        } finally {
            assertThat(damaged).as(what).hasBinaryContent(input);
        }
    }

    /** Requires that the checks of others find nothing in what was repaired. */
    final void othersFindNothing(String what, String check) {
        for (String version : PeerTools.VERSIONS) {
            Outcome outcome = PeerTools.run(version, check, repaired);
            assertThat(outcome.status()).as("%s: %s", what, outcome.errors()).isZero();
        }
    }
}
