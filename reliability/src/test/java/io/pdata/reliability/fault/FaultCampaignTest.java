package io.pdata.reliability.fault;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every fault for one list of steps of each workload, a sample for those that have many operations. */
class FaultCampaignTest {
    private static final long SEED = Long.getLong("seed", 1);

    @ParameterizedTest
    @CsvSource({"library,1", "thin,1", "cache1,1", "cache2,1", "era,1", "library-wide,17", "thin-wide,17"})
    void everyFailureIsReportedAndNothingIsLost(String name, int stride) {
        FaultFigures figures = FaultCampaign.of(name, SEED).run(Boolean.getBoolean("long.tests") ? 1 : stride);
        System.out.println(name + ", seed " + SEED + ": " + figures);
        assertThat(figures.kinds()).isEqualTo(Fault.Kind.values().length);
        assertThat(figures.images()).isGreaterThan(figures.faults());
    }
}
