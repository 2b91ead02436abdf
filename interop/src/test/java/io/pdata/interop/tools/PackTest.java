package io.pdata.interop.tools;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.testkit.PeerTools;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each side unpacks what the other has packed. */
class PackTest {
    @TempDir
    private Path folder;

    @Test
    void packFilesAreReadByEachOther() {
        PeerTools.need();
        for (String kind : new String[]{"thin-", "cache-v2", "era-"}) {
            Metadata.golden(kind, folder, this::exchange);
        }
        Metadata.random(folder, (name, file, _) -> exchange(name, file));
    }

    private void exchange(String name, Path file) {
        Path packed = folder.resolve("own.pack");
        Path unpacked = folder.resolve("unpacked");
        Own.output("thin_metadata_pack", "-f", "-i", file, "-o", packed);
        PeerTools.run(PeerTools.RUST, "thin_metadata_unpack", "-f", "-i", packed, "-o", unpacked).succeeded();
        Own.output("thin_metadata_unpack", "-f", "-i", packed, "-o", folder.resolve("again"));
        assertThat(unpacked).as(name).hasSameBinaryContentAs(folder.resolve("again"));
        if (name.startsWith("-D") || name.startsWith("thin-snaps")) {
            assertThat(Own.run("thin_dump", unpacked)).as(name).isEqualTo(Own.run("thin_dump", file));
        }
        PeerTools.run(PeerTools.RUST, "thin_metadata_pack", "-f", "-i", file, "-o", packed).succeeded();
        Own.output("thin_metadata_unpack", "-f", "-i", packed, "-o", folder.resolve("again"));
        assertThat(unpacked).as(name).hasSameBinaryContentAs(folder.resolve("again"));
    }
}
