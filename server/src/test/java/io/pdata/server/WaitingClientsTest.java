package io.pdata.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.nbd.Limits;
import io.pdata.nbd.NbdClient;
import io.pdata.thin.pool.NamedPool;
import io.pdata.thin.pool.PoolEvents;
import io.pdata.thin.pool.PoolOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Clients of a full pool whose writes wait for room. */
@Timeout(120)
class WaitingClientsTest {
    private static final int BLOCK = 64 << 10;
    private static final int BLOCKS = 16;
    private static final long NEW_SPACE = (long) BLOCKS * BLOCK;

    @TempDir
    private Path temporary;

    private NamedPool named;
    private PoolServer server;
    private String uri;
    private NbdClient writer;

    @BeforeEach
    void serveAFullPool() throws IOException {
        serve(PoolOptions.defaults().withNoSpaceTimeout(Duration.ZERO));
    }

    private void serve(PoolOptions options) throws IOException {
        PoolFolder folder = new PoolFolder(temporary.resolve("pool"));
        named = folder.hasPool()
                ? NamedPool.open(folder.path(), options, PoolEvents.NONE)
                : NamedPool.create(folder.path(), new NamedPool.Geometry(NEW_SPACE, 4 << 20, BLOCK / 512), options,
                        PoolEvents.NONE);
        if (named.volumes().isEmpty()) {
            named.createVolume("disk", 4 * NEW_SPACE);
        }
        server = PoolServer.start(folder, named, List.of(new ListenAddress.Unix(folder.nbdSocket())),
                Limits.defaults(), _ -> {});
        uri = server.addresses().getFirst().uri("disk");
        writer = NbdClient.connect(uri);
        writer.write(0, new byte[(int) NEW_SPACE], 0, (int) NEW_SPACE);
    }

    @AfterEach
    void end() throws IOException {
        server.close();
    }

    /** Begins a write that has to wait; returns its outcome. */
    private CompletableFuture<Void> waiting() throws Exception {
        CompletableFuture<Void> write = CompletableFuture.runAsync(() -> {
            try {
                writer.write(NEW_SPACE, new byte[BLOCK], 0, BLOCK);
            } catch (IOException e) {
                throw new CompletionException(e);
            }
        });
        while (!server.pool().status().mode().equals("out_of_data_space")) {
            Thread.sleep(5);
        }
        return write;
    }

    @Test
    void aWriteWaitsUntilThePoolHasGrown() throws Exception {
        CompletableFuture<Void> write = waiting();
        assertThat(write.isDone()).isFalse();
        server.pool().resize(2 * NEW_SPACE, 0);
        write.get();
    }

    @Test
    void aWriteWaitsUntilAnotherClientHasGivenRoom() throws Exception {
        CompletableFuture<Void> write = waiting();
        try (NbdClient other = NbdClient.connect(uri)) {
            other.zero(0, BLOCK);
        }
        write.get();
    }

    @Test
    void forcedDeletionEndsTheWait() throws Exception {
        CompletableFuture<Void> write = waiting();
        server.pool().deleteVolume("disk", true);
        assertThat(write).failsWithin(Duration.ofSeconds(60));
        assertThat(server.pool().status().clients()).isZero();
        assertThat(server.pool().status().dataUsed()).isZero();
    }

    @Test
    void makingTheVolumeSmallerEndsTheWait() throws Exception {
        CompletableFuture<Void> write = waiting();
        server.pool().resizeVolume("disk", NEW_SPACE, true);
        assertThat(write).failsWithin(Duration.ofSeconds(60));
    }

    @Test
    void theEndOfTheServerEndsTheWait() throws Exception {
        CompletableFuture<Void> write = waiting();
        long before = System.nanoTime();
        server.close();
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(8));
        assertThat(write).failsWithin(Duration.ofSeconds(60));
    }

    @Test
    void theWaitEndsWithAnErrorWhenItsTimeIsOver() throws Exception {
        server.close();
        serve(PoolOptions.defaults().withNoSpaceTimeout(Duration.ofMillis(300)));
        CompletableFuture<Void> write = waiting();
        assertThat(write).failsWithin(Duration.ofSeconds(60)).withThrowableThat()
                .withStackTraceContaining("no space left");
        try (NbdClient other = NbdClient.connect(uri)) {
            other.zero(0, BLOCK);
        }
        writer.write(NEW_SPACE, new byte[BLOCK], 0, BLOCK);
    }
}
