package io.pdata.interop.tools;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.core.device.FileDevice.Access;
import io.pdata.core.device.FileDevice;
import io.pdata.core.store.OpenOptions;
import io.pdata.testkit.PeerTools;
import io.pdata.thin.ThinDevice;
import io.pdata.thin.ThinMetadata;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Blocks that have leaked are found, and freed, by all. */
class LeakTest {
    @TempDir
    private Path folder;

    private Path ours;
    private Path theirs;

    @BeforeEach
    void leak() throws IOException {
        PeerTools.need();
        ours = folder.resolve("ours");
        theirs = folder.resolve("theirs");
        try (ThinMetadata metadata = ThinMetadata.format(FileDevice.create(ours, 4 << 20), 128, 1 << 20)) {
            metadata.space().resizeData(20_000);
            metadata.createThin(0);
            ThinDevice device = metadata.openDevice(0);
            for (int i = 0; i < 300; i++) {
                metadata.insert(device, i, metadata.allocateDataBlock());
            }
            metadata.closeDevice(device);
            for (int i = 0; i < 5; i++) {
                metadata.allocateDataBlock(); // for nobody
            }
            metadata.commit();
        }
        Files.copy(ours, theirs);
    }

    private static String dump(Path file) {
        return PeerTools.run(PeerTools.RUST, "thin_dump", file).succeeded().output();
    }

    @Test
    void leaksAreFreedIfThatIsWanted() {
        assertThat(PeerTools.run(PeerTools.RUST, "thin_check", ours).status()).isNotZero();
        Own found = Own.run("thin_check", ours);
        assertThat(found.status()).isEqualTo(64);
        assertThat(found.errors()).contains("5 data blocks have leaked",
                "perhaps you wanted to run with --auto-repair");
        assertThat(Own.run("thin_check", "--auto-repair", ours)).satisfies(repaired -> {
            assertThat(repaired.status()).isZero();
            assertThat(repaired.errors()).contains("Repairing data leaks.");
        });
        for (String version : PeerTools.VERSIONS) {
            PeerTools.run(version, "thin_check", ours).succeeded();
        }
        assertThat(Own.run("thin_check", ours).status()).isZero();
        PeerTools.run(PeerTools.RUST, "thin_check", "--auto-repair", theirs).succeeded();
        assertThat(dump(ours)).isEqualTo(dump(theirs));
    }

    /** That is how LVM calls it. */
    @Test
    void clearingTheFlagFreesLeaksAsWell() throws IOException {
        try (FileDevice device = FileDevice.open(ours, Access.READ_WRITE);
                ThinMetadata metadata = ThinMetadata.open(device, OpenOptions.readWrite())) {
            metadata.setNeedsCheck();
        }
        assertThat(Own.run("thin_check", "-q", "--clear-needs-check-flag", ours))
                .isEqualTo(new Own(0, "", ""));
        for (String version : PeerTools.VERSIONS) {
            PeerTools.run(version, "thin_check", ours).succeeded();
        }
        assertThat(dump(ours)).doesNotContain("flags=");
    }

    @Test
    void whatWouldRepairWithoutHavingLookedIsRefused() {
        assertThat(Own.run("thin_check", "--auto-repair", "--skip-mappings", ours).status()).isEqualTo(2);
        assertThat(Own.run("thin_check", "--clear-needs-check-flag", "--override-mapping-root", "5", ours).status())
                .isEqualTo(2);
    }
}
