package io.pdata.interop.tools;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.core.device.FileDevice;
import io.pdata.interop.Seeds;
import io.pdata.testkit.Outcome;
import io.pdata.testkit.PeerTools;
import io.pdata.testkit.RandomPool;
import io.pdata.testkit.RandomTargets;
import io.pdata.tools.cache.CacheRestore;
import io.pdata.tools.cache.CacheWriter;
import io.pdata.tools.era.EraRestore;
import io.pdata.tools.thin.PoolOverrides;
import io.pdata.tools.thin.ThinRestore;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What we restore passes the reference tools' checks, and they find in it what they find in what they restored from the same XML. */
class RestoreTest {
    private static final int METADATA_BYTES = 4 << 20;
    private static final int ROUNDS = Seeds.rounds(5, 1500);

    @TempDir
    private Path folder;

    @BeforeEach
    void needTools() {
        PeerTools.need();
    }

    private interface Restore {
        void run(InputStream xml, FileDevice device);
    }

    private Path fresh(String name) throws IOException {
        return Files.write(folder.resolve(name), new byte[METADATA_BYTES]);
    }

    private Path ours(String xml, Restore restore) throws IOException {
        Path file = fresh("ours");
        restore.run(new ByteArrayInputStream(xml.getBytes(StandardCharsets.UTF_8)),
                FileDevice.open(file, FileDevice.Access.READ_WRITE));
        return file;
    }

    private Path theirs(String version, String tool, String xml) throws IOException {
        Path file = fresh("theirs");
        PeerTools.run(version, tool, "-i", Files.writeString(folder.resolve("xml"), xml), "-o", file).succeeded();
        return file;
    }

    private void compare(String version, String kind, Path ours, Path theirs) {
        PeerTools.run(version, kind + "_check", ours).succeeded();
        assertThat(PeerTools.run(version, kind + "_dump", ours).succeeded().output()).as("%s of %s", kind, version)
                .isEqualTo(PeerTools.run(version, kind + "_dump", theirs).succeeded().output());
    }

    @Test
    void pools() throws IOException {
        SplittableRandom random = Seeds.random("restored pools");
        Restore restore = (xml, device) -> ThinRestore.restore(xml, PoolOverrides.NONE, device);
        for (int i = 0; i < ROUNDS; i++) {
            RandomPool pool = new RandomPool(random.split(), 6);
            Path shared = ours(pool.xml(true), restore);
            Judged.sound(shared);
            // Dumped by the one that writes all mappings out: which leaves are shared is not the same always.
            compare(PeerTools.CPP, "thin", shared, theirs(PeerTools.RUST, "thin_restore", pool.xml(true)));
            compareWithOldest(pool.xml(false), shared);
        }
    }

    /** Not where 0.9.0 loses count while it restores, as it does of few pools: seen with {@code -Dinterop.seed=20900}. */
    private void compareWithOldest(String xml, Path ours) throws IOException {
        Path theirs = fresh("theirs");
        Outcome restored = PeerTools.run(PeerTools.CPP, "thin_restore", "-i",
                Files.writeString(folder.resolve("xml"), xml), "-o", theirs);
        if (!restored.errors().contains("ref count not in tree")) {
            restored.succeeded();
            compare(PeerTools.CPP, "thin", ours, theirs);
        }
    }

    /** Why {@link Judged} does not always ask 1.1.0. */
    @Test
    void aDataBlockAtTwoPlacesOfTheOnlyDeviceIsSoundForAllButOne() throws IOException {
        String xml = """
                <superblock uuid="" time="0" transaction="1" version="2" data_block_size="128" nr_data_blocks="100">
                  <device dev_id="1" mapped_blocks="2" transaction="0" creation_time="0" snap_time="0">
                    <single_mapping origin_block="0" data_block="5" time="0"/>
                    <single_mapping origin_block="9" data_block="5" time="0"/>
                  </device>
                </superblock>
                """;
        Path ours = ours(xml, (in, device) -> ThinRestore.restore(in, PoolOverrides.NONE, device));
        PeerTools.run(PeerTools.CPP, "thin_check", ours).succeeded();
        assertThat(Own.run("thin_check", ours).status()).isZero();
        Path theirs = theirs(PeerTools.RUST, "thin_restore", xml);
        for (Path each : List.of(ours, theirs)) {
            assertThat(PeerTools.run(PeerTools.RUST, "thin_check", each).errors())
                    .contains("Bad reference count for data block 5.  Expected 1, but space map contains 2.");
        }
    }

    @Test
    void caches() throws IOException {
        SplittableRandom random = Seeds.random("restored caches");
        for (int i = 0; i < ROUNDS; i++) {
            String xml = RandomTargets.cache(random.split());
            int version = 1 + i % 2;
            Path ours = ours(xml, (in, device) -> CacheRestore.restore(in, new CacheWriter.Options(version, true),
                    device));
            PeerTools.run(PeerTools.RUST, "cache_check", ours).succeeded();
            assertThat(Own.output("cache_dump", ours)).isEqualTo(xml);
            if (!xml.contains("nr_cache_blocks=\"0\"")) { // which the older one refuses, and the newer one cannot dump
                PeerTools.run(PeerTools.CPP, "cache_check", ours).succeeded();
                assertThat(PeerTools.run(PeerTools.RUST, "cache_dump", ours).succeeded().output()).isEqualTo(xml);
            }
        }
    }

    @Test
    void eras() throws IOException {
        SplittableRandom random = Seeds.random("restored eras");
        for (int i = 0; i < ROUNDS; i++) {
            String xml = RandomTargets.era(random.split());
            Path ours = ours(xml, EraRestore::restore);
            compare(PeerTools.CPP, "era", ours, theirs(PeerTools.CPP, "era_restore", xml));
            PeerTools.run(PeerTools.RUST, "era_check", ours).succeeded();
        }
    }
}
