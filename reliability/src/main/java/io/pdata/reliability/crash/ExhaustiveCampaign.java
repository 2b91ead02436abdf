package io.pdata.reliability.crash;

import io.pdata.reliability.disk.FaultPlan;
import io.pdata.reliability.disk.SimulatedDisk;
import io.pdata.reliability.workload.Session;
import io.pdata.reliability.workload.Step;
import io.pdata.reliability.workload.Workload;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Every sequence of steps up to a length, closed by a commit, with a crash at every I/O.
 *
 * <p>Shorter sequences come first, so the first failure is a shortest one. What a sequence has in common with a shorter
 * one - the I/O of all but its last step - is not gone through again; a sequence whose last step does nothing is the
 * shorter one. What exactly each step does is decided by the seed, and the same for the same step in all sequences.
 *
 * @param <C> what describes a content
 */
public final class ExhaustiveCampaign<C> {
    private final Workload<C> workload;
    private final Plan plan;
    private final CrashJudge<C> judge;
    private final long[] choices = new long[Step.values().length];
    private byte[] start;
    private C startContent;

    /**
     * What to go through.
     *
     * @param seed decides what the steps do, and which states are gone through where there are too many
     * @param length the most steps of a sequence, apart from the closing commit
     * @param cacheBytes the block cache of the workload under test
     * @param states how many states of a crash point are gone through if there are more
     * @param faults makes what the disk does wrong, anew for each disk
     */
    public record Plan(long seed, int length, long cacheBytes, long states, Supplier<FaultPlan> faults) {
        public static Plan of(long seed, int length, long cacheBytes) {
            return new Plan(seed, length, cacheBytes, 256, FaultPlan::new);
        }
    }

    /** @param accepted gets each image that has been verified */
    public ExhaustiveCampaign(Workload<C> workload, Plan plan, Consumer<byte[]> accepted) {
        this.workload = workload;
        this.plan = plan;
        this.judge = new CrashJudge<>(workload, accepted);
        SplittableRandom random = new SplittableRandom(plan.seed());
        for (int i = 0; i < choices.length; i++) {
            choices[i] = random.nextLong();
        }
    }

    public Figures figures() {
        return judge.figures();
    }

    /**
     * Runs.
     *
     * @param goOn is asked before each sequence
     * @return whether it came to the end
     * @throws AssertionError if a crash leaves what it must not, saying after which sequence
     */
    public boolean run(BooleanSupplier goOn) {
        format();
        List<List<Step>> shorter = List.of(List.of());
        sequence(List.of());
        for (int length = 1; length <= plan.length(); length++) {
            List<List<Step>> effective = new ArrayList<>();
            for (List<Step> prefix : shorter) {
                for (Step step : workload.steps()) {
                    if (!goOn.getAsBoolean()) {
                        return false;
                    }
                    List<Step> sequence = new ArrayList<>(prefix);
                    sequence.add(step);
                    if (sequence(sequence)) {
                        effective.add(sequence);
                    }
                }
            }
            shorter = effective;
        }
        return true;
    }

    /** Formats and prepares, with a crash at every I/O of that too; all sequences start with what comes out. */
    private void format() {
        SimulatedDisk disk = new SimulatedDisk(workload.deviceSize(), plan.seed());
        disk.follow(plan.faults().get());
        Promises<C> promises = new Promises<>(disk.history(), null);
        try (Session<C> session = workload.format(disk, plan.cacheBytes(), promises)) {
            workload.prepare(session);
            startContent = session.committed();
        }
        start = disk.content();
        try {
            judge.judge(disk, promises, 0, disk.history().length(), plan.states(), plan.seed());
        } catch (AssertionError e) {
            throw new AssertionError(workload.name() + ", seed " + plan.seed() + ", formatting (" + figures().states()
                    + " states were right): " + e.getMessage(), e);
        }
    }

    /** Returns whether the last step has done anything. */
    private boolean sequence(List<Step> steps) {
        SimulatedDisk disk = new SimulatedDisk(start, plan.seed());
        disk.follow(plan.faults().get());
        Promises<C> promises = new Promises<>(disk.history(), startContent);
        try (Session<C> session = workload.open(disk, plan.cacheBytes(), startContent, promises)) {
            int first = 0;
            for (int i = 0; i < steps.size(); i++) {
                first = disk.history().length() + 1;
                boolean taken = session.take(steps.get(i), choices[steps.get(i).ordinal()]);
                if (!taken && i == steps.size() - 1) {
                    return false;
                }
            }
            session.take(Step.COMMIT, 0);
            if (!session.observed().equals(session.committed())) {
                throw new AssertionError("committed " + session.committed() + " but it is " + session.observed());
            }
            judge.judge(disk, promises, first, disk.history().length(), plan.states(), plan.seed());
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError(
                    workload.name() + ", seed " + plan.seed() + ", sequence " + steps + " (" + figures().states()
                            + " states were right): " + e.getMessage(),
                    e);
        }
        judge.figures().sequences++;
        return true;
    }
}
