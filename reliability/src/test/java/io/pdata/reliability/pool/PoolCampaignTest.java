package io.pdata.reliability.pool;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The campaigns on pools, within a small budget. {@code reliability/run pool} does more of the same. */
class PoolCampaignTest {
    private static final boolean LONG = Boolean.getBoolean("long.tests");
    private static final long SEED = Long.getLong("seed", 1);

    private static PoolFigures printed(String what, PoolCampaign campaign, long seed) {
        System.out.printf("pool, %s, seed %d: %s%n", what, seed, campaign.figures());
        return campaign.figures();
    }

    @Test
    void everyShortSequenceCutOffAtEveryIo() {
        PoolCampaign campaign = new PoolCampaign(SEED);
        campaign.exhaustive(LONG ? 3 : 2, () -> true);
        assertThat(printed("sequences", campaign, SEED).states()).isGreaterThan(1000);
    }

    @Test
    void livesOfCrashes() {
        PoolCampaign campaign = new PoolCampaign(SEED);
        campaign.life(LONG ? 5000 : 300, () -> true);
        assertThat(printed("lives", campaign, SEED).states()).isGreaterThanOrEqualTo(300);
    }

    @Test
    void everyIoThatFails() {
        for (long seed = SEED; seed < SEED + (LONG ? 100 : 6); seed++) {
            PoolCampaign campaign = new PoolCampaign(seed);
            campaign.faults(() -> true);
            assertThat(printed("faults", campaign, seed).faults()).isGreaterThan(50);
        }
    }
}
