package io.pdata.reliability.pool;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Killed processes that serve a pool. {@code reliability/run pool-kills} kills more of them. */
class PoolKillsTest {
    private static final int ROUNDS = Boolean.getBoolean("long.tests") ? 300 : 14;

    @TempDir
    Path folder;

    @Test
    @Timeout(1800)
    void whatAClientWasToldIsStillSoAfterKills() throws IOException, InterruptedException {
        try (PoolKills kills = new PoolKills(folder, Long.getLong("seed", 1))) {
            for (int round = 0; round < ROUNDS; round++) {
                kills.round();
            }
            System.out.println("pool, " + kills);
        }
    }
}
