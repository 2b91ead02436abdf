package io.pdata.tools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pdata.core.device.FileDevice;
import io.pdata.core.device.MemoryDevice;
import io.pdata.thin.pool.PoolEvents;
import io.pdata.thin.pool.PoolOptions;
import io.pdata.thin.pool.ThinPool;
import io.pdata.thin.pool.Volume;
import io.pdata.tools.text.TextOut;
import io.pdata.tools.thin.ThinCheck;
import io.pdata.tools.thin.ThinDump.Format;
import io.pdata.tools.thin.ThinDump;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The cases of the device-mapper test suites about tools and a pool in use, under their own names. */
class DmLiveToolsTest {
    private static final int BLOCK = 64 << 10;
    private static final int BLOCKS = 200;

    @TempDir
    Path folder;

    private Path file;
    private ThinPool pool;
    private Volume volume;

    @BeforeEach
    void pool() {
        file = folder.resolve("metadata");
        pool = ThinPool.format(FileDevice.create(file, 4 << 20), new MemoryDevice("data", 2L * BLOCKS * BLOCK),
                new MemoryDevice("log", 0), BLOCK / 512, PoolOptions.defaults(), PoolEvents.NONE);
        pool.createVolume(0);
        volume = pool.openVolume(0, (long) BLOCKS * BLOCK, null);
        write(0, BLOCKS / 2);
        volume.flush();
    }

    @AfterEach
    void checksClean() {
        pool.close();
        try (MetadataFile metadata = MetadataFile.open(file)) {
            assertThat(ThinCheck.check(metadata, ThinCheck.Options.FULL, Report.SILENT).all()).isEmpty();
        }
    }

    private void write(int first, int count) {
        MemorySegment bytes = MemorySegment.ofArray(new byte[512]);
        for (long block = first; block < first + count; block++) {
            volume.write(block * BLOCK, bytes);
        }
    }

    private String dumpHeld() {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        try (MetadataFile metadata = MetadataFile.openLive(file)) {
            ThinDump.dump(metadata, new ThinDump.Options(Format.XML, true, false, Set.of()), () -> new TextOut(text));
        }
        return text.toString(StandardCharsets.US_ASCII);
    }

    @Test
    void youCannotRunThinCheckOnLiveMetadata() {
        refused();
    }

    @Test
    void youCannotDumpLiveMetadata() {
        pool.reserveMetadataSnapshot();
        refused();
    }

    private void refused() {
        assertThatThrownBy(() -> MetadataFile.open(file)).isInstanceOf(ToolException.class)
                .hasMessageContaining("metadata");
    }

    @Test
    void youCanDumpAMetadataSnapshot() {
        pool.reserveMetadataSnapshot();
        String before = dumpHeld();
        assertThat(before).contains("mapped_blocks=\"" + BLOCKS / 2 + "\"");
        write(BLOCKS / 2, BLOCKS / 2);
        pool.createSnapshot(1, 0);
        write(0, BLOCKS / 4);
        volume.flush();
        assertThat(dumpHeld()).isEqualTo(before);
    }

    /** A snapshot is taken, dumped twice, and given up, again and again, beside writes and discards. */
    @Test
    void metadataSnapStress() throws InterruptedException {
        AtomicBoolean stop = new AtomicBoolean();
        AtomicReference<Throwable> failure = new AtomicReference<>();
        Thread writer = Thread.ofPlatform().unstarted(() -> {
            SplittableRandom random = new SplittableRandom(1);
            while (!stop.get()) {
                int first = random.nextInt(BLOCKS);
                int count = random.nextInt(BLOCKS - first) + 1;
                if (random.nextBoolean()) {
                    write(first, count);
                } else {
                    volume.discard(first * (long) BLOCK, count * (long) BLOCK);
                }
                volume.flush();
            }
        });
        writer.setUncaughtExceptionHandler((_, e) -> failure.set(e));
        writer.start();
        for (int i = 0; i < 30; i++) {
            pool.reserveMetadataSnapshot();
            assertThat(dumpHeld()).isEqualTo(dumpHeld()).contains("<device dev_id=\"0\"");
            pool.releaseMetadataSnapshot();
        }
        stop.set(true);
        writer.join();
        assertThat(failure.get()).isNull();
    }
}
