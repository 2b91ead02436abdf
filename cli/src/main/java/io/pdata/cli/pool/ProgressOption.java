package io.pdata.cli.pool;

import picocli.CommandLine.Option;

/** Whether the progress of a copy is shown. */
final class ProgressOption {
    @Option(names = "--progress", description = "Show progress also if standard error is no terminal.")
    private boolean always;

    /** Whether it is shown wherever standard error goes. */
    boolean always() {
        return always;
    }

    TransferLine line(Terminal terminal) {
        return new TransferLine(terminal, always);
    }
}
