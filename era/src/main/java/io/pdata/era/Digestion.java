package io.pdata.era;

import io.pdata.core.bitset.BitsetReader;
import io.pdata.core.block.CorruptionException;
import io.pdata.core.transaction.TransactionManager;
import java.util.OptionalLong;

/**
 * Merges archived writesets into the era array, the oldest first, a small step at a time.
 *
 * <p>Ascending order makes a later era overwrite an earlier one. Stopping anywhere is harmless: what has been done is
 * done again. Source: format document "era", section 3.2.
 */
final class Digestion {
    /** How many bits of a writeset one step looks at. */
    static final int BITS_PER_STEP = 100;

    private enum Step {
        NONE, LOOK_UP, TRANSCRIBE, REMOVE
    }

    private static final long ERA_LIMIT = 1L << 32;

    private final Writesets writesets;
    private final EraArray eras;
    private final BitsetReader bits;

    private Step next = Step.NONE;
    private long era;
    private Writeset writeset;
    private long end;
    private long position;

    Digestion(TransactionManager transactions, Writesets writesets, EraArray eras) {
        this.writesets = writesets;
        this.eras = eras;
        this.bits = new BitsetReader(transactions);
    }

    boolean running() {
        return next != Step.NONE;
    }

    /** Begins with the oldest writeset, unless a digestion is running: that will come to it. */
    void start() {
        if (next == Step.NONE) {
            next = Step.LOOK_UP;
        }
    }

    void stop() {
        next = Step.NONE;
    }

    void step() {
        switch (next) {
        case LOOK_UP -> lookUp();
        case TRANSCRIBE -> transcribe();
        case REMOVE -> {
            if (!writesets.removeArchived(era)) {
                throw damaged("cannot be removed: the keys are not in order"); // or it would be digested for ever
            }
            next = Step.LOOK_UP;
        }
        case NONE -> throw new IllegalStateException("no digestion is running");
        }
    }

    private void lookUp() {
        OptionalLong oldest = writesets.oldest();
        if (oldest.isEmpty()) {
            next = Step.NONE;
            return;
        }
        era = oldest.getAsLong();
        if (Long.compareUnsigned(era, ERA_LIMIT) >= 0) {
            throw damaged("has more than 32 bits");
        }
        writeset = writesets.archived(era);
        if (!writeset.exists()) {
            throw damaged("has no writeset, or it cannot be looked up: the keys are not in order");
        }
        end = Math.min(writeset.bits(), eras.size());
        position = 0;
        next = Step.TRANSCRIBE;
    }

    private CorruptionException damaged(String problem) {
        return new CorruptionException(writesets.treeRoot(), "btree node",
                "era " + Long.toUnsignedString(era) + " in the writeset tree " + problem);
    }

    private void transcribe() {
        long stop = Math.min(position + BITS_PER_STEP, end);
        for (; position < stop; position++) {
            if (bits.test(writeset.root(), position)) {
                eras.set(position, (int) era);
            }
        }
        if (position == end) {
            next = Step.REMOVE;
        }
    }
}
