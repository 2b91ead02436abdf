package io.pdata.cli.pool;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.testkit.NbdClients;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A server is killed again and again while fio writes through it, and starts anew; a proxy (nbdkit) reconnects, so that fio
 * learns of nothing but a delay. In the end fio reads back all that it has been told is written.
 */
class ServeKilledTest {
    private static final int KILLS = Boolean.getBoolean("long.tests") ? 100 : 4;
    private static final int SECONDS_FOR_ALL = 1200;
    /** What fio writes in the time of one kill and restart, about: 4 KiB each. */
    private static final int WRITES_PER_KILL = 2000;

    @TempDir
    Path temporary;

    private final List<Process> running = new ArrayList<>();

    @AfterEach
    void end() throws InterruptedException {
        for (Process process : running) {
            process.destroyForcibly().waitFor();
        }
    }

    private Process start(String name, String... command) throws IOException {
        Process process = new ProcessBuilder(command).directory(temporary.toFile()).redirectErrorStream(true)
                .redirectOutput(temporary.resolve(name + ".log").toFile()).start();
        running.add(process);
        return process;
    }

    private ServerProcess serve() throws IOException {
        Path pool = temporary.resolve("pool");
        return new ServerProcess(temporary, pool.toString(), "--listen", "unix:" + pool.resolve("nbd.sock"), "--size",
                "1G", "--data-size", "2G");
    }

    @Test
    @Timeout(SECONDS_FOR_ALL)
    void noAcknowledgedWriteIsLost() throws IOException, InterruptedException {
        NbdClients.need("nbdkit");
        NbdClients.need("fio");
        Path proxy = temporary.resolve("proxy.sock");
        ServerProcess server = serve();
        try {
            start("nbdkit", "nbdkit", "--foreground", "--unix", proxy.toString(), "--filter=retry", "nbd",
                    "socket=" + temporary.resolve("pool/nbd.sock"), "export=vol0", "retries=60", "retry-delay=1",
                    "retry-exponential=no");
            while (!Files.exists(proxy)) {
                Thread.onSpinWait();
            }
            Process fio = start("fio", "fio", "--name=verified", "--ioengine=nbd", "--uri=nbd+unix:///?socket=" + proxy,
                    "--rw=randwrite", "--bs=4k", "--iodepth=8", "--size=" + 4L * WRITES_PER_KILL * KILLS + "k",
                    "--rate_iops=" + WRITES_PER_KILL / 4, "--verify=crc32c", "--verify_state_save=0", "--randseed=1");
            int kills = 0;
            while (kills < KILLS && !fio.waitFor(1500, TimeUnit.MILLISECONDS)) {
                server.kill();
                kills++;
                server = serve();
            }
            assertThat(fio.waitFor(SECONDS_FOR_ALL, TimeUnit.SECONDS)).isTrue();
            assertThat(fio.exitValue()).as(Files.readString(temporary.resolve("fio.log"))).isZero();
            assertThat(kills).as("kills while fio was at it").isEqualTo(KILLS);
        } finally {
            server.close();
        }
    }
}
