package io.pdata.interop.tools;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.core.device.FileDevice;
import io.pdata.testkit.Golden;
import io.pdata.testkit.LoopDevice;
import io.pdata.testkit.PeerTools;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** thin_trim gives back what no volume has, and nothing else. */
@Isolated("a process that is being started elsewhere keeps devices claimed")
class TrimTest {
    private static final int BLOCK = 64 << 10;
    private static final long DATA_BLOCKS = 40_960;
    /** Mapped by several volumes of the image, and by one; and mapped by none. */
    private static final long[] MAPPED = {0, 63, 1237, 1238};
    private static final long[] FREE = {2000, 2001, 40_959};

    @TempDir
    private Path folder;

    private Path data() throws IOException {
        Path file = folder.resolve("data");
        Files.deleteIfExists(file);
        FileDevice.create(file, DATA_BLOCKS * BLOCK).close();
        for (long[] blocks : new long[][]{MAPPED, FREE}) {
            for (long block : blocks) {
                write(file, block);
            }
        }
        return file;
    }

    private static void write(Path file, long block) throws IOException {
        byte[] content = new byte[BLOCK];
        Arrays.fill(content, (byte) 7);
        try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
            open.seek(block * BLOCK);
            open.write(content);
        }
    }

    private static void requireTrimmed(Path file) throws IOException {
        try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "r")) {
            for (long block : MAPPED) {
                open.seek(block * BLOCK);
                assertThat(open.read()).as("mapped block " + block).isEqualTo(7);
            }
            for (long block : FREE) {
                open.seek(block * BLOCK);
                assertThat(open.read()).as("free block " + block).isZero();
            }
        }
    }

    @Test
    void aFileGetsHoles() throws IOException {
        Path data = data();
        Path metadata = Golden.unpack("thin-snaps-2", folder.resolve("metadata"));
        assertThat(Own.run("thin_trim", "--metadata-dev", metadata, "--data-dev", data).status()).isZero();
        requireTrimmed(data);
    }

    @Test
    void aBlockDeviceIsDiscarded() throws IOException {
        Path data = data();
        Path metadata = Golden.unpack("thin-snaps-2", folder.resolve("metadata"));
        try (LoopDevice device = LoopDevice.of(data)) {
            assertThat(Own.run("thin_trim", "--metadata-dev", metadata, "--data-dev", device.path()))
                    .isEqualTo(new Own(0, "TRANSACTION_ID=7\nMETADATA_FREE_BLOCKS=973\n",
                            "Checking thin metadata\ndevice details tree\nmapping tree\n"));
        }
        requireTrimmed(data);
    }

    @Test
    void nothingIsDiscardedUnlessTheMetadataAreSound() throws IOException {
        Path data = data();
        byte[] bytes = Golden.image("thin-snaps-2");
        bytes[580 * 4096 + 100] ^= 1;
        Path metadata = Files.write(folder.resolve("metadata"), bytes);
        Own result = Own.run("thin_trim", "--metadata-dev", metadata, "--data-dev", data);
        assertThat(result.status()).isEqualTo(65);
        assertThat(result.errors()).endsWith("metadata contains errors (run thin_check for details).\n"
                + "perhaps you need to run thin_repair.\n");
        try (RandomAccessFile open = new RandomAccessFile(data.toFile(), "r")) {
            open.seek(FREE[0] * BLOCK);
            assertThat(open.read()).isEqualTo(7);
        }
    }

    @Test
    void aDataDeviceThatIsTooSmallIsRefused() {
        Path data = folder.resolve("small");
        FileDevice.create(data, BLOCK).close();
        Path metadata = Golden.unpack("thin-snaps-2", folder.resolve("metadata"));
        Own result = Own.run("thin_trim", "--metadata-dev", metadata, "--data-dev", data);
        assertThat(result.status()).isEqualTo(64);
        assertThat(result.errors()).contains("unexpected data device size, wanted 2684354560 bytes");
        if (PeerTools.ready()) {
            assertThat(PeerTools.run(PeerTools.RUST, "thin_trim", "--metadata-dev", metadata, "--data-dev", data)
                    .errors()).contains("unexpected data device size, wanted 2684354560 bytes");
        }
    }
}
