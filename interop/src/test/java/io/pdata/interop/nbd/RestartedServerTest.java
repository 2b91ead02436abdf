package io.pdata.interop.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.nbd.Limits;
import io.pdata.nbd.NbdServer;
import io.pdata.server.PoolExports;
import io.pdata.testkit.NbdClients;
import io.pdata.testkit.Outcome;
import io.pdata.thin.pool.NamedPool;
import io.pdata.thin.pool.PoolEvents;
import io.pdata.thin.pool.PoolOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A server that is restarted in order under load: clients that reconnect see no error. */
@Timeout(180)
class RestartedServerTest {
    private static final int MIB = 1 << 20;
    private static final int WRITES = 3000;
    private static final int RESTARTS = 4;

    @TempDir
    private Path folder;

    private NamedPool pool;
    private NbdServer server;

    private void start() throws IOException {
        Path at = folder.resolve("pool");
        pool = at.toFile().exists()
                ? NamedPool.open(at, PoolOptions.defaults(), PoolEvents.NONE)
                : NamedPool.create(at, new NamedPool.Geometry(256L * MIB, 8L * MIB, 128), PoolOptions.defaults(),
                        PoolEvents.NONE);
        if (pool.volumes().isEmpty()) {
            pool.createVolume("disk", 64L * MIB);
        }
        server = new NbdServer(new PoolExports(pool), Limits.defaults(), _ -> {});
        server.listen(folder.resolve("s"));
    }

    private void stop() throws IOException {
        server.close();
        pool.close();
    }

    @Test
    void qemuSeesNoErrorAndAllIsThere() throws Exception {
        start();
        List<String> commands = new ArrayList<>(List.of("qemu-io", "-t", "writeback", "--image-opts",
                "driver=nbd,server.type=unix,server.path=" + folder.resolve("s")
                        + ",export=disk,reconnect-delay=120"));
        for (int i = 0; i < WRITES; i++) {
            commands.addAll(List.of("-c", "aio_write -q -P " + (i % 250 + 1) + " " + i * 16 + "k 16k"));
        }
        commands.addAll(List.of("-c", "aio_flush", "-c", "flush"));
        for (int i = 0; i < WRITES; i += 7) {
            commands.addAll(List.of("-c", "read -q -P " + (i % 250 + 1) + " " + i * 16 + "k 16k"));
        }
        CompletableFuture<Outcome> client = CompletableFuture.supplyAsync(() -> NbdClients
                .run(commands.getFirst(), commands.subList(1, commands.size()).toArray()));
        for (int i = 0; i < RESTARTS; i++) {
            Thread.sleep(150);
            stop();
            start();
        }
        Outcome outcome = client.get();
        stop();
        assertThat(outcome.succeeded().output()).doesNotContain("fail", "rror");
    }
}
