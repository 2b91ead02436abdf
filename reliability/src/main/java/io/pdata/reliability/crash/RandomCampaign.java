package io.pdata.reliability.crash;

import io.pdata.reliability.disk.CrashPoint;
import io.pdata.reliability.disk.FaultPlan;
import io.pdata.reliability.disk.SimulatedDisk;
import io.pdata.reliability.workload.Move;
import io.pdata.reliability.workload.Session;
import io.pdata.reliability.workload.Workload;
import io.pdata.testkit.Shrinker;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * A life of crashes: some steps and commits, a power cut at any I/O that leaves any subset of what was not durable, opening
 * what is left, judging it, and going on from there.
 *
 * <p>With odd seeds the block cache holds all there is, with even ones it is as small as it can be. A failure names the seed,
 * the cycle, and as few of the steps since the crash before as fail too.
 *
 * @param <C> what describes a content
 */
public final class RandomCampaign<C> {
    private static final int MAX_STEPS = 24;
    private static final long STATES_WHEN_SHRINKING = 64;

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
        List<Move> moves = new ArrayList<>();
        for (int i = 1 + random.nextInt(MAX_STEPS); i > 0; i--) {
            moves.add(Move.random(workload.steps(), random));
        }
        try {
            crash(new Life(moves));
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError(e + System.lineSeparator() + shortest(moves, e), e);
        }
        judge.figures().cycles++;
    }

    /** Cuts the power, sooner or later, and goes on from what that has left. */
    private void crash(Life life) {
        judge.figures().commits += life.promises.acknowledgements();
        CrashPoint point = life.disk.history().at(random.nextInt(life.disk.history().length() + 1));
        int[] state = point.randomState(random);
        C found;
        try {
            found = judge.verify(point, state);
            life.promises.judge(point.position(), found);
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError(CrashJudge.describe(life.disk.history(), point, state) + e, e);
        }
        content = found;
        image = point.image(state);
    }

    /** As few of the steps as are found to fail on what the last crash has left, at whichever crash point. */
    private String shortest(List<Move> moves, Throwable failure) {
        CrashJudge<C> again = new CrashJudge<>(workload, _ -> {});
        Shrinker<Move> shrinker = new Shrinker<>(some -> failure(some, again), _ -> List.of(), failure, moves);
        List<Move> few = shrinker.shrink();
        return few.size() == moves.size()
                ? "the steps were " + moves
                : "of " + moves.size() + " steps these are enough: " + few + ": " + shrinker.failure();
    }

    private Throwable failure(List<Move> moves, CrashJudge<C> again) {
        try {
            Life life = new Life(moves);
            again.judge(life.disk, life.promises, 0, life.disk.history().length(), STATES_WHEN_SHRINKING, plan.seed());
            return null;
        } catch (AssertionError | RuntimeException e) {
            return e;
        }
    }

    /** What the last crash has left, opened, some steps taken, and closed again. */
    private final class Life {
        final SimulatedDisk disk;
        final Promises<C> promises;

        Life(List<Move> moves) {
            disk = new SimulatedDisk(image, plan.seed());
            disk.follow(plan.faults().get());
            promises = new Promises<>(disk.history(), content);
            try (Session<C> session = content == null
                    ? workload.format(disk, cacheBytes, promises)
                    : workload.open(disk, cacheBytes, content, promises)) {
                if (content == null) {
                    workload.prepare(session);
                }
                moves.forEach(move -> move.take(session));
                if (!session.observed().equals(session.committed())) {
                    throw new AssertionError("committed " + session.committed() + " but it is " + session.observed());
                }
            }
        }
    }
}
