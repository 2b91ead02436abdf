package io.pdata.reliability.process;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A few processes killed; {@code reliability/run kill} kills as many as one likes. */
class KillTest {
    private static final int LONG = 25;

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({"thin,5", "library,3", "cache,3", "era,3"})
    void aKilledProcessLeavesItsLastCommit(String workload, int rounds) throws IOException, InterruptedException {
        KillCampaign<?> campaign = KillCampaign.of(workload, folder.resolve(workload));
        int times = Boolean.getBoolean("long.tests") ? LONG : 1;
        for (int seed = 1; seed <= rounds * times; seed++) {
            campaign.round(seed);
        }
        System.out.println(campaign);
    }
}
