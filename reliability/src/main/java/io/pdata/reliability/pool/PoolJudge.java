package io.pdata.reliability.pool;

import static io.pdata.reliability.workload.Judgement.require;

import io.pdata.core.device.MemoryDevice;
import io.pdata.reliability.disk.CrashPoint;
import io.pdata.thin.pool.PoolEvents;
import io.pdata.thin.pool.PoolMode;
import io.pdata.thin.pool.ThinPool;
import io.pdata.thin.pool.Volume;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.UUID;

/**
 * Judges what a crash can have left of a pool's three disks: the metadata check clean, the volumes hold what had been
 * promised, and the pool can be used.
 */
final class PoolJudge {
    /** The run of the machine that a workload belongs to; after a power cut it is another. */
    static final UUID RUN = new UUID(1, 1);
    private static final UUID NEXT_RUN = new UUID(1, 2);
    /** As much of the log as is ever used here; the pool makes it longer by itself. */
    private static final int LOG_KEPT = 64 << 10;
    private static final int PIECE = 64 << 10;
    private static final byte[] ZEROES = new byte[PIECE];

    private final PoolFigures figures;
    private final Map<Long, Map<Long, long[]>> verified = new HashMap<>();

    PoolJudge(PoolFigures figures) {
        this.figures = figures;
    }

    /** What each disk may hold after a crash at a moment. O(size of the disks). */
    static CrashPoint[] points(PoolDisks disks, int moment) {
        CrashPoint[] points = new CrashPoint[PoolDisks.COUNT];
        int[] positions = disks.at(moment);
        for (int i = 0; i < PoolDisks.COUNT; i++) {
            points[i] = disks.disk(i).history().at(positions[i]);
        }
        return points;
    }

    /** The images that a power cut leaves if each disk is in one of its states. */
    static byte[][] powerCut(CrashPoint[] points, SplittableRandom random, int variant) {
        byte[][] images = new byte[PoolDisks.COUNT][];
        for (int i = 0; i < PoolDisks.COUNT; i++) {
            CrashPoint point = points[i];
            int[] state = switch (variant) {
            case 0 -> point.nothingKept();
            case 1 -> point.allKept();
            case 2 -> i == PoolDisks.METADATA ? point.allKept() : point.nothingKept();
            case 3 -> i == PoolDisks.METADATA ? point.nothingKept() : point.allKept();
            default -> point.randomState(random);
            };
            images[i] = point.image(state);
        }
        return trimmed(images);
    }

    /** The images that a process leaves which is killed. */
    static byte[][] kill(CrashPoint[] points) {
        byte[][] images = new byte[PoolDisks.COUNT][];
        for (int i = 0; i < PoolDisks.COUNT; i++) {
            images[i] = points[i].image(points[i].allKept());
        }
        return trimmed(images);
    }

    static byte[][] trimmed(byte[][] images) {
        images[PoolDisks.LOG] = Arrays.copyOf(images[PoolDisks.LOG], LOG_KEPT);
        return images;
    }

    /** What has happened to a pool. */
    enum Crash {
        /** The process has been killed: nothing that was acknowledged may be lost. */
        KILL,
        /** What was flushed must be there. */
        POWER_CUT,
        /** The process has ended after a failure, on a machine that runs on: what was flushed must be there. */
        FAILURE
    }

    /**
     * Judges one state.
     *
     * @return what the volumes hold
     * @throws AssertionError if it is not as promised
     */
    Map<Long, long[]> judge(byte[][] images, PoolPromises promises, int moment, Crash crash) {
        boolean powerCut = crash == Crash.POWER_CUT;
        if (powerCut) {
            figures.powerCuts++;
        } else {
            figures.kills++;
        }
        Map<Long, long[]> found = verified.computeIfAbsent(hash(images, powerCut), _ -> {
            figures.verifications++;
            return verify(images, powerCut);
        });
        String problem = promises.judge(moment, crash == Crash.KILL, found);
        require(problem == null, "after a %s %s", crash, problem);
        return found;
    }

    private static long hash(byte[][] images, boolean powerCut) {
        long hash = powerCut ? 1 : 2;
        for (byte[] image : images) {
            MemorySegment bytes = MemorySegment.ofArray(image);
            for (long at = 0; at + Long.BYTES <= image.length; at += Long.BYTES) {
                hash = (hash ^ bytes.get(ValueLayout.JAVA_LONG_UNALIGNED, at)) * 0x9E37_79B9_7F4A_7C15L;
                hash ^= hash >>> 29;
            }
        }
        return hash;
    }

    /** Depends on nothing but the images. */
    private static Map<Long, long[]> verify(byte[][] images, boolean powerCut) {
        PoolReader.check(device("metadata", images[PoolDisks.METADATA]), "at once");
        MemoryDevice metadata = device("metadata", images[PoolDisks.METADATA]);
        Map<Long, long[]> found;
        try (ThinPool pool = ThinPool.open(metadata, device("data", images[PoolDisks.DATA]),
                device("log", images[PoolDisks.LOG]), powerCut ? NEXT_RUN : RUN, PoolSession.options(),
                PoolEvents.NONE)) {
            found = PoolReader.read(pool);
            if (pool.status().mode() == PoolMode.WRITE) {
                use(pool, found);
            }
        }
        PoolReader.check(metadata.reopen(), "after the pool has been used");
        return found;
    }

    /** What follows must work, and leave alone what it is not about. */
    private static void use(ThinPool pool, Map<Long, long[]> found) {
        long id = found.isEmpty() ? 0 : found.keySet().iterator().next();
        if (found.isEmpty()) {
            pool.createVolume(id);
        }
        try (Volume volume = pool.openVolume(id, (long) PoolSession.VOLUME_SECTORS * PoolSession.SECTOR, null)) {
            volume.discard(0, volume.size());
            volume.flush();
        }
        Map<Long, long[]> after = PoolReader.read(pool);
        found.forEach((other, sectors) -> require(other == id || Arrays.equals(sectors, after.get(other)),
                "discarding volume %d has changed volume %d", id, other));
    }

    private static MemoryDevice device(String name, byte[] image) {
        MemoryDevice device = new MemoryDevice(name, image.length);
        for (int at = 0; at < image.length; at += PIECE) {
            int end = Math.min(image.length, at + PIECE);
            if (!Arrays.equals(image, at, end, ZEROES, 0, end - at)) {
                device.write(at, MemorySegment.ofArray(image).asSlice(at, end - at));
            }
        }
        return device;
    }
}
