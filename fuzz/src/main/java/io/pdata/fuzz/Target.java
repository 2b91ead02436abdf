package io.pdata.fuzz;

import io.pdata.fuzz.image.Input;

/** A reader that is fuzzed, and what must hold of it. */
@FunctionalInterface
public interface Target {
    /** Reads what the input stands for; throws whatever should not have been thrown. Keeps nothing for the next call. */
    void run(Input input);

    /** Makes what all inputs share, unless it is there: neither the time nor the memory that takes is an input's fault. */
    default void prepare() {}
}
