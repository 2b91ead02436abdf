package io.pdata.cli.tool;

import io.pdata.core.device.PersistentDataException;
import io.pdata.tools.text.OutputException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine;

/**
 * What all tools have in common: help, a version, and how they fail. What a tool works on are parameters and options of its own.
 */
public abstract class ToolCommand implements Callable<Integer> {
    private final Console console;
    private final CommandSpec spec = CommandSpec.wrapWithoutInspection(this);
    private boolean help;
    private boolean version;

    protected ToolCommand(Console console) {
        this.console = console;
    }

    /** Says what the tool is, and what it takes on its command line, beside help and version. */
    protected abstract void define(Definition tool);

    /** Its command line. To be called once. */
    public final CommandLine commandLine() {
        Definition definition = new Definition(spec);
        definition.flagInstead("-h", "--help").means("Print help").into(on -> help = on);
        definition.flagInstead("-V", "--version").means("Print version").into(on -> version = on);
        define(definition);
        return new CommandLine(spec);
    }

    /** Does the work; returns the exit status. */
    protected abstract int run();

    public final Console console() {
        return console;
    }

    /** A last look at the arguments, before they are parsed. */
    public String[] prepare(String[] arguments) {
        return arguments;
    }

    /**
     * Refuses options that make no sense together; for {@link #run} to call first.
     *
     * @param option the long name of an option
     * @param others the long names of those that it cannot be given with
     */
    protected final void refuse(String option, String... others) {
        ParseResult given = spec.commandLine().getParseResult();
        if (given.hasMatchedOption(option)) {
            String[] refused = Stream.of(others).filter(given::hasMatchedOption).toArray(String[]::new);
            if (refused.length > 0) {
                throw new ConflictException(spec.commandLine(), option, refused);
            }
        }
    }

    /** Refuses a command line that lacks an option which others make necessary. */
    protected final void require(String... options) {
        ParseResult given = spec.commandLine().getParseResult();
        List<ArgSpec> missing = Stream.of(options).filter(option -> !given.hasMatchedOption(option))
                .<ArgSpec>map(spec::findOption).toList();
        if (!missing.isEmpty()) {
            throw new MissingParameterException(spec.commandLine(), missing, "options are missing");
        }
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
        return run();
    }

    /** Says what went wrong; returns the exit status. */
    public final int failed(Exception e) {
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
