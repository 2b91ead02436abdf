package io.pdata.core.transaction;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Whether the running transaction may be changed and committed, and which thread is changing it. The one owner of both
 * questions: {@link TransactionManager}, trees, arrays, space maps and the formats all ask here.
 *
 * <p>Everything that changes blocks does so in a scope, which ends in one of two ways:
 * <pre>{@code
 * ... look at the arguments; throw if they are wrong: nothing has changed ...
 * try (TransactionState change = transactions.change()) {
 *     ... change things; may throw ...
 *     change.complete();
 * }
 * }</pre>
 *
 * <p>Rules:
 * <ul>
 * <li>A scope that is left without {@link #complete} has failed, whatever the reason and whatever becomes of the exception:
 * from then on the transaction can neither be changed nor committed. Only a roll-back helps.
 * <li>Scopes nest. The outermost one belongs to its thread: another thread that opens one is refused, and nothing has
 * happened then. Between two outermost scopes a transaction may pass from one thread to another.
 * <li>A commit or a flush of the superblock is refused inside a scope.
 * </ul>
 *
 * <p>Costs one compare-and-set for the outermost scope, and no allocation.
 */
public final class TransactionState implements AutoCloseable {
    private static final VarHandle THREAD;

    static {
        try {
            THREAD = MethodHandles.lookup().findVarHandle(TransactionState.class, "thread", Thread.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** Which thread is in a scope; all other fields are that thread's. */
    private volatile Thread thread;
    private int depth;
    /** The depth of the scope that has been completed and not been closed yet, or 0. */
    private int completed;
    private long modifications;
    private volatile boolean changed;
    private volatile boolean failed;
    /** Where the first change failed; null if none has, or if there was no memory left to note it. */
    private volatile IllegalStateException failure;
    private volatile boolean closed;

    TransactionState() {}

    /** Opens a scope; see {@link TransactionManager#change}. */
    TransactionState enter() {
        Thread current = Thread.currentThread();
        if ((Thread) THREAD.getOpaque(this) != current) {
            Thread other = (Thread) THREAD.compareAndExchange(this, null, current);
            if (other != null) {
                throw new IllegalStateException("the transaction is being changed by thread '" + other.getName()
                        + "': one thread at a time, so let a lock guard each operation");
            }
            depth = 0;
            completed = 0;
        }
        if (failed || closed) {
            if (depth == 0) {
                THREAD.setRelease(this, null);
            }
            checkUsable();
        }
        depth++;
        if (!changed) {
            changed = true;
        }
        return this;
    }

    /** The change of the innermost scope has been made completely. The last step before the scope ends. */
    public void complete() {
        completed = depth;
    }

    /** Ends the innermost scope. If it has not been completed, the transaction has failed. */
    @Override
    public void close() {
        if ((Thread) THREAD.getOpaque(this) != Thread.currentThread()) {
            fail("was rolled back, or its store was closed, in the middle of a change");
            return;
        }
        boolean whole = completed == depth;
        completed = 0;
        if (!whole) {
            failed = true;
        }
        if (--depth == 0) {
            THREAD.setRelease(this, null);
        }
        if (!whole) {
            fail("failed in a change that ended here");
        }
    }

    private void fail(String how) {
        failed = true;
        if (failure == null) {
            failure = new IllegalStateException("the transaction " + how);
        }
    }

    /** A block or a count is about to be changed. */
    void modified() {
        modifications++;
    }

    /** Grows with every block and count that is changed. */
    long modifications() {
        return modifications;
    }

    boolean changed() {
        return changed;
    }

    boolean failed() {
        return failed;
    }

    /** @throws IllegalStateException if a change failed, and the transaction has not been rolled back since */
    void checkUsable() {
        if (closed) {
            throw new IllegalStateException("the store has been closed");
        }
        if (failed) {
            throw new IllegalStateException(
                    "an earlier change of this transaction failed: roll back with abort() first", failure);
        }
    }

    /** @throws IllegalStateException if this is called from inside a change, for example by an editor of values */
    void checkBetweenChanges(String what) {
        Thread other = thread;
        if (other != null) {
            throw new IllegalStateException(what + " in the middle of a change" + (other == Thread.currentThread()
                    ? ": it was called by something that the change calls"
                    : " by thread '" + other.getName() + "'"));
        }
        checkUsable();
    }

    /**
     * A roll-back begins: until {@link #reset} nothing can be changed. Scopes of this thread end; after a stack overflow
     * they may have been left without having been closed.
     *
     * @throws IllegalStateException if another thread is in the middle of a change
     */
    void beginRollBack() {
        Thread other = thread;
        if (other != null && other != Thread.currentThread() && other.isAlive()) {
            throw new IllegalStateException("cannot roll back: thread '" + other.getName()
                    + "' is in the middle of a change");
        }
        failed = true;
        changed = true;
        depth = 0;
        completed = 0;
        thread = null;
    }

    /** The transaction has been committed or rolled back: the next one begins. */
    void reset() {
        changed = false;
        failed = false;
        failure = null;
    }

    /** The store has been closed: nothing can be changed any longer. */
    void end() {
        closed = true;
    }
}
