package io.pdata.interop.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.testkit.PeerTools;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;

/** What all judges say of an era device that is not active, and whether that is what the model says. */
final class EraVerdict {
    private final Path metadata;
    private final EraWorld world;

    EraVerdict(Path metadata, EraWorld world) {
        this.metadata = metadata;
        this.world = world;
    }

    /** @param status the kernel's last: {@code 0 LENGTH era 8 USED/ALL ERA SNAPSHOT} */
    void pronounce(String[] status) {
        assertThat(status[5]).as("era, to the kernel").isEqualTo(Integer.toString(world.era));
        for (String version : PeerTools.VERSIONS) {
            PeerTools.run(version, "era_check", metadata).succeeded();
            assertThat(logicalEras(PeerTools.run(version, "era_dump", "--logical", metadata).succeeded().output()))
                    .as("last eras, to era_dump %s", version).isEqualTo(world.lastWritten);
            for (int since : new int[]{1, world.era / 2, world.era}) {
                String xml = PeerTools.run(version, "era_invalidate", "--written-since", since, metadata).succeeded()
                        .output();
                assertThat(blocks(xml)).as("written since %d, to %s", since, version)
                        .isEqualTo(since(world.lastWritten, since));
            }
        }
        // 1.1.0 wants to be told where it is; 0.9.0 has the option too, but reads the current state all the same.
        String xml = PeerTools.run(PeerTools.RUST, "era_invalidate", "--metadata-snapshot", status[6],
                "--written-since", 2, metadata).succeeded().output();
        assertThat(blocks(xml)).as("written since 2, in the metadata snapshot").isEqualTo(since(world.held, 2));
    }

    private int[] logicalEras(String xml) {
        int[] eras = new int[world.lastWritten.length];
        Arrays.fill(eras, -1);
        Xml.read(xml, (name, with) -> {
            switch (name) {
            case "superblock" -> {
                assertThat(with.number("current_era")).isEqualTo(world.era);
                assertThat(with.number("nr_blocks")).isEqualTo(eras.length);
            }
            case "era" -> eras[(int) with.number("block")] = (int) with.number("era");
            default -> assertThat(name).isEqualTo("era_array");
            }
        });
        return eras;
    }

    private static BitSet since(int[] lastWritten, int era) {
        BitSet set = new BitSet();
        for (int block = 0; block < lastWritten.length; block++) {
            set.set(block, lastWritten[block] >= era);
        }
        return set;
    }

    private static BitSet blocks(String xml) {
        BitSet set = new BitSet();
        // 0.9.0 writes blanks around some of its equals signs, which is well-formed all the same.
        Xml.read(xml, (name, with) -> {
            switch (name) {
            case "block" -> set.set((int) with.number("block"));
            case "range" -> set.set((int) with.number("begin"), (int) with.number("end"));
            default -> assertThat(name).isEqualTo("blocks");
            }
        });
        return set;
    }
}
