package io.pdata.reliability.crash;

import io.pdata.reliability.disk.CrashPoint;
import io.pdata.reliability.disk.FaultPlan;
import io.pdata.reliability.disk.SimulatedDisk;
import io.pdata.reliability.workload.Session;
import io.pdata.reliability.workload.Step;
import io.pdata.reliability.workload.Workload;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * A life of crashes: some steps and commits, a power cut at any I/O that leaves any subset of what was not durable, opening
 * what is left, judging it, and going on from there.
 *
 * <p>With odd seeds the block cache holds all there is, with even ones it is as small as it can be.
 *
 * @param <C> what describes a content
 */
public final class RandomCampaign<C> {
    private static final int MAX_STEPS = 24;
    private static final int COMMIT_SHARE = 4;

    private final Workload<C> workload;
    private final Plan plan;
    private final CrashJudge<C> judge;
    private final SplittableRandom random;
    private final long cacheBytes;
    private byte[] image;
    private C content;

    /**
     * What to do.
     *
     * @param seed decides everything
     * @param cycles how many crashes
     * @param faults makes what the disk does wrong, anew for each disk
     */
    public record Plan(long seed, int cycles, Supplier<FaultPlan> faults) {
        public static Plan of(long seed, int cycles) {
            return new Plan(seed, cycles, FaultPlan::new);
        }
    }

    /** @param accepted gets each image that has been verified */
    public RandomCampaign(Workload<C> workload, Plan plan, Consumer<byte[]> accepted) {
        this.workload = workload;
        this.plan = plan;
        this.judge = new CrashJudge<>(workload, accepted);
        this.random = new SplittableRandom(plan.seed());
        this.cacheBytes = plan.seed() % 2 != 0 ? workload.ampleCache() : 0;
        this.image = new byte[Math.toIntExact(workload.deviceSize())];
    }

    public Figures figures() {
        return judge.figures();
    }

    /**
     * Runs.
     *
     * @param goOn is asked before each cycle
     * @return whether it came to the end
     * @throws AssertionError if a crash leaves what it must not, saying in which cycle
     */
    public boolean run(BooleanSupplier goOn) {
        for (int cycle = 0; cycle < plan.cycles(); cycle++) {
            if (!goOn.getAsBoolean()) {
                return false;
            }
            try {
                cycle();
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError(
                        workload.name() + ", seed " + plan.seed() + ", cycle " + cycle + ": " + e.getMessage(), e);
            }
        }
        return true;
    }

    private void cycle() {
        SimulatedDisk disk = new SimulatedDisk(image, plan.seed());
        disk.follow(plan.faults().get());
        Promises<C> promises = new Promises<>(disk.history(), content);
        try (Session<C> session = content == null
                ? workload.format(disk, cacheBytes, promises)
                : workload.open(disk, cacheBytes, content, promises)) {
            if (content == null) {
                workload.prepare(session);
            }
            List<Step> steps = workload.steps();
            for (int i = 1 + random.nextInt(MAX_STEPS); i > 0; i--) {
                boolean commit = random.nextInt(COMMIT_SHARE) == 0;
                session.take(commit ? Step.COMMIT : steps.get(random.nextInt(steps.size())), random.nextLong());
            }
            judge.figures().commits += promises.acknowledgements();
            if (!session.observed().equals(session.committed())) {
                throw new AssertionError("committed " + session.committed() + " but it is " + session.observed());
            }
        }
        crash(disk, promises);
    }

    /** Cuts the power, sooner or later, and goes on from what that has left. */
    private void crash(SimulatedDisk disk, Promises<C> promises) {
        CrashPoint point = disk.history().at(random.nextInt(disk.history().length() + 1));
        int[] state = point.randomState(random);
        try {
            C found = judge.verify(point, state);
            promises.judge(point.position(), found);
            content = found;
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError(CrashJudge.describe(disk.history(), point, state) + e, e);
        }
        image = point.image(state);
        judge.figures().cycles++;
    }
}
