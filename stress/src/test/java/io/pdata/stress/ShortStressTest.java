package io.pdata.stress;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** All jcstress tests, each for a short time in one mode of the JVM; {@code stress/run} takes its time. */
class ShortStressTest {
    private static final int TESTS = 13;
    private static final Pattern TALLY = Pattern
            .compile("Results: (\\d+) planned; (\\d+) passed, (\\d+) failed, (\\d+) soft errs, (\\d+) hard errs");

    @TempDir
    Path results;

    @Test
    void nothingForbiddenIsSeen() throws IOException, InterruptedException {
        Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp",
                System.getProperty("java.class.path"), "org.openjdk.jcstress.Main", "-r", results.toString(), "-f", "1",
                "-iters", "1", "-time", "100", "-sc", "false", "-af", "NONE", "-c", "2", "-jvmArgs", "-ea")
                .directory(results.toFile()).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes());
        assertThat(process.waitFor()).as(output).isZero();
        assertThat(lastTally(output)).as(output).isEqualTo(TESTS + " planned, " + TESTS + " passed, 0 0 0");
    }

    private static String lastTally(String output) {
        String last = "";
        for (Matcher tally = TALLY.matcher(output); tally.find();) {
            last = tally.group(1) + " planned, " + tally.group(2) + " passed, " + tally.group(3) + " " + tally.group(4)
                    + " " + tally.group(5);
        }
        return last;
    }
}
