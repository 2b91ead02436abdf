package io.pdata.cli.tool;

import picocli.CommandLine.ParameterException;
import picocli.CommandLine;

/** Options were given that cannot be given together. */
final class ConflictException extends ParameterException {
    private static final long serialVersionUID = 1L;

    private final String option;
    private final String[] others;

    ConflictException(CommandLine line, String option, String... others) {
        super(line, "options that cannot be given together");
        this.option = option;
        this.others = others;
    }

    String option() {
        return option;
    }

    String[] others() {
        return others;
    }
}
