package io.pdata.reliability.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.core.device.Device;
import io.pdata.core.device.PersistentDataException;
import io.pdata.reliability.disk.SimulatedDisk;
import io.pdata.reliability.workload.Workload;
import io.pdata.tools.MetadataFile;
import io.pdata.tools.cache.CacheDump;
import io.pdata.tools.era.EraDump;
import io.pdata.tools.text.TextOut;
import io.pdata.tools.thin.ThinDump;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The n-th read fails, for every n, once and from then on always, while metadata are opened, checked or dumped. */
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ReadFaultsOfToolsTest {

    private interface Tool {
        /** Whether all went well. */
        boolean use(Device device);
    }

    @ParameterizedTest
    @ValueSource(strings = {"thin", "cache1", "cache2", "era"})
    void aBlockThatCannotBeReadIsSaidToBeSo(String name) {
        FaultCampaign<?> campaign = FaultCampaign.of(name, 1);
        int faults = every(campaign, "read", device -> read(campaign, device));
        faults += every(campaign, "check", device -> campaign.workload().check(device).isEmpty());
        faults += every(campaign, "dump", device -> dump(name, device));
        assertThat(faults).isGreaterThan(20);
        System.out.println(name + ": " + faults + " failed reads while opening and reading, checking, dumping");
    }

    private static <C> boolean read(FaultCampaign<C> campaign, Device device) {
        Workload<C> workload = campaign.workload();
        return workload.read(device).equals(campaign.content());
    }

    private static boolean dump(String name, Device device) {
        OutputStream nowhere = new ByteArrayOutputStream();
        try (MetadataFile file = new MetadataFile(device)) {
            switch (name) {
            case "thin" -> ThinDump.dump(file, ThinDump.Options.XML, () -> new TextOut(nowhere));
            case "era" -> EraDump.dump(file, false, () -> new TextOut(nowhere));
            default -> CacheDump.dump(file, () -> new TextOut(nowhere));
            }
        }
        return true;
    }

    /** Counts the faults that somebody met; stops when a run ends before its fault comes. */
    private static int every(FaultCampaign<?> campaign, String what, Tool tool) {
        int faults = 0;
        for (Fault.Kind kind : new Fault.Kind[]{Fault.Kind.READ_ONCE, Fault.Kind.READ_EVER}) {
            boolean hit = true;
            for (long n = 1; hit; n++) {
                WatchedDisk disk = new WatchedDisk(new SimulatedDisk(campaign.image(), 1));
                disk.disk().follow(new Fault(kind, n).plan());
                boolean well = false;
                try {
                    well = tool.use(disk);
                } catch (PersistentDataException e) {
                    assertThat(e).hasMessageContaining(disk.name()).hasMessageContaining("read at byte");
                    assertThat(disk.anyFailed()).isTrue();
                }
                assertThat(well).as("%s, %s %d: all well", what, kind, n).isEqualTo(!disk.readFailed());
                assertThat(disk.closed()).as("%s, %s %d: closed", what, kind, n).isTrue();
                hit = disk.anyFailed();
                faults += hit ? 1 : 0;
            }
        }
        return faults;
    }
}
