package io.pdata.cli;

import java.io.PrintStream;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import picocli.CommandLine;

/**
 * Where the program begins: {@code pdata TOOL ARGUMENTS}. Only the tool that is called is set up, which keeps the start
 * short.
 */
public final class Main {
    private static final Map<String, Function<Console, ToolCommand>> TOOLS = new LinkedHashMap<>();

    static {
        TOOLS.put("cache_check", CacheCheckCommand::new);
        TOOLS.put("cache_dump", CacheDumpCommand::new);
        TOOLS.put("era_check", EraCheckCommand::new);
        TOOLS.put("era_dump", EraDumpCommand::new);
        TOOLS.put("thin_check", ThinCheckCommand::new);
        TOOLS.put("thin_dump", ThinDumpCommand::new);
    }

    private Main() {}

    public static void main(String[] arguments) {
        System.exit(run(arguments, System.out, System.err));
    }

    /** Runs a tool; returns the exit status. */
    static int run(String[] arguments, PrintStream out, PrintStream err) {
        if (arguments.length == 0) {
            usage(err);
            return ExitStatus.FAILURE;
        }
        String name = arguments[0];
        String[] rest = Arrays.copyOfRange(arguments, 1, arguments.length);
        Function<Console, ToolCommand> tool = TOOLS.get(name);
        if (tool != null) {
            return runTool(tool.apply(new Console(out, err)), rest);
        }
        switch (name) {
        case "-h", "--help" -> usage(out);
        case "-V", "--version" -> out.println(Version.NUMBER);
        default -> {
            err.println("unrecognised command");
            usage(err);
            return ExitStatus.FAILURE;
        }
        }
        return ExitStatus.OK;
    }

    private static int runTool(ToolCommand tool, String[] arguments) {
        CommandLine line = new CommandLine(tool);
        line.setUnmatchedOptionsArePositionalParams(false);
        line.setExpandAtFiles(false);
        line.setParameterExceptionHandler(new UsageErrors(tool.console()));
        line.setExecutionExceptionHandler((e, _, _) -> tool.failed(e));
        return line.execute(tool.prepare(arguments));
    }

    private static void usage(PrintStream to) {
        to.println("Usage: pdata <command> <args>");
        to.println("commands:");
        TOOLS.keySet().forEach(name -> to.println("  " + name));
        to.println("Each command explains itself with --help. Example: pdata thin_check --help");
    }
}
