package io.pdata.nbd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pdata.testkit.NbdClients;
import io.pdata.testkit.Outcome;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A socket that somebody else listens on. */
@Timeout(60)
class SocketActivationTest {
    @TempDir
    Path folder;

    /** What is to be started instead of the server. */
    private Path wrapper() throws IOException {
        Path script = folder.resolve("wrapper");
        Files.writeString(script, "#!/bin/sh\nexec '%s/bin/java' -cp '%s' %s '%s' 0<&3 >> '%s' 2>&1\n".formatted(
                System.getProperty("java.home"), System.getProperty("java.class.path"), ActivatedServer.class.getName(),
                folder.resolve("log"), folder.resolve("output")));
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
        return script;
    }

    @Test
    void aClientOfLibnbdStartsItsOwnServer() throws IOException {
        Outcome outcome = NbdClients.run("nbdinfo", "--size", "[", wrapper(), "]");
        assertThat(outcome.succeeded().output().strip()).isEqualTo("1048576");
        assertThat(Files.readString(folder.resolve("log"))).startsWith("listening on");
    }

    @Test
    void systemdListensAndStartsTheServerForTheFirstClient() throws Exception {
        NbdClients.need("systemd-socket-activate");
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        Process systemd = new ProcessBuilder("systemd-socket-activate", "-l", "127.0.0.1:" + port, wrapper().toString())
                .redirectErrorStream(true).redirectOutput(folder.resolve("systemd").toFile()).start();
        try {
            while (!Files.readString(folder.resolve("systemd")).contains("Listening on")) {
                Thread.sleep(5);
            }
            NbdClients.run("nbdinfo", "--size", "nbd://127.0.0.1:" + port + "/disk").succeeded();
            assertThat(systemd.waitFor()).isZero();
            assertThat(Files.readString(folder.resolve("output")))
                    .isEqualTo("still heard after the end, socket open" + System.lineSeparator());
        } finally {
            systemd.destroy();
        }
    }

    @Test
    void whatWasHandedOverToAnotherProcessIsNotOurs() throws IOException {
        assertThat(SocketActivation.inherited(Map.of(), 7, () -> null)).isEmpty();
        assertThat(SocketActivation.inherited(Map.of("LISTEN_FDS", "1"), 7, () -> null)).isEmpty();
        assertThat(SocketActivation.inherited(Map.of("LISTEN_FDS", "1", "LISTEN_PID", "8"), 7, () -> null)).isEmpty();
    }

    @Test
    void whatCannotBeUsedIsSaid() throws IOException {
        Map<String, String> two = Map.of("LISTEN_FDS", "2", "LISTEN_PID", "7");
        assertThatThrownBy(() -> SocketActivation.inherited(two, 7, () -> null)).isInstanceOf(IOException.class)
                .hasMessage("LISTEN_FDS is 2: one socket can be handed over");
        Map<String, String> one = Map.of("LISTEN_FDS", "1", "LISTEN_PID", "7");
        assertThatThrownBy(() -> SocketActivation.inherited(one, 7, () -> null)).isInstanceOf(IOException.class)
                .hasMessageContaining("0<&3");
        try (ServerSocketChannel listener = ServerSocketChannel.open()) {
            assertThat(SocketActivation.inherited(one, 7, () -> listener)).contains(listener);
        }
    }
}
