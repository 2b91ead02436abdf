package io.pdata.reliability.workload;

/**
 * A workload that is open for changes, beside a model of what it ought to contain. One thread.
 *
 * @param <C> what describes a content
 */
public interface Session<C> extends AutoCloseable {
    /** What it ought to contain now: the running transaction. */
    C content();

    /** What it ought to contain after a crash at this moment: the last acknowledged commit. */
    C committed();

    /** What the last commit contains, read from the thing itself through a view. */
    C observed();

    /** Whether the running transaction has changed anything. */
    boolean changed();

    /**
     * Takes a step.
     *
     * @param choice decides what exactly is done; the same choice in the same state does the same
     * @return false if it makes no sense now: nothing has been done then
     */
    boolean take(Step step, long choice);

    /** Closes the device; what is not committed is lost. */
    @Override
    void close();
}
