package io.pdata.interop.pool;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.core.device.FileDevice.Access;
import io.pdata.core.device.FileDevice;
import io.pdata.interop.Seeds;
import io.pdata.testkit.KernelLab;
import io.pdata.testkit.Outcome;
import io.pdata.testkit.PeerTools;
import io.pdata.thin.ThinView;
import io.pdata.thin.pool.PoolEvents;
import io.pdata.thin.pool.PoolMode;
import io.pdata.thin.pool.PoolOptions;
import io.pdata.thin.pool.ThinPool;
import io.pdata.thin.pool.Volume;
import io.pdata.tools.MetadataFile;
import io.pdata.tools.Report;
import io.pdata.tools.thin.ThinCheck;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A pool that we have used, with many threads, snapshots and discards, is activated by the kernel, which reads the same in
 * every volume; the kernel goes on with it, and so do we; and once more. All checks are clean at each step.
 */
@Order(2)
class PoolKernelTest {
    private static final int BLOCK_SECTORS = 128;
    private static final int BLOCK = BLOCK_SECTORS * 512;
    private static final int DATA_BLOCKS = 3000;
    private static final int METADATA_BLOCKS = 1024;
    /** Not a whole number of blocks. */
    private static final int VOLUME_BYTES = 60 * BLOCK + 8192;
    private static final int THREADS = 3;

    @TempDir
    Path folder;

    private SplittableRandom random;
    private Path metadata;
    private Path data;
    private long nextId;

    @Test
    void kernelAndWeTakeTurnsWithOnePool() throws InterruptedException {
        KernelLab.need();
        PeerTools.need();
        random = Seeds.random("PoolKernel");
        metadata = folder.resolve("metadata");
        data = folder.resolve("data");
        ThinPool.format(FileDevice.create(metadata, METADATA_BLOCKS * 4096L),
                FileDevice.create(data, DATA_BLOCKS * (long) BLOCK), FileDevice.create(folder.resolve("log"), 0),
                BLOCK_SECTORS, PoolOptions.defaults(), PoolEvents.NONE).close();
        for (int turn = 1; turn <= 2; turn++) {
            Map<Long, String> ours = use();
            check();
            Outcome outcome = KernelLab.run(script(ours.keySet()), metadata, data).succeeded();
            assertThat(sums(outcome, "before")).as("what the kernel reads, turn %d", turn).isEqualTo(ours);
            check();
            assertThat(read()).as("what we read of what the kernel has made of it, turn %d", turn)
                    .isEqualTo(sums(outcome, "after")).isNotEqualTo(ours);
            check();
        }
    }

    // ---- our turn ----

    private ThinPool open() {
        return ThinPool.open(FileDevice.open(metadata, Access.READ_WRITE), FileDevice.open(data, Access.READ_WRITE),
                FileDevice.open(folder.resolve("log"), Access.READ_WRITE), PoolOptions.defaults(), PoolEvents.NONE);
    }

    /** Volumes are written and discarded by some threads while this one makes and deletes snapshots. */
    private Map<Long, String> use() throws InterruptedException {
        try (ThinPool pool = open()) {
            List<Long> ids = ids(pool);
            nextId = ids.stream().mapToLong(Long::longValue).max().orElse(-1) + 1;
            while (ids.size() < THREADS) {
                pool.createVolume(nextId);
                ids.add(nextId++);
            }
            AtomicReference<Throwable> failure = new AtomicReference<>();
            List<Thread> threads = new ArrayList<>();
            for (int t = 0; t < THREADS; t++) {
                long id = ids.get(t);
                SplittableRandom own = random.split();
                Thread thread = Thread.ofPlatform().unstarted(() -> load(pool, id, own));
                thread.setUncaughtExceptionHandler((_, e) -> failure.set(e));
                threads.add(thread);
            }
            threads.forEach(Thread::start);
            snapshots(pool, ids);
            for (Thread thread : threads) {
                thread.join();
            }
            assertThat(failure.get()).isNull();
            assertThat(pool.status().mode()).isEqualTo(PoolMode.WRITE);
            return sums(pool);
        }
    }

