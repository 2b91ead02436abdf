package io.pdata.testkit;

import java.util.List;
import java.util.SplittableRandom;

/**
 * A structure under test and a plain reference of it, driven by the same operations. {@link ModelRun} runs it.
 *
 * <p>{@code S} holds both: the structure and what it ought to contain. {@code O} is one operation, a value with a
 * readable {@code toString}: a record is best. An operation says everything that it does (keys, values, which clone),
 * and must make sense whatever came before it, because shrinking takes others away: one that does not apply does
 * nothing, or expects the error that the structure promises.
 */
public interface Model<S, O> {

    /** A new, empty structure and its reference. */
    S start();

    /** The next operation. It may look at the state, to hit existing keys, but changes nothing. */
    O next(SplittableRandom random, S state);

    /** Does an operation to both sides; throws (an assertion or any other unchecked exception) if they disagree. */
    void apply(S state, O operation);

    /** Compares both sides as a whole, and checks every invariant; throws if something does not hold. */
    default void check(S state) {}

    /** Gives up what {@link #start} took. */
    default void end(S state) {}

    /** Operations to try in place of a failing one, the simplest first. Records need not say: their numbers shrink. */
    default List<O> simpler(O operation) {
        return Operands.simpler(operation);
    }
}
