package io.pdata.reliability.workload;

import java.util.SplittableRandom;

/**
 * What the sessions have in common: the bookkeeping of what has been promised.
 *
 * @param <C> what describes a content
 */
abstract class ModelSession<C> implements Session<C> {
    private final Journal<C> journal;
    private C committed;
    private boolean changed;

    /** @param committed what is on the device */
    ModelSession(C committed, Journal<C> journal) {
        this.committed = committed;
        this.journal = journal;
    }

    @Override
    public final C committed() {
        return committed;
    }

    @Override
    public final boolean changed() {
        return changed;
    }

    @Override
    public final boolean take(Step step, long choice) {
        boolean taken = switch (step) {
        case COMMIT -> {
            boolean useful = changed;
            if (useful) {
                commit();
            }
            yield useful;
        }
        case ABORT -> {
            boolean useful = changed;
            if (useful) {
                abort();
                changed = false;
            }
            yield useful;
        }
        default -> changeOrHalf(step, choice);
        };
        return taken;
    }

    /** What ends by an exception may have been done by half. */
    private boolean changeOrHalf(Step step, long choice) {
        boolean whole = false;
        try {
            boolean done = change(step, new SplittableRandom(choice));
            whole = true;
            return done;
        } finally {
            changed |= !whole;
        }
    }

    /** Commits the present content, by {@link #committing}. */
    abstract void commit();

    /** Rolls back, and has the model be the committed content again. */
    abstract void abort();

    /** Takes any other step; says {@link #changed(boolean)}. */
    abstract boolean change(Step step, SplittableRandom random);

    /** The running transaction differs from the last commit if {@code really}; returns that. */
    final boolean changed(boolean really) {
        changed |= really;
        return really;
    }

    /** Has a commit done, and the journal told. */
    final void committing(C asked, Runnable commit) {
        journal.asked(asked);
        commit.run();
        committed = asked;
        changed = false;
        journal.acknowledged(asked);
    }
}
