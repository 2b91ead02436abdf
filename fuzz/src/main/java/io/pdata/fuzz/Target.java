package io.pdata.fuzz;

import io.pdata.fuzz.image.Input;

/** A reader that is fuzzed, and what must hold of it. */
@FunctionalInterface
public interface Target {
    /** Reads what the input stands for; throws whatever should not have been thrown. Keeps nothing for the next call. */
    void run(Input input);
}
