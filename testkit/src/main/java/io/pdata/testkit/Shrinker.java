package io.pdata.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Finds a short sequence of operations that fails like a long one, by running variants from the start: with chunks left
 * out, halving the chunk until it is one operation, then with simpler operands; again while that helps.
 *
 * <p>"Fails alike" means the same class of exception: otherwise a shorter sequence that provokes another, lesser error
 * would hide the first. The number of runs is bounded, so the result is short, not surely the shortest.
 */
public final class Shrinker<O> {
    private static final int MOST_RUNS = 4000;
    private static final long MOST_NANOS = 60_000_000_000L;

    private final Function<List<O>, Throwable> replay;
    private final Function<O, List<O>> simpler;
    private final Class<?> kind;
    private final long deadline = System.nanoTime() + MOST_NANOS;
    private List<O> sequence;
    private Throwable failure;
    private int runs;

    /**
     * @param replay what a sequence throws, done from the start, or null
     * @param simpler simpler variants of an operation, the simplest first; none are needed
     * @param failure what the sequence throws
     * @param sequence the one to shorten
     */
    public Shrinker(Function<List<O>, Throwable> replay, Function<O, List<O>> simpler, Throwable failure,
            List<O> sequence) {
        this.replay = replay;
        this.simpler = simpler;
        this.kind = failure.getClass();
        this.failure = failure;
        this.sequence = List.copyOf(sequence);
    }

    /** Runs variants, for a minute at most; returns the shortest sequence that failed, or the one it was given. */
    public List<O> shrink() {
        boolean helped = true;
        while (helped && !exhausted()) {
            boolean removed = removeChunks();
            boolean simplified = simplifyOperands();
            helped = removed || simplified;
        }
        return sequence;
    }

    /** What the shortest sequence throws. */
    public Throwable failure() {
        return failure;
    }

    private boolean removeChunks() {
        boolean helped = false;
        for (int chunk = Math.max(1, sequence.size() / 2); chunk >= 1; chunk /= 2) {
            // From the end: what came last depends on what came first, seldom the other way round.
            for (int end = sequence.size(); end > 0 && !exhausted(); end -= chunk) {
                int begin = Math.max(0, end - chunk);
                List<O> variant = new ArrayList<>(sequence.subList(0, begin));
                variant.addAll(sequence.subList(Math.min(end, sequence.size()), sequence.size()));
                helped |= accept(variant);
            }
        }
        return helped;
    }

    private boolean simplifyOperands() {
        boolean helped = false;
        for (int i = 0; i < sequence.size(); i++) {
            while (!exhausted() && simplifyOne(i)) {
                helped = true;
            }
        }
        return helped;
    }

    private boolean simplifyOne(int index) {
        for (O candidate : simpler.apply(sequence.get(index))) {
            List<O> variant = new ArrayList<>(sequence);
            variant.set(index, candidate);
            if (accept(variant)) {
                return true;
            }
        }
        return false;
    }

    private boolean accept(List<O> variant) {
        runs++;
        Throwable thrown = replay.apply(variant);
        if (thrown == null || thrown.getClass() != kind) {
            return false;
        }
        sequence = List.copyOf(variant);
        failure = thrown;
        return true;
    }

    private boolean exhausted() {
        return runs >= MOST_RUNS || System.nanoTime() > deadline;
    }
}
