package io.pdata.cli;

import io.pdata.core.device.PersistentDataException;
import io.pdata.tools.text.OutputException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What all tools have in common: one input, help, a version, and how they fail. */
abstract class ToolCommand implements Callable<Integer> {
    private final Console console;

    @Spec
    private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "<INPUT>", description = "Specify the input device or file")
    private Path input;

    @Option(names = {"-h", "--help"}, help = true, description = "Print help")
    private boolean help;

    @Option(names = {"-V", "--version"}, help = true, description = "Print version")
    private boolean version;

    ToolCommand(Console console) {
        this.console = console;
    }

    /** Does the work; returns the exit status. */
    abstract int run(Path metadata);

    final Console console() {
        return console;
    }

    /** A last look at the arguments, before they are parsed. */
    String[] prepare(String[] arguments) {
        return arguments;
    }

    @Override
    public final Integer call() {
        if (help) {
            console.out().print(HelpText.of(spec));
            return ExitStatus.OK;
        }
        if (version) {
            console.out().println(Version.NUMBER);
            return ExitStatus.OK;
        }
        return run(input);
    }

    /** Says what went wrong; returns the exit status. */
    final int failed(Exception e) {
        switch (e) {
        case OutputException output when output.isBrokenPipe() -> {
        }
        case PersistentDataException expected -> console.problem(expected.getMessage());
        default -> {
            console.err().println("internal error, please report it:");
            e.printStackTrace(console.err());
            return ExitStatus.INTERNAL;
        }
        }
        return ExitStatus.FAILURE;
    }
}
