package io.pdata.cli.pool;

import io.pdata.cli.tool.Console;
import io.pdata.cli.tool.Reasons;
import io.pdata.cli.tool.ToolCommand;
import io.pdata.core.device.PersistentDataException;
import io.pdata.replication.TransferException;
import io.pdata.server.Answer;
import io.pdata.server.ErrorReport;
import io.pdata.server.Json;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine;

/** The commands for pools of volumes. */
@Command(name = "pdata", description = "Thin volumes and snapshots in user space.")
public final class PoolMain {
    static final int OK = 0;
    static final int FAILURE = 1;
    private static final int USAGE = 2;
    private static final int INTERNAL = 70;
    private static final int HELP_WIDTH = 100;

    @Option(names = {"-h", "--help"}, usageHelp = true, description = "Print help.")
    private boolean help;

    private PoolMain() {}

    /** Runs a command; returns the exit status. */
    public static int run(String[] arguments, PrintStream out, PrintStream err) {
        int status;
        try {
            status = commandLine(out, err).execute(arguments);
        } catch (OutOfMemoryError | StackOverflowError e) {
            return ToolCommand.exhausted(e, err);
        }
        return Console.hasLost(out, err) && status == OK ? FAILURE : status;
    }

    /** The definitions of the commands. */
    public static CommandLine commandLine(PrintStream out, PrintStream err) {
        Terminal terminal = new Terminal(out, err);
        CommandLine line = new CommandLine(new PoolMain());
        line.addSubcommand(new ServeCommand(terminal));
        line.addSubcommand(new PoolCommands(terminal));
        line.addSubcommand(new VolumeCommands(terminal));
        line.addSubcommand(new SnapshotCommands(terminal));
        line.addSubcommand(new SendCommand(terminal));
        line.addSubcommand(new ReceiveCommand(terminal));
        line.addSubcommand(new ExtractCommand(terminal));
        line.setOut(new PrintWriter(out, true));
        line.setErr(new PrintWriter(err, true));
        line.setExpandAtFiles(false);
        line.setUsageHelpWidth(HELP_WIDTH);
        layOut(line);
        line.setParameterExceptionHandler((e, _) -> misused(e, err));
        line.setExecutionExceptionHandler((e, failed, parsed) -> failed(e, isJson(parsed), terminal.err(),
                failed.getCommand() instanceof BinaryOutput binary && binary.writesToStandardOutput()
                        ? terminal.err()
                        : terminal.out()));
        return line;
    }

    private static void layOut(CommandLine line) {
        line.getCommandSpec().usageMessage().descriptionHeading("%n").parameterListHeading("%nArguments:%n")
                .optionListHeading("%nOptions:%n").commandListHeading("%nCommands:%n");
        line.getSubcommands().values().forEach(PoolMain::layOut);
    }

    private static int misused(ParameterException e, PrintStream err) {
        String name = e.getCommandLine().getCommandSpec().qualifiedName();
        err.println(name + ": " + e.getMessage());
        err.println("Try '" + name + " --help'.");
        return USAGE;
    }

    private static boolean isJson(ParseResult parsed) {
        ParseResult last = parsed;
        while (last.hasSubcommand()) {
            last = last.subcommand();
        }
        return last.hasMatchedOption("--json");
    }

    private static int failed(Exception e, boolean json, PrintStream err, PrintStream answers) {
        if (e instanceof TransferException transfer && transfer.isBrokenPipe()) {
            return FAILURE; // nobody reads any more: nothing to complain about
        }
        ErrorReport error = switch (e) {
        case PersistentDataException expected -> ErrorReport.of(expected);
        case IOException expected -> new ErrorReport("FAILED", Reasons.of(expected));
        default -> null;
        };
        if (error == null) {
            err.println("internal error, please report it:");
            e.printStackTrace(err);
            return INTERNAL;
        }
        if (json) {
            answers.println(Json.pretty(Answer.of(error)));
        } else {
            err.println("pdata: " + error.message());
        }
        return FAILURE;
    }
}
