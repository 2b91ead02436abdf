package io.pdata.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ServerLogTest {
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();

    private ServerLog log() {
        return new ServerLog(new PrintStream(written, true, StandardCharsets.UTF_8));
    }

    private List<String> lines() {
        return written.toString(StandardCharsets.UTF_8).lines().toList();
    }

    @Test
    void eachEventIsALineWithItsTime() {
        try (ServerLog log = log()) {
            log.event("first");
            log.event("second");
        }
        assertThat(lines()).hasSize(2).first().asString().matches("20\\d\\d-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ first");
    }

    @Test
    void textOfOthersCannotForgeALineOrReachTheTerminal() {
        try (ServerLog log = log()) {
            log.client(
                    "no export 'a\n2026-01-01T00:00:00Z out of data space\r\u001b[2J\u009b1m\u202e\u2028\u0000\ud800'");
            log.event("x".repeat(1 << 20));
        }
        assertThat(lines()).hasSize(2);
        assertThat(lines().getFirst()).endsWith(
                "no export 'a\\x0a2026-01-01T00:00:00Z out of data space\\x0d\\x1b[2J\\x9b1m\\u202e\\u2028\\x00\\ud800'");
        assertThat(lines().getLast()).hasSizeLessThan(3000).endsWith("...");
    }

    @Test
    void whatClientsCauseIsLimitedAndCountedAndWhatHappensToThePoolIsNot() {
        try (ServerLog log = log()) {
            for (int i = 0; i < 10_000; i++) {
                log.client("noise");
            }
            log.event("out of data space");
        }
        List<String> lines = lines();
        assertThat(lines.stream().filter(line -> line.endsWith("noise")).count()).isBetween(100L, 1000L);
        assertThat(lines).anyMatch(line -> line.endsWith("out of data space"));
        long noise = lines.stream().filter(line -> line.endsWith("noise")).count();
        assertThat(lines).contains(10_000 - noise + " more lines about clients were left out");
    }

    /** Standard error is a pipe that is full. */
    @Test
    void aLogThatIsNotReadHoldsUpNothing() {
        CountDownLatch read = new CountDownLatch(1);
        OutputStream stuck = new OutputStream() {
            @Override
            public void write(int value) {
                boolean waiting = true;
                while (waiting) {
                    try {
                        read.await();
                        waiting = false;
                    } catch (InterruptedException e) {
                        continue; // as a blocked write to a pipe
                    }
                }
                written.write(value);
            }
        };
        ServerLog log = new ServerLog(new PrintStream(stuck, true, StandardCharsets.UTF_8));
        for (int i = 0; i < 5000; i++) {
            log.event("line " + i);
        }
        read.countDown();
        log.close();
        assertThat(lines().getFirst()).endsWith("line 0");
        assertThat(lines().getLast()).matches("\\d+ lines of this log were lost: it was not read fast enough");
    }

    @Test
    void closingALogThatIsNeverReadTakesALimitedTime() {
        OutputStream stuck = new OutputStream() {
            @Override
            public void write(int value) {
                while (true) {
                    try {
                        new CountDownLatch(1).await();
                    } catch (InterruptedException e) {
                        continue;
                    }
                }
            }
        };
        ServerLog log = new ServerLog(new PrintStream(stuck, true, StandardCharsets.UTF_8));
        log.event("never read");
        log.close();
    }
}
