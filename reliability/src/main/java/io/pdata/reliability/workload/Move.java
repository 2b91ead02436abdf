package io.pdata.reliability.workload;

import java.util.List;
import java.util.SplittableRandom;

/**
 * A step to be taken.
 *
 * @param step what
 * @param choice decides what exactly is done
 */
public record Move(Step step, long choice) {
    private static final int COMMIT_SHARE = 4;

    /** Any step of a workload; a commit more often than the others. */
    public static Move random(List<Step> steps, SplittableRandom random) {
        Step step = random.nextInt(COMMIT_SHARE) == 0 ? Step.COMMIT : steps.get(random.nextInt(steps.size()));
        return new Move(step, random.nextLong());
    }

    /** Takes it; returns false if it makes no sense now. */
    public boolean take(Session<?> session) {
        return session.take(step, choice);
    }

    @Override
    public String toString() {
        return step + "(" + choice + ")";
    }
}
