package io.pdata.core.block;

import io.pdata.core.device.PersistentDataException;

/**
 * What was read cannot be what was written. Says which block, taken for what, what was expected and what was found; the
 * layers it passes through on its way out add how the block was reached.
 */
public final class CorruptionException extends PersistentDataException {
    private static final long serialVersionUID = 1L;

    private final long block;
    private final String type;
    private final String problem;
    private final String path;

    /**
     * @param block the block's number
     * @param type what it was taken for, for example "btree node"
     * @param problem what was expected and what was found
     */
    public CorruptionException(long block, String type, String problem) {
        this(block, type, problem, "", null);
    }

    private CorruptionException(long block, String type, String problem, String path, Throwable cause) {
        super("block " + Long.toUnsignedString(block) + " (" + type + "): " + problem
                + (path.isEmpty() ? "" : ", reached by " + path), cause);
        this.block = block;
        this.type = type;
        this.problem = problem;
        this.path = path;
    }

    /** The same error, with one step more in front of the path that led to it. */
    public CorruptionException via(String step) {
        return new CorruptionException(block, type, problem, path.isEmpty() ? step : step + " > " + path, this);
    }

    public long block() {
        return block;
    }

    public String type() {
        return type;
    }

    public String problem() {
        return problem;
    }

    /** How the block was reached, outermost step first; empty if unknown. */
    public String path() {
        return path;
    }
}
