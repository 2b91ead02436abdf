package io.pdata.fuzz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Damaged metadata of all kinds: refused or read, in the ways that are promised, and never anything else. */
class FuzzTest {
    static final List<String> TARGETS = Targets.names();

    private static final int ROUNDS = Boolean.getBoolean("long.tests") ? 20_000 : 250;
    private static final int MOST_RECORDS = 4;
    private static final int RECORD = 12;
    private static final int LONGEST_SCRIPT = 40;

    @ParameterizedTest
    @FieldSource("TARGETS")
    void whatIsKnownToReachFar(String target) {
        assertThat(Corpus.of(target)).isNotEmpty();
        Corpus.of(target).forEach(input -> run(target, input));
    }

    @ParameterizedTest
    @FieldSource("TARGETS")
    void whatComesByChance(String target) {
        SplittableRandom random = new SplittableRandom(target.hashCode());
        for (int i = 0; i < ROUNDS; i++) {
            byte[] input = new byte[2 + RECORD * random.nextInt(MOST_RECORDS) + random.nextInt(LONGEST_SCRIPT)];
            random.nextBytes(input);
            run(target, input);
        }
    }

    /** A short look at all targets, guided by coverage. What it finds can be run again with {@code fuzz/run}. */
    @Test
    void whatJazzerComesUpWith(@TempDir Path folder) throws Exception {
        Path log = folder.resolve("log");
        int found = Jazzer.fuzz(Targets.ALL, folder, "-runs=1000", 1, Redirect.to(log.toFile()));
        assertThat(Files.readString(log)).contains("Instrumented io.pdata.core.btree.Node ", "NEW", "Done 1000 runs");
        assertThat(found).as(() -> read(log)).isZero();
    }

    private static String read(Path log) {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            return e.toString();
        }
    }

    private static void run(String target, byte[] input) {
        try {
            Targets.run(target, input);
        } catch (RuntimeException | Error e) {
            fail(target + " with the input " + HexFormat.of().formatHex(input), e);
        }
    }
}
