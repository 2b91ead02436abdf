package io.pdata.cli.tool;

/** The command line is wrong; the message says how, and shows how the tool is called. */
final class UsageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UsageException(String message) {
        super(message);
    }
}
