package io.pdata.cli.tool;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import org.junit.jupiter.api.Test;

class ProgressLineTest {
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private Console console(boolean terminal) {
        return new Console(new PrintStream(new ByteArrayOutputStream()), new PrintStream(err), terminal);
    }

    @Test
    void theLineIsReplacedByTheNextAndByMessagesAndGoneAtTheEnd() {
        Console console = console(true);
        try (ProgressLine line = new ProgressLine(console, () -> 5 << 20, 10_000_000)) {
            line.show();
            console.problem("found something");
            line.show();
            line.show();
        }
        assertThat(err.toString().replace("\r\u001b[K", "<")).isEqualTo("5 MiB read of at most 10<found something"
                + System.lineSeparator() + "5 MiB read of at most 10<5 MiB read of at most 10<");
    }

    @Test
    void withoutATerminalNothingIsShown() {
        new ProgressLine(console(false), () -> 1, 1).close();
        assertThat(err.size()).isZero();
    }

    @Test
    void whoAskedForSilenceGetsIt() {
        Console console = console(true);
        console.silence();
        new ProgressLine(console, () -> 1, 1).close();
        assertThat(err.size()).isZero();
    }
}
