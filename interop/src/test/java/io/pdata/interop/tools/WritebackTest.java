package io.pdata.interop.tools;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.core.device.FileDevice.Access;
import io.pdata.core.device.FileDevice;
import io.pdata.testkit.Golden;
import io.pdata.testkit.PeerTools;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** cache_writeback leaves the origin and the metadata as the reference tool does. */
class WritebackTest {
    private static final int BLOCK = 64 * 512;
    private static final long CACHE_BYTES = 2048L * BLOCK;
    private static final long ORIGIN_BYTES = 300 << 20;

    @TempDir
    private Path folder;

    private Path fast() throws IOException {
        byte[] content = new byte[(int) CACHE_BYTES];
        new SplittableRandom(1).nextBytes(content);
        return Files.write(folder.resolve("fast"), content);
    }

    private Path origin(String name) {
        Path file = folder.resolve(name);
        FileDevice.create(file, ORIGIN_BYTES).close();
        return file;
    }

    @ParameterizedTest
    @CsvSource({"cache-v1-clean,29", "cache-v2-clean,29", "cache-v1-unclean,147", "cache-v2-unclean,147"})
    void theOriginGetsWhatTheCacheHolds(String image, int blocks) throws IOException {
        PeerTools.need();
        Path fast = fast();
        Path ownMetadata = Golden.unpack(image, folder.resolve("own"));
        Path theirMetadata = Golden.unpack(image, folder.resolve("theirs"));
        Path ownOrigin = origin("own.origin");
        Path theirOrigin = origin("their.origin");
        String said = PeerTools.run(PeerTools.RUST, "cache_writeback", "--metadata-device", theirMetadata,
                "--fast-device", fast, "--origin-device", theirOrigin, "--origin-device-offset", 64).succeeded()
                .output();
        assertThat(Own.output("cache_writeback", "--metadata-device", ownMetadata, "--fast-device", fast,
                "--origin-device", ownOrigin, "--origin-device-offset", 64)).isEqualTo(said)
                .isEqualTo(blocks + "/" + blocks + " blocks successfully copied\n");
        requireSame(ownOrigin, theirOrigin);
        requireSame(theirOrigin, ownOrigin);
        assertThat(Own.output("cache_dump", ownMetadata)).isEqualTo(Own.output("cache_dump", theirMetadata))
                .doesNotContain("dirty=\"true\"");
        PeerTools.run(PeerTools.RUST, "cache_check", ownMetadata).succeeded();
    }

    /** All that the first has, the second has; both are nearly empty. */
    private static void requireSame(Path first, Path second) {
        try (FileDevice one = FileDevice.open(first, Access.READ_ONLY);
                FileDevice other = FileDevice.open(second, Access.READ_ONLY)) {
            assertThat(one.size()).isEqualTo(other.size());
            for (long at = one.nextData(0); at < one.size(); at = one.nextData(Math.min(at + BLOCK, one.size()))) {
                byte[] ours = new byte[(int) Math.min(BLOCK, one.size() - at)];
                byte[] theirs = new byte[ours.length];
                one.read(at, MemorySegment.ofArray(ours));
                other.read(at, MemorySegment.ofArray(theirs));
                assertThat(ours).as("at " + at).isEqualTo(theirs);
            }
        }
    }

    @Test
    void whatCannotBeCopiedStaysDirty() throws IOException {
        Path fast = fast();
        Path metadata = Golden.unpack("cache-v1-clean", folder.resolve("metadata"));
        Path origin = folder.resolve("short");
        FileDevice.create(origin, 30_000_000).close();
        Own result = Own.run("cache_writeback", "--metadata-device", metadata, "--fast-device", fast,
                "--origin-device", origin, "--list-failed-blocks");
        assertThat(result.status()).isEqualTo(64);
        assertThat(result.output()).isEqualTo("2/29 blocks successfully copied\n");
        assertThat(result.errors()).contains("27 blocks were not copied\n", "Incompleted writeback\n",
                "cache block 126, for origin block 1486: beyond the end of the device\n");
        assertThat(Own.output("cache_dump", metadata).lines().filter(line -> line.contains("dirty=\"true\"")))
                .hasSize(27);
        assertThat(Own.run("cache_check", metadata).status()).isZero();
    }

    @Test
    void metadataAreLeftAloneIfAskedFor() throws IOException {
        Path fast = fast();
        Path metadata = Golden.unpack("cache-v2-clean", folder.resolve("metadata"));
        byte[] before = Files.readAllBytes(metadata);
        assertThat(Own.run("cache_writeback", "--metadata-device", metadata, "--fast-device", fast,
                "--origin-device", origin("origin"), "--no-metadata-update").status()).isZero();
        assertThat(metadata).hasBinaryContent(before);
    }

    @Test
    void damagedMetadataAreNotReliedOn() throws IOException {
        Path fast = fast();
        byte[] bytes = Golden.image("cache-v1-clean");
        for (int block = 1; block < bytes.length / 4096; block++) {
            bytes[block * 4096 + 100] ^= 1;
        }
        Path metadata = Files.write(folder.resolve("metadata"), bytes);
        Own result = Own.run("cache_writeback", "--metadata-device", metadata, "--fast-device", fast,
                "--origin-device", origin("origin"));
        assertThat(result.status()).isEqualTo(65);
        assertThat(result.errors()).contains("metadata contains errors (run cache_check for details).\n"
                + "perhaps you need to run cache_repair.\n");
    }
}