    private void snapshots(ThinPool pool, List<Long> ids) {
        List<Long> snapshots = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            List<Long> origins = new ArrayList<>(ids.subList(0, THREADS));
            origins.addAll(snapshots);
            pool.createSnapshot(nextId, origins.get(random.nextInt(origins.size())));
            snapshots.add(nextId++);
            if (snapshots.size() > 5) {
                pool.deleteVolume(snapshots.remove(random.nextInt(snapshots.size())));
            }
        }
    }

    private static void load(ThinPool pool, long id, SplittableRandom random) {
        try (Volume volume = pool.openVolume(id, VOLUME_BYTES, null)) {
            for (int i = 0; i < 150; i++) {
                long position = random.nextInt(VOLUME_BYTES / 512) * 512L;
                long length = Math.min(VOLUME_BYTES - position,
                        512L * random.nextInt(1, i % 3 == 0 ? 4 * BLOCK_SECTORS : 16));
                switch (random.nextInt(8)) {
                case 0 -> volume.discard(position, length);
                case 1 -> volume.zero(position, length);
                case 2 -> volume.flush();
                default -> {
                    byte[] bytes = new byte[(int) length];
                    random.nextBytes(bytes);
                    volume.write(position, MemorySegment.ofArray(bytes));
                }
                }
            }
        }
    }

    private Map<Long, String> read() {
        try (ThinPool pool = open()) {
            return sums(pool);
        }
    }

    private static List<Long> ids(ThinPool pool) {
        List<Long> ids = new ArrayList<>();
        try (ThinView view = pool.openView()) {
            view.forEachDevice((id, _) -> ids.add(id));
        }
        return ids;
    }

    private static Map<Long, String> sums(ThinPool pool) {
        Map<Long, String> sums = new TreeMap<>();
        for (long id : ids(pool)) {
            try (Volume volume = pool.openVolume(id, VOLUME_BYTES, null)) {
                byte[] bytes = new byte[VOLUME_BYTES];
                volume.read(0, MemorySegment.ofArray(bytes));
                sums.put(id, HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(bytes)));
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException(e);
            }
        }
        return sums;
    }

    // ---- the kernel's turn ----

    /** Sums of all volumes, then writes, discards and snapshots, then the sums again. */
    private String script(Iterable<Long> ids) {
        StringBuilder script = new StringBuilder("set -e\n");
        line(script, "dmsetup create pool --table '0 %d thin-pool /dev/vdb /dev/vdc %d 0'",
                DATA_BLOCKS * (long) BLOCK_SECTORS, BLOCK_SECTORS);
        for (long id : ids) {
            line(script, "dmsetup create v%d --table '0 %d thin /dev/mapper/pool %d'", id, VOLUME_BYTES / 512, id);
            sum(script, "before", id);
        }
        List<Long> all = new ArrayList<>();
        ids.forEach(all::add);
        for (int i = 0; i < 8; i++) {
            long id = all.get(random.nextInt(all.size()));
            int first = random.nextInt(58);
            line(script,
                    "dd if=/dev/urandom of=/dev/mapper/v%d bs=4096 seek=%d count=%d oflag=direct conv=notrunc 2>/dev/null",
                    id, first * 16 + random.nextInt(16), random.nextInt(1, 20));
            line(script, "blkdiscard -o %d -l %d /dev/mapper/v%d", random.nextInt(58) * (long) BLOCK,
                    random.nextInt(1, 3) * (long) BLOCK, id);
        }
        for (int i = 0; i < 2; i++) {
            long origin = all.get(random.nextInt(all.size()));
            long id = nextId++;
            line(script, "dmsetup suspend v%d; dmsetup message pool 0 'create_snap %d %d'; dmsetup resume v%d", origin,
                    id,
                    origin, origin);
            line(script, "dmsetup create v%d --table '0 %d thin /dev/mapper/pool %d'", id, VOLUME_BYTES / 512, id);
            line(script, "dd if=/dev/urandom of=/dev/mapper/v%d bs=4096 seek=%d count=3 oflag=direct conv=notrunc "
                    + "2>/dev/null", origin, random.nextInt(900));
            all.add(id);
        }
        all.forEach(id -> sum(script, "after", id));
        all.forEach(id -> line(script, "dmsetup remove v%d", id));
        line(script, "dmsetup status pool");
        line(script, "dmsetup remove pool");
        return script.toString();
    }

    private static void sum(StringBuilder script, String when, long id) {
        line(script, "echo \"%s %d $(dd if=/dev/mapper/v%d bs=64k 2>/dev/null | md5sum)\"", when, id, id);
    }

    private static void line(StringBuilder script, String format, Object... arguments) {
        script.append(format.formatted(arguments)).append('\n');
    }

    private static Map<Long, String> sums(Outcome outcome, String when) {
        Map<Long, String> sums = new TreeMap<>();
        for (String line : outcome.lines(when)) {
            String[] words = line.split(" ");
            sums.put(Long.valueOf(words[0]), words[1]);
        }
        return sums;
    }

    private void check() {
        for (String version : PeerTools.VERSIONS) {
            PeerTools.run(version, "thin_check", metadata).succeeded();
        }
        try (MetadataFile file = MetadataFile.open(metadata)) {
            assertThat(ThinCheck.check(file, ThinCheck.Options.FULL, Report.SILENT).all()).isEmpty();
        }
    }
}
