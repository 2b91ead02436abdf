package io.pdata.tools;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LossReportTest {
    @Test
    void howeverMuchIsLostItTakesLittleRoomAndFewLines() {
        LossReport report = new LossReport();
        for (int i = 0; i < 3 * LossReport.KEPT; i++) {
            report.note("note " + i);
            report.lost(new LossReport.Range("eras of blocks", i, i, -1, "is still to come"));
        }
        assertThat(report.notes()).hasSize(LossReport.KEPT).startsWith("note 0", "note 1");
        assertThat(report.ranges()).hasSize(LossReport.KEPT);
        assertThat(report.count()).isEqualTo(3L * LossReport.KEPT);
        assertThat(report.text()).hasSize(42).startsWith("note 0")
                .contains("... and 29980 more of that kind", "... and 29980 more ranges");
    }
}
