package io.pdata.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Write-back from a cachevol, as LVM makes it: metadata in the first MiB of a device, 32 blocks of 32 KiB after them.
 */
class CachevolTest {
    private static final int BLOCK = 32 << 10;
    private static final int DATA = 1 << 20;

    @TempDir
    private Path folder;

    private Path cachevol;
    private Path origin;

    @BeforeEach
    void makeFiles() throws IOException {
        cachevol = folder.resolve("cv");
        try (InputStream in = new GZIPInputStream(getClass().getResourceAsStream("cachevol.img.gz"))) {
            Files.copy(in, cachevol);
        }
        origin = Files.write(folder.resolve("slow"), new byte[1000 * BLOCK]);
    }

    private ToolRun writeBack(Path fast, Path slow, int offset, String... more) {
        String[] arguments = {"cache_writeback", "--metadata-device", cachevol.toString(), "--fast-device",
            fast.toString(), "--fast-device-offset", "" + offset, "--origin-device", slow.toString()};
        String[] all = Arrays.copyOf(arguments, arguments.length + more.length);
        System.arraycopy(more, 0, all, arguments.length, more.length);
        return ToolRun.of(all);
    }

    /** Each origin block that was written has the content of the cache block that is mapped to it. */
    private void assertCopied() throws IOException {
        byte[] cache = Files.readAllBytes(cachevol);
        byte[] copied = Files.readAllBytes(origin);
        String dump = ToolRun.of("cache_dump", cachevol.toString()).out();
        assertThat(dump).contains("<mapping cache_block=\"0\" origin_block=\"5\"");
        long written = 0;
        for (int block = 0; block < 1000; block++) {
            byte[] at = Arrays.copyOfRange(copied, block * BLOCK, (block + 1) * BLOCK);
            if (Arrays.mismatch(at, new byte[BLOCK]) >= 0) {
                written++;
                int of = Integer.parseInt(
                        dump.replaceAll("(?s).*cache_block=\"(\\d+)\" origin_block=\"" + block + "\".*", "$1"));
                assertThat(at).isEqualTo(Arrays.copyOfRange(cache, DATA + of * BLOCK, DATA + (of + 1) * BLOCK));
            }
        }
        assertThat(written).isPositive();
    }

    @Test
    void dirtyBlocksAreCopiedAndMarkedClean() throws IOException {
        ToolRun run = writeBack(cachevol, origin, 2048);
        assertThat(run.status()).as(run.err()).isZero();
        assertThat(run.out()).contains("2/2 blocks successfully copied");
        assertCopied();
        assertThat(ToolRun.of("cache_check", cachevol.toString()).status()).isZero();
        assertThat(ToolRun.of("cache_dump", cachevol.toString()).out()).doesNotContain("dirty=\"true\"");
        assertThat(writeBack(cachevol, origin, 2048).out()).contains("0/0 blocks");
    }

    @Test
    void aLinkToTheDeviceIsTheDevice() throws IOException {
        Path link = Files.createSymbolicLink(folder.resolve("link"), cachevol);
        byte[] before = Files.readAllBytes(cachevol);
        assertThat(writeBack(link, origin, 2048, "--no-metadata-update").status()).isZero();
        assertCopied();
        assertThat(Files.readAllBytes(cachevol)).isEqualTo(before);
        assertThat(writeBack(link, origin, 2048).status()).isZero();
        assertThat(ToolRun.of("cache_check", cachevol.toString()).status()).isZero();
    }

    @Test
    void regionsThatOverlapAreRefused() throws IOException {
        byte[] before = Files.readAllBytes(cachevol);
        ToolRun overlapping = writeBack(cachevol, origin, 2040);
        assertThat(overlapping.status()).isEqualTo(64);
        assertThat(overlapping.err()).contains("the first 2048 sectors", "begin at sector 2040",
                "--fast-device-offset");
        ToolRun sameOrigin = writeBack(cachevol, cachevol, 2048);
        assertThat(sameOrigin.status()).isEqualTo(64);
        assertThat(sameOrigin.err()).contains("the origin device and the metadata device are the same");
        assertThat(Files.readAllBytes(cachevol)).isEqualTo(before);
        assertThat(Files.readAllBytes(origin)).isEqualTo(new byte[1000 * BLOCK]);
    }
}
