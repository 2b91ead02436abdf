package io.pdata.interop.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.core.device.FileDevice.Access;
import io.pdata.core.device.FileDevice;
import io.pdata.core.store.OpenOptions;
import io.pdata.era.EraMetadata;
import io.pdata.era.EraReader;
import io.pdata.era.EraView;
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

    /** Compares with the kernel's last status: {@code 0 LENGTH era 8 USED/ALL ERA SNAPSHOT}. */
    void matchStatus(String status) {
        String[] fields = status.split(" ");
        try (EraMetadata own = open()) {
            assertThat(fields[5]).as("era").isEqualTo(Long.toString(own.currentEra()));
            assertThat(fields[6]).as("metadata snapshot").isEqualTo(Long.toString(own.metadataSnapshot()));
        }
    }

    void pronounce() {
        long snapshot = readByUs();
        OwnTools.eraCheck(metadata);
        OwnTools.requireSame("era_dump", OwnTools.eraDump(metadata, false),
                PeerTools.run(PeerTools.RUST, "era_dump", metadata).succeeded().output());
        for (String version : PeerTools.VERSIONS) {
            PeerTools.run(version, "era_check", metadata).succeeded();
            String logical = PeerTools.run(version, "era_dump", "--logical", metadata).succeeded().output();
            OwnTools.requireSame("era_dump --logical", OwnTools.eraDump(metadata, true), logical);
            assertThat(logicalEras(logical)).as("last eras, to era_dump %s", version).isEqualTo(world.lastWritten);
            for (int since : new int[]{1, world.era / 2, world.era}) {
                assertThat(invalidated(version, since)).as("written since %d, to %s", since, version)
                        .isEqualTo(since(world.lastWritten, since));
            }
        }
        // 0.9.0 has the option too, but reads the current state all the same.
        assertThat(invalidated(PeerTools.RUST, 2, "--metadata-snapshot", snapshot))
                .as("written since 2, in the metadata snapshot").isEqualTo(since(world.held, 2));
    }

    /** Compares everything that we read with the model, and returns where the metadata snapshot is. */
    private long readByUs() {
        try (EraMetadata own = open(); EraView view = own.openView()) {
            EraReader reader = view.reader();
            EraReader held = reader.snapshot().orElseThrow();
            assertThat(reader.superblock().currentEra()).isEqualTo(world.era);
            assertThat(lastWritten(reader)).as("last eras, to us").isEqualTo(world.lastWritten);
            assertThat(lastWritten(held)).as("last eras in the metadata snapshot, to us").isEqualTo(world.held);
            assertThat(writtenSince(reader, world.era / 2)).isEqualTo(since(world.lastWritten, world.era / 2));
            return own.metadataSnapshot();
        }
    }

    private EraMetadata open() {
        return EraMetadata.open(FileDevice.open(metadata, Access.READ_ONLY), OpenOptions.readOnly());
    }

    private static int[] lastWritten(EraReader reader) {
        int[] eras = new int[(int) reader.superblock().blocks()];
        reader.lastWritten(0, eras);
        return eras;
    }

    private static BitSet writtenSince(EraReader reader, int era) {
        BitSet set = new BitSet();
        reader.writtenSince(era, (begin, end) -> set.set((int) begin, (int) end));
        return set;
    }

    private BitSet invalidated(String version, long since, Object... options) {
        Object[] arguments = Arrays.copyOf(options, options.length + 3);
        arguments[options.length] = "--written-since";
        arguments[options.length + 1] = since;
        arguments[options.length + 2] = metadata;
        return blocks(PeerTools.run(version, "era_invalidate", arguments).succeeded().output());
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
