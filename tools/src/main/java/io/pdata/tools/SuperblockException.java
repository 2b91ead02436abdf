package io.pdata.tools;

/** There is no superblock, or not one of the type that is expected: nothing leads to anything else. */
public final class SuperblockException extends ToolException {
    private static final long serialVersionUID = 1L;

    private final long block;

    SuperblockException(String message, long block, Throwable cause) {
        super(message, cause);
        this.block = block;
    }

    /** Where it should be. */
    public long block() {
        return block;
    }
}
