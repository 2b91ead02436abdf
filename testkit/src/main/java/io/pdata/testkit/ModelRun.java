package io.pdata.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/**
 * Runs a {@link Model} with operations made from seeds; when one fails, shrinks its operations and fails with the
 * shortest sequence found and the seed.
 *
 * <pre>{@code new ModelRun<>("set", new SetModel()).seeds(20).operations(1000).checkEvery(10).run();}</pre>
 *
 * <p>An ordinary build always takes the seeds 1, 2, ..., so that it does not fail by chance. With {@code
 * -Dlong.tests=true} there are {@value #LONG} times as many, begun at a seed of the clock, which is printed. {@code
 * -Dmodel.seed=N} runs that seed alone, {@code -Dmodel.operations=N} sets the number of operations.
 */
public final class ModelRun<S, O> {
    private static final int LONG = 50;

    private final String name;
    private final Model<S, O> model;
    private int seeds = 10;
    private int operations = 1000;
    private int checkEvery = 1;

    /** @param name what a failure calls the model */
    public ModelRun(String name, Model<S, O> model) {
        this.name = name;
        this.model = model;
    }

    /** How many sequences, from empty, in an ordinary build. */
    public ModelRun<S, O> seeds(int count) {
        seeds = count;
        return this;
    }

    /** How many operations in each. */
    public ModelRun<S, O> operations(int count) {
        operations = count;
        return this;
    }

    /** After how many operations {@link Model#check} is called; it always is at the end of a sequence. */
    public ModelRun<S, O> checkEvery(int count) {
        checkEvery = count;
        return this;
    }

    /** Whether it is as long as the test wants it: properties may ask for less, in which less can be expected to happen. */
    public boolean unabridged() {
        return Integer.getInteger("model.operations", operations) >= operations && Long.getLong("model.seed") == null;
    }

    /**
     * Runs all seeds.
     *
     * @throws AssertionError for the first that fails, caused by what the shortest sequence throws
     */
    public void run() {
        boolean longer = Boolean.getBoolean("long.tests");
        int length = Integer.getInteger("model.operations", operations);
        Long only = Long.getLong("model.seed");
        if (only != null) {
            run(only, length);
            return;
        }
        long first = longer ? System.currentTimeMillis() : 1;
        int count = longer ? seeds * LONG : seeds;
        if (longer) {
            System.out.println(name + ": seeds " + first + " to " + (first + count - 1));
        }
        for (long seed = first; seed < first + count; seed++) {
            run(seed, length);
        }
    }

    /** Runs one seed. */
    public void run(long seed, int length) {
        List<O> done = new ArrayList<>();
        Throwable failure = generate(new SplittableRandom(seed), length, done);
        if (failure != null) {
            int before = done.size();
            Shrinker<O> shrinker = new Shrinker<>(this::replay, model::simpler, failure, done);
            List<O> shortest = shrinker.shrink();
            throw new AssertionError(message(seed, length, before, shortest, shrinker.failure()), shrinker.failure());
        }
    }

    private Throwable generate(SplittableRandom random, int length, List<O> done) {
        return guarded(state -> {
            while (done.size() < length) {
                O operation = model.next(random, state);
                done.add(operation);
                step(state, operation, done.size(), length);
            }
        });
    }

    /** What the given operations, done from the start, end in: what they throw, or null. */
    private Throwable replay(List<O> sequence) {
        return guarded(state -> {
            for (int i = 0; i < sequence.size(); i++) {
                step(state, sequence.get(i), i + 1, sequence.size());
            }
        });
    }

    private void step(S state, O operation, int number, int of) {
        model.apply(state, operation);
        if (number % checkEvery == 0 || number == of) {
            model.check(state);
        }
    }

    private Throwable guarded(Consumer<S> work) {
        Throwable failure = null;
        S state = model.start();
        try {
            work.accept(state);
        } catch (RuntimeException | AssertionError | StackOverflowError e) {
            failure = e;
        }
        try {
            model.end(state);
        } catch (RuntimeException | AssertionError e) {
            // A structure that broke may well fail to close: what broke it is what counts.
            if (failure == null) {
                failure = e;
            }
        }
        return failure;
    }

    private String message(long seed, int length, int before, List<O> shortest, Throwable failure) {
        StringBuilder text = new StringBuilder();
        text.append(name).append(" fails with seed ").append(seed).append(" at operation ").append(before);
        text.append(": ").append(failure).append(System.lineSeparator());
        text.append("Shortest failing sequence (").append(shortest.size()).append("):").append(System.lineSeparator());
        for (O operation : shortest) {
            text.append("  ").append(operation).append(System.lineSeparator());
        }
        text.append("Run it again with -Dmodel.seed=").append(seed).append(" -Dmodel.operations=").append(length);
        return text.toString();
    }
}
