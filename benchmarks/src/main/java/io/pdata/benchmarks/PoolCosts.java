package io.pdata.benchmarks;

import io.pdata.core.device.FileDevice;
import io.pdata.core.device.FileDevice.Access;
import io.pdata.thin.pool.PoolEvents;
import io.pdata.thin.pool.PoolOptions;
import io.pdata.thin.pool.PoolStatus;
import io.pdata.thin.pool.ThinPool;
import io.pdata.thin.pool.Volume;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/**
 * What it costs to make a snapshot and to delete the oldest of many, for volumes of different sizes, and how much memory a
 * pool takes that has written to all of one: {@code FOLDER [DOCUMENT]}, the folder on the disk that is to be measured; the
 * document gets the table, between marks.
 */
public final class PoolCosts {
    private static final int BLOCK = 64 << 10;
    private static final int MAPPINGS_PER_BLOCK = 240;
    private static final int SNAPSHOTS = 1000;
    private static final int MEASURED = 50;
    /** Blocks that are written between two snapshots, so that each of them has some of its own. */
    private static final int WRITES_BETWEEN = 20;
    private static final long RANDOM_SECONDS = 20;

    private final Path folder;
    private final long mappings;
    private final SplittableRandom random = new SplittableRandom(1);
    private final MemorySegment page = Arena.ofAuto().allocate(4096, 4096);

    private final LongAdder flushing = new LongAdder();
    private final StringBuilder table;

    /** What making a snapshot took, in nanoseconds, and how much of that without the flushes of its commit. */
    private record Times(long[] all, long[] ours) {}

    private PoolCosts(Path folder, long mappings, StringBuilder table) {
        this.folder = folder;
        this.mappings = mappings;
        this.table = table;
    }

    public static void main(String[] arguments) throws IOException {
        if (arguments.length < 1 || arguments.length > 2) {
            System.err.println("usage: PoolCosts FOLDER [DOCUMENT]");
            System.exit(2);
        }
        StringBuilder table = new StringBuilder(
                """
                        | mapped | snapshots | create, commit included: median | most | without its flushes: median | most | delete the oldest | without its flushes | blocks that freed | peak memory |
                        |---|---|---|---|---|---|---|---|---|---|
                        """);
        for (long mappings : new long[]{1L << 14, 1L << 20, 1L << 24}) {
            new PoolCosts(Files.createDirectories(Path.of(arguments[0])), mappings, table).run();
        }
        System.out.print(table);
        if (arguments.length == 2) {
            MarkedPart.replace(Path.of(arguments[1]), "costs", table.toString());
        }
    }

    private void run() throws IOException {
        Path metadata = folder.resolve("metadata");
        Path data = folder.resolve("data");
        Path log = folder.resolve("log");
        for (Path file : new Path[]{metadata, data, log}) {
            Files.deleteIfExists(file);
        }
        LargeThinMetadata.make(metadata, mappings / MAPPINGS_PER_BLOCK + 512, 1, mappings);
        try (FileDevice file = FileDevice.open(metadata, Access.READ_WRITE)) {
            file.resize(file.size() + (512L << 20), true);
        }
        long dataBlocks = mappings + (long) SNAPSHOTS * WRITES_BETWEEN + (1 << 20);
        try (ThinPool pool = ThinPool.open(timed(FileDevice.open(metadata, Access.READ_WRITE)),
                timed(FileDevice.create(data, dataBlocks * BLOCK)), FileDevice.create(log, ThinPool.LOG_BYTES),
                PoolOptions.defaults().withCommitPeriod(Duration.ZERO), PoolEvents.NONE)) {
            pool.deleteVolume(1); // LargeThinMetadata makes a snapshot of its own
            measure(pool);
        } finally {
            Files.deleteIfExists(data);
            Files.deleteIfExists(metadata);
        }
    }

    private TimedDevice timed(FileDevice device) {
        return new TimedDevice(device, flushing);
    }

    private void measure(ThinPool pool) throws IOException {
        try (Volume volume = pool.openVolume(0, mappings * BLOCK, null)) {
            print(1, snapshots(pool, volume, 1, MEASURED), "- | - | -");
            snapshots(pool, volume, 1 + MEASURED, SNAPSHOTS - 2 * MEASURED);
            Times many = snapshots(pool, volume, 1 + SNAPSHOTS - MEASURED, MEASURED);
            volume.flush();
            PoolStatus before = pool.status();
            long flushed = flushing.sum();
            long start = System.nanoTime();
            pool.deleteVolume(1);
            long taken = System.nanoTime() - start;
            long ours = taken - (flushing.sum() - flushed);
            PoolStatus after = pool.status();
            randomAccess(volume);
            print(SNAPSHOTS, many,
                    "%.1f ms | %.2f ms | %d data, %d metadata".formatted(taken / 1e6, ours / 1e6,
                            before.usedDataBlocks() - after.usedDataBlocks(),
                            before.usedMetadataBlocks() - after.usedMetadataBlocks()));
        }
    }

    /** Makes snapshots of a volume that is in use, and changes it in between. */
    private Times snapshots(ThinPool pool, Volume volume, long firstId, int count) {
        Times times = new Times(new long[count], new long[count]);
        for (int i = 0; i < count; i++) {
            long flushed = flushing.sum();
            long start = System.nanoTime();
            pool.createSnapshot(firstId + i, 0);
            times.all[i] = System.nanoTime() - start;
            times.ours[i] = times.all[i] - (flushing.sum() - flushed);
            for (int w = 0; w < WRITES_BETWEEN; w++) {
                volume.write(random.nextLong(mappings) * BLOCK, page);
            }
        }
        Arrays.sort(times.all);
        Arrays.sort(times.ours);
        return times;
    }

    /** All over the volume, so that as much of its metadata is in memory as ever will be. */
    private void randomAccess(Volume volume) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(RANDOM_SECONDS);
        while (System.nanoTime() < end) {
            long position = random.nextLong(mappings) * BLOCK;
            volume.read(position, page);
            if (random.nextInt(8) == 0) {
                volume.write(position, page);
            }
        }
    }

    private void print(int snapshots, Times times, String deletion) throws IOException {
        int last = times.all.length - 1;
        String line = String.format(Locale.ROOT,
                "| %d GiB | %d | %.1f ms | %.1f ms | %.2f ms | %.2f ms | %s | %d MiB |%n", mappings * BLOCK >> 30,
                snapshots, times.all[last / 2] / 1e6, times.all[last] / 1e6, times.ours[last / 2] / 1e6,
                times.ours[last] / 1e6, deletion, peakMemoryMib());
        table.append(line);
        System.err.print(line); // it takes minutes
    }

    private static long peakMemoryMib() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("VmHWM:")) {
                return Long.parseLong(line.replaceAll("[^0-9]", "")) >> 10;
            }
        }
        throw new IOException("/proc/self/status has no VmHWM");
    }
}
