package io.pdata.reliability.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.core.device.PersistentDataException;
import io.pdata.core.store.MetadataStore;
import io.pdata.reliability.disk.CrashPoint;
import io.pdata.reliability.disk.SimulatedDisk;
import io.pdata.reliability.workload.Journal;
import io.pdata.reliability.workload.Session;
import io.pdata.reliability.workload.Workload;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The n-th I/O of formatting fails, for every n: what is left is blank, or formatted; never anything between. */
class FormatFaultsTest {
    private static final int STATES = 8;

    @ParameterizedTest
    @ValueSource(strings = {"library", "thin", "cache1", "cache2", "era", "library-wide", "thin-wide"})
    void aFormatThatFailsLeavesABlankDeviceOrAFormattedOne(String name) {
        formatWithFaults(FaultCampaign.of(name, 1));
    }

    private static <C> void formatWithFaults(FaultCampaign<C> campaign) {
        int faults = 0;
        for (Fault.Kind kind : Fault.Kind.values()) {
            long n = 1;
            while (failed(campaign, new Fault(kind, n))) {
                n++;
                faults++;
            }
        }
        System.out.println(campaign.workload().name() + ": " + faults + " faults while formatting");
        assertThat(faults).isGreaterThan(10);
    }

    /** Returns whether the fault was met. */
    private static <C> boolean failed(FaultCampaign<C> campaign, Fault fault) {
        Workload<C> workload = campaign.workload();
        WatchedDisk disk = new WatchedDisk(new SimulatedDisk(workload.deviceSize(), 1));
        disk.disk().follow(fault.plan());
        try (Session<C> session = workload.format(disk, workload.ampleCache(), Journal.none())) {
            assertThat(disk.anyFailed()).as("%s: formatted on a disk that has failed", fault).isFalse();
            assertThat(session.observed()).isEqualTo(session.committed());
        } catch (PersistentDataException e) {
            assertThat(e).as("%s", fault).hasMessageContaining(disk.name()).hasMessageMatching(".* failed: .*");
        }
        assertThat(disk.closed()).as("%s: closed", fault).isTrue();
        CrashPoint cut = disk.disk().history().at(disk.disk().history().length());
        SplittableRandom random = new SplittableRandom(fault.hashCode());
        List<int[]> states = new ArrayList<>(List.of(cut.nothingKept(), cut.allKept()));
        for (int i = 0; i < STATES; i++) {
            states.add(cut.randomState(random));
        }
        states.forEach(state -> campaign.verified(cut.image(state), image -> judge(workload, fault, image)));
        return disk.anyFailed();
    }

    /** Returns what it contains. */
    private static <C> C judge(Workload<C> workload, Fault fault, byte[] image) {
        SimulatedDisk healthy = new SimulatedDisk(image, 1);
        if (MetadataStore.isBlank(healthy)) {
            workload.format(healthy, workload.ampleCache(), Journal.none()).close();
        }
        C content = workload.read(healthy.reopen());
        assertThat(workload.check(healthy.reopen())).as("%s", fault).isEmpty();
        try (Session<C> session = workload.open(healthy.reopen(), workload.ampleCache(), content, Journal.none())) {
            workload.prepare(session);
        }
        assertThat(workload.check(healthy.reopen())).as("%s, and used", fault).isEmpty();
        return content;
    }
}
