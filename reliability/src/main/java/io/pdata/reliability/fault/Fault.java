package io.pdata.reliability.fault;

import io.pdata.core.block.Bytes;
import io.pdata.reliability.disk.FaultPlan.Operation;
import io.pdata.reliability.disk.FaultPlan;
import java.util.Locale;

/**
 * One thing that goes wrong with a disk.
 *
 * @param kind what, and how often
 * @param n the operation it begins with, counted from 1; for {@link Kind#FULL} how many blocks there is room for
 */
record Fault(Kind kind, long n) {

    /** What goes wrong. */
    enum Kind {
        READ_ONCE(Operation.READ), READ_EVER(Operation.READ), WRITE_ONCE(Operation.WRITE), WRITE_EVER(Operation.WRITE),
        /** The write fails, but some of its sectors have been written. */
        WRITE_ONCE_IN_PART(Operation.WRITE), WRITE_EVER_IN_PART(Operation.WRITE), FLUSH_ONCE(Operation.FLUSH),
        FLUSH_EVER(Operation.FLUSH),
        /** The flush fails and forgets what it was to write; the next one "succeeds". */
        FLUSH_ONCE_LOSING(Operation.FLUSH),
        /** There is no room for more blocks. */
        FULL(Operation.WRITE);

        final Operation operation;

        Kind(Operation operation) {
            this.operation = operation;
        }

        boolean lasting() {
            return this == READ_EVER || this == WRITE_EVER || this == WRITE_EVER_IN_PART || this == FLUSH_EVER
                    || this == FULL;
        }
    }

    /** The plan for a disk; each disk needs its own. */
    FaultPlan plan() {
        FaultPlan plan = new FaultPlan();
        switch (kind) {
        case READ_ONCE, WRITE_ONCE, FLUSH_ONCE -> plan.fail(kind.operation, n);
        case READ_EVER, WRITE_EVER, FLUSH_EVER -> plan.failFrom(kind.operation, n);
        case WRITE_ONCE_IN_PART -> plan.fail(kind.operation, n).partialWrites();
        case WRITE_EVER_IN_PART -> plan.failFrom(kind.operation, n).partialWrites();
        case FLUSH_ONCE_LOSING -> plan.fail(kind.operation, n).losingFlushes();
        case FULL -> plan.capacity(n * Bytes.BLOCK_SIZE);
        }
        return plan;
    }

    @Override
    public String toString() {
        return kind.name().toLowerCase(Locale.ROOT).replace('_', ' ') + " " + n;
    }
}
