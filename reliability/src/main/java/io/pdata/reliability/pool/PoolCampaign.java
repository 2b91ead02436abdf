package io.pdata.reliability.pool;

import io.pdata.core.device.DeviceException;
import io.pdata.core.device.ReadOnlyException;
import io.pdata.core.space.NoSpaceException;
import io.pdata.reliability.disk.CrashPoint;
import io.pdata.reliability.disk.FaultPlan;
import io.pdata.reliability.pool.PoolJudge.Crash;
import io.pdata.thin.pool.PoolEvents;
import io.pdata.thin.pool.ThinPool;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;

/**
 * Goes through the lives of a small pool that are cut off: all short sequences of steps, each at every I/O; random lives, one
 * crash after another; and lists of steps in which one I/O after the other fails.
 *
 * <p>A power cut hits all three disks at one moment; each keeps what was flushed and any part of the rest. A killed
 * process leaves all that was written. What has to hold is said in {@code docs/pool-reliability.md}.
 */
public final class PoolCampaign {
    private static final int METADATA_BLOCKS = 64;
    private static final int DATA_BLOCKS = 10;
    private static final int RANDOM_VARIANTS = 3;
    private static final int FIXED_VARIANTS = 4;
    private static final int MAX_STEPS = 14;
    private static final int FAULT_STEPS = 12;
    private static final PoolStep[] STEPS = PoolStep.values();

    private final PoolFigures figures = new PoolFigures();
    private final long seed;
    private final byte[][] initial;
    private final PoolContent initialContent;

    /** @param seed decides all that is not gone through as a whole */
    public PoolCampaign(long seed) {
        this.seed = seed;
        PoolDisks disks = new PoolDisks(new byte[][]{new byte[METADATA_BLOCKS * 4096],
            new byte[DATA_BLOCKS * PoolSession.BLOCK_SECTORS * PoolSession.SECTOR], new byte[0]}, seed);
        ThinPool.format(disks.device(PoolDisks.METADATA), disks.device(PoolDisks.DATA), disks.device(PoolDisks.LOG),
                PoolSession.BLOCK_SECTORS, PoolSession.options(), PoolEvents.NONE).close();
        for (int i = 0; i < PoolDisks.COUNT; i++) {
            disks.disk(i).reopen();
        }
        try (PoolSession session = new PoolSession(disks, PoolJudge.RUN, new PoolContent(), false, 1)) {
            for (PoolStep step : List.of(PoolStep.SNAPSHOT, PoolStep.WRITE, PoolStep.WRITE, PoolStep.WRITE_PART,
                    PoolStep.SNAPSHOT, PoolStep.WRITE_PART, PoolStep.FLUSH)) {
                session.take(step, seed + disks.now());
            }
            initialContent = session.content().acknowledged();
        }
        initial = images(disks);
    }

    private static byte[][] images(PoolDisks disks) {
        byte[][] images = new byte[PoolDisks.COUNT][];
        for (int i = 0; i < PoolDisks.COUNT; i++) {
            images[i] = disks.disk(i).content();
        }
        return PoolJudge.trimmed(images);
    }

    public PoolFigures figures() {
        return figures;
    }

    // ---- all short sequences ----

    /**
     * All sequences of up to {@code length} steps, each cut off at every I/O.
     *
     * @param goOn is asked before each sequence
     */
    public void exhaustive(int length, BooleanSupplier goOn) {
        PoolJudge judge = new PoolJudge(figures);
        List<int[]> sequences = new ArrayList<>();
        sequences.add(new int[0]);
        for (int next = 0; next < sequences.size() && goOn.getAsBoolean(); next++) {
            int[] sequence = sequences.get(next);
            if (sequence.length < length) {
                for (int step = 0; step < STEPS.length; step++) {
                    int[] longer = Arrays.copyOf(sequence, sequence.length + 1);
                    longer[sequence.length] = step;
                    sequences.add(longer);
                }
            }
            sequence(sequence, next, judge);
        }
    }

    private void sequence(int[] sequence, int number, PoolJudge judge) {
        PoolDisks disks = new PoolDisks(initial, seed);
        PoolPromises promises;
        int end;
        try (PoolSession session = new PoolSession(disks, PoolJudge.RUN, initialContent, false, 1000)) {
            SplittableRandom random = new SplittableRandom(seed * 31 + number);
            for (int step : sequence) {
                session.take(STEPS[step], random.nextLong());
            }
            promises = session.promises();
            end = disks.now();
        }
        figures.sequences++;
        for (int moment = 0; moment <= end; moment++) {
            figures.moments++;
            try {
                judgeMoment(disks, promises, moment, judge);
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("pool, seed " + seed + ", sequence " + number + " " + names(sequence)
                        + ", moment " + moment + " of " + end + ": " + e.getMessage(), e);
            }
        }
    }

    private static List<PoolStep> names(int[] sequence) {
        return Arrays.stream(sequence).mapToObj(step -> STEPS[step]).toList();
    }

    private void judgeMoment(PoolDisks disks, PoolPromises promises, int moment, PoolJudge judge) {
        SplittableRandom random = new SplittableRandom(seed + moment);
        CrashPoint[] points = PoolJudge.points(disks, moment);
        judge.judge(PoolJudge.kill(points), promises, moment, Crash.KILL);
        for (int variant = 0; variant < FIXED_VARIANTS + RANDOM_VARIANTS; variant++) {
            judge.judge(PoolJudge.powerCut(points, random, variant), promises, moment, Crash.POWER_CUT);
        }
    }

    // ---- lives ----

