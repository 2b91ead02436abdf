package io.pdata.interop.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.nbd.Limits;
import io.pdata.nbd.NbdServer;
import io.pdata.server.PoolExports;
import io.pdata.testkit.NbdClients;
import io.pdata.thin.pool.NamedPool;
import io.pdata.thin.pool.PoolEvents;
import io.pdata.thin.pool.PoolOptions;
import io.pdata.thin.pool.Volume;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Nearly empty, huge volumes, as clients that others have written see them. */
@Timeout(120)
class LargePoolsTest {
    private static final int BLOCK = 64 << 10;
    private static final long TIB = 1L << 40;

    @TempDir
    Path folder;

    private final List<String> complaints = new CopyOnWriteArrayList<>();
    private NamedPool pool;
    private NbdServer server;
    private Path socket;

    @BeforeEach
    void serve() throws IOException {
        pool = NamedPool.create(folder.resolve("pool"), new NamedPool.Geometry(64 << 20, 8 << 20, BLOCK / 512),
                PoolOptions.defaults(), PoolEvents.NONE);
        pool.createVolume("huge", 64 * TIB);
        try (Volume huge = pool.open("huge")) {
            huge.write(TIB, Arena.ofAuto().allocate(BLOCK));
            huge.write(64 * TIB - BLOCK, Arena.ofAuto().allocate(BLOCK));
        }
        server = new NbdServer(new PoolExports(pool), Limits.defaults(), complaints::add);
        socket = folder.resolve("nbd.sock");
        server.listen(socket);
    }

    @AfterEach
    void end() throws IOException {
        server.close();
        pool.close();
        assertThat(complaints).isEmpty();
    }

    private String uri() {
        return "nbd+unix:///huge?socket=" + socket;
    }

    private List<String> map(String context) {
        return NbdClients.run("nbdinfo", "--map=" + context, uri()).succeeded().output().lines()
                .map(line -> String.join(" ", List.of(line.strip().split("\\s+")).subList(0, 3))).toList();
    }

    /** To look at each block would take minutes. */
    @Test
    void aNearlyEmptyVolumeOf64TiBIsMapped() {
        List<String> holes = List.of("0 " + TIB, TIB + BLOCK + " " + (63 * TIB - 2 * BLOCK));
        List<String> data = List.of(TIB + " " + BLOCK, 64 * TIB - BLOCK + " " + BLOCK);
        assertThat(map("base:allocation")).containsExactly(holes.get(0) + " 3", data.get(0) + " 0",
                holes.get(1) + " 3", data.get(1) + " 0");
        assertThat(map("x-pdata:sharing")).containsExactly(holes.get(0) + " 0", data.get(0) + " 1",
                holes.get(1) + " 0", data.get(1) + " 1");
        pool.createSnapshot("before", "huge", true);
        try (Volume huge = pool.open("huge")) {
            huge.discard(TIB, BLOCK);
        }
        assertThat(map("qemu:dirty-bitmap:since-before")).containsExactly("0 " + TIB + " 0", data.get(0) + " 1",
                TIB + BLOCK + " " + (63 * TIB - BLOCK) + " 0");
        assertThat(NbdClients.run("qemu-img", "map", "--output=json", uri()).succeeded().output().lines().toList())
                .hasSize(2);
    }

    @Test
    void aNearlyEmptyVolumeOf64TiBIsTrimmedAndZeroed() {
        NbdClients.shell("-u", uri(), "-c", """
                most = (1 << 32) - 65536
                at = 0
                while at < h.get_size():
                    length = min(most, h.get_size() - at)
                    (h.trim if at % (2 * most) == 0 else h.zero)(length, at)
                    at += length
                """).succeeded();
        assertThat(map("base:allocation")).containsExactly("0 " + 64 * TIB + " 3");
    }
}
