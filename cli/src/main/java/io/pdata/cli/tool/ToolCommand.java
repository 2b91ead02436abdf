package io.pdata.cli.tool;

import io.pdata.core.device.PersistentDataException;
import io.pdata.tools.text.OutputException;
import java.io.PrintStream;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine;

/**
 * What all tools have in common: help, a version, and how they fail. What a tool works on are parameters and options of its own.
 */
public abstract class ToolCommand {
    private final Console console;
    private final CommandSpec spec = CommandSpec.wrapWithoutInspection(this);
    private Definition definition;
    private Set<OptionSpec> given = Set.of();
    private boolean help;
    private boolean version;

    protected ToolCommand(Console console) {
        this.console = console;
    }

    /** Says what the tool is, and what it takes on its command line, beside help and version. */
    protected abstract void define(Definition tool);

    /** Its command line, for the manual and for completion. To be called once, and not together with {@link #execute}. */
    public final CommandLine commandLine() {
        return new CommandLine(definition().spec());
    }

    private Definition definition() {
        definition = new Definition(spec);
        definition.flagInstead("-h", "--help").means("Show this text").into(on -> help = on);
        definition.flagInstead("-V", "--version").means("Show the version").into(on -> version = on);
        define(definition);
        return definition;
    }

    /** Reads the command line and carries it out; returns the exit status. To be called once. */
    public final int execute(String... arguments) {
        int status = executeOrFail(arguments);
        if (status == ExitStatus.FAILURE || status == ExitStatus.CHECK_FIRST) {
            String wrong = wrongInput();
            if (wrong != null) {
                console.problem(wrong);
            }
        }
        return status;
    }

    private int executeOrFail(String... arguments) {
        try {
            given = new ArgumentParser(definition()).parse(prepare(arguments));
            if (help) {
                console.out().print(HelpText.of(spec));
                return ExitStatus.OK;
            }
            if (version) {
                console.out().println(version());
                return ExitStatus.OK;
            }
            return run();
        } catch (UsageException e) {
            console.err().println("error: " + e.getMessage() + "\n\nFor more information, try '--help'.");
            return ExitStatus.USAGE;
        } catch (RuntimeException e) {
            return failed(e);
        } catch (OutOfMemoryError | StackOverflowError e) {
            return exhausted(e, console.err());
        }
    }

    /** Reports that memory or threads have run out; returns the exit status. */
    public static int exhausted(VirtualMachineError e, PrintStream err) {
        err.println((e instanceof StackOverflowError ? "stack overflow" : "out of memory: " + e.getMessage())
                + "; give the program more: PDATA_JAVA='" + (e instanceof StackOverflowError ? "-Xss16m" : "-Xmx4g")
                + "'");
        return ExitStatus.RESOURCES;
    }

    /** Does the work; returns the exit status. */
    protected abstract int run();

    /** Advice about an input of the wrong kind: its kind, and the tool for it; otherwise null. */
    protected final String wrongInput() {
        return definition.wrongInput();
    }

    /** What {@code --version} shows. */
    protected String version() {
        return Version.OF_TOOLS;
    }

    public final Console console() {
        return console;
    }

    /** A last look at the arguments, before they are parsed. */
    protected String[] prepare(String[] arguments) {
        return arguments;
    }

    /** Refuses a command line that lacks an option which others make necessary. */
    protected final void require(String... options) {
        List<OptionSpec> missing = Stream.of(options).map(spec::findOption).filter(option -> !given.contains(option))
                .toList();
        if (!missing.isEmpty()) {
            throw new UsageErrors(spec).missing(missing, given);
        }
    }

    /** Says what went wrong; returns the exit status. */
    private int failed(RuntimeException e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof OutOfMemoryError || cause instanceof StackOverflowError) {
                return exhausted((VirtualMachineError) cause, console.err()); // in another thread
            }
        }
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