    /**
     * One life of crashes: some steps, a power cut or a kill at any moment, going on from what is left.
     *
     * @param goOn is asked before each cycle
     */
    public void life(int cycles, BooleanSupplier goOn) {
        SplittableRandom random = new SplittableRandom(seed);
        byte[][] images = initial;
        PoolContent content = initialContent;
        long value = 1000;
        for (int cycle = 0; cycle < cycles && goOn.getAsBoolean(); cycle++) {
            PoolDisks disks = new PoolDisks(images, seed + cycle);
            try (PoolSession session = new PoolSession(disks, PoolJudge.RUN, content, false, value)) {
                for (int steps = random.nextInt(1, MAX_STEPS); steps > 0; steps--) {
                    session.take(STEPS[random.nextInt(STEPS.length)], random.nextLong());
                }
                value = session.nextValue();
                int moment = random.nextInt(disks.now() + 1);
                boolean powerCut = random.nextInt(3) > 0;
                CrashPoint[] points = PoolJudge.points(disks, moment);
                images = powerCut
                        ? PoolJudge.powerCut(points, random, random.nextInt(FIXED_VARIANTS + RANDOM_VARIANTS))
                        : PoolJudge.kill(points);
                figures.cycles++;
                figures.moments++;
                Map<Long, long[]> found = new PoolJudge(figures).judge(images, session.promises(), moment,
                        powerCut ? Crash.POWER_CUT : Crash.KILL);
                content = powerCut ? PoolContent.of(found) : session.promises().afterKill(moment, found);
                if (powerCut) {
                    images[PoolDisks.LOG] = new byte[0]; // it is of another run of the machine: as good as empty
                }
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("pool, seed " + seed + ", cycle " + cycle + ": " + e.getMessage(), e);
            }
        }
    }

    // ---- failing I/O ----

    private enum Fault {
        READ_ONCE, READ_EVER, WRITE_ONCE, WRITE_EVER, WRITE_ONCE_IN_PART, FLUSH_ONCE, FLUSH_EVER, FLUSH_ONCE_LOSING;

        FaultPlan plan(long n) {
            FaultPlan plan = new FaultPlan();
            return switch (this) {
            case READ_ONCE -> plan.fail(FaultPlan.Operation.READ, n);
            case READ_EVER -> plan.failFrom(FaultPlan.Operation.READ, n);
            case WRITE_ONCE -> plan.fail(FaultPlan.Operation.WRITE, n);
            case WRITE_EVER -> plan.failFrom(FaultPlan.Operation.WRITE, n);
            case WRITE_ONCE_IN_PART -> plan.fail(FaultPlan.Operation.WRITE, n).partialWrites();
            case FLUSH_ONCE -> plan.fail(FaultPlan.Operation.FLUSH, n);
            case FLUSH_EVER -> plan.failFrom(FaultPlan.Operation.FLUSH, n);
            case FLUSH_ONCE_LOSING -> plan.fail(FaultPlan.Operation.FLUSH, n).losingFlushes();
            };
        }

        FaultPlan.Operation operation() {
            return name().startsWith("READ")
                    ? FaultPlan.Operation.READ
                    : name().startsWith("WRITE") ? FaultPlan.Operation.WRITE : FaultPlan.Operation.FLUSH;
        }
    }

    /**
     * A list of steps, again and again: with the first, second, ... operation of each kind failing on each disk.
     *
     * @param goOn is asked before each run
     */
    public void faults(BooleanSupplier goOn) {
        for (int disk = 0; disk < PoolDisks.COUNT; disk++) {
            for (Fault fault : Fault.values()) {
                boolean came = true;
                for (long n = 1; came && goOn.getAsBoolean(); n++) {
                    came = faultRun(disk, fault, n);
                }
            }
        }
    }

    private boolean faultRun(int which, Fault fault, long n) {
        PoolDisks disks = new PoolDisks(initial, seed);
        FaultPlan plan = fault.plan(n);
        disks.disk(which).follow(plan);
        PoolPromises promises = new PoolPromises(initialContent);
        try {
            try (PoolSession session = new PoolSession(disks, PoolJudge.RUN, initialContent, true, 1000)) {
                promises = session.promises();
                takeUntilItFails(session);
            } catch (DeviceException | ReadOnlyException | NoSpaceException _) {
                // It could not be opened, or not be asked for its state: what was promised is promised all the same.
            }
            boolean came = plan.count(fault.operation()) >= n;
            if (came) {
                figures.faults++;
                judgeFinally(disks, promises);
            }
            return came;
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError("pool, seed " + seed + ", " + fault + " " + n + " on "
                    + List.of("metadata", "data", "log").get(which) + ": " + e.getMessage(), e);
        }
    }

    private void takeUntilItFails(PoolSession session) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < FAULT_STEPS; i++) {
            session.take(STEPS[random.nextInt(STEPS.length)], random.nextLong());
            if (session.over()) {
                return;
            }
        }
        session.take(PoolStep.FLUSH, 0);
    }

    /** Once more on disks that work: as they are, and after a power cut on top. */
    private void judgeFinally(PoolDisks disks, PoolPromises promises) {
        figures.moments++;
        int last = disks.now();
        PoolJudge judge = new PoolJudge(figures);
        judge.judge(images(disks), promises, last, Crash.FAILURE);
        CrashPoint[] points = PoolJudge.points(disks, last);
        SplittableRandom random = new SplittableRandom(seed);
        for (int variant = 0; variant < FIXED_VARIANTS + RANDOM_VARIANTS; variant++) {
            judge.judge(PoolJudge.powerCut(points, random, variant), promises, last, Crash.POWER_CUT);
        }
    }
}
