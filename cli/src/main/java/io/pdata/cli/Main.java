package io.pdata.cli;

import io.pdata.cli.cache.CacheCheckCommand;
import io.pdata.cli.cache.CacheDumpCommand;
import io.pdata.cli.cache.CacheMetadataSizeCommand;
import io.pdata.cli.cache.CacheRepairCommand;
import io.pdata.cli.cache.CacheRestoreCommand;
import io.pdata.cli.cache.CacheWritebackCommand;
import io.pdata.cli.era.EraCheckCommand;
import io.pdata.cli.era.EraDumpCommand;
import io.pdata.cli.era.EraInvalidateCommand;
import io.pdata.cli.era.EraRepairCommand;
import io.pdata.cli.era.EraRestoreCommand;
import io.pdata.cli.pool.PoolMain;
import io.pdata.cli.thin.ThinCheckCommand;
import io.pdata.cli.thin.ThinDeltaCommand;
import io.pdata.cli.thin.ThinDumpCommand;
import io.pdata.cli.thin.ThinLsCommand;
import io.pdata.cli.thin.ThinMetadataPackCommand;
import io.pdata.cli.thin.ThinMetadataSizeCommand;
import io.pdata.cli.thin.ThinMetadataUnpackCommand;
import io.pdata.cli.thin.ThinMigrateCommand;
import io.pdata.cli.thin.ThinRepairCommand;
import io.pdata.cli.thin.ThinRestoreCommand;
import io.pdata.cli.thin.ThinRmapCommand;
import io.pdata.cli.thin.ThinShrinkCommand;
import io.pdata.cli.thin.ThinTrimCommand;
import io.pdata.cli.tool.Console;
import io.pdata.cli.tool.ExitStatus;
import io.pdata.cli.tool.ToolCommand;
import io.pdata.cli.tool.UsageErrors;
import io.pdata.cli.tool.Version;
import io.pdata.core.device.FileDevice;
import java.io.PrintStream;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import picocli.CommandLine;

/**
 * Where the program begins: {@code pdata COMMAND ARGUMENTS}. Only the command that is called is set up, which keeps the start
 * short.
 */
public final class Main {
    /** Those that stand in for thin-provisioning-tools, which can be called under their own names as well. */
    private static final Map<String, Function<Console, ToolCommand>> TOOLS = new LinkedHashMap<>();
    /** Further commands, and what they do. */
    private static final Map<String, Own> OWN = new LinkedHashMap<>();
    /** What they do is known to {@link PoolMain}, which is not loaded before one of them is called. */
    private static final Map<String, String> POOL_COMMANDS = new LinkedHashMap<>();

    private static final int PADDING = 10;
    private static final int WIDTH = 100;

    static {
        TOOLS.put("cache_check", CacheCheckCommand::new);
        TOOLS.put("cache_dump", CacheDumpCommand::new);
        TOOLS.put("cache_metadata_size", CacheMetadataSizeCommand::new);
        TOOLS.put("cache_repair", CacheRepairCommand::new);
        TOOLS.put("cache_restore", CacheRestoreCommand::new);
        TOOLS.put("cache_writeback", CacheWritebackCommand::new);
        TOOLS.put("era_check", EraCheckCommand::new);
        TOOLS.put("era_dump", EraDumpCommand::new);
        TOOLS.put("era_invalidate", EraInvalidateCommand::new);
        TOOLS.put("era_repair", EraRepairCommand::new);
        TOOLS.put("era_restore", EraRestoreCommand::new);
        TOOLS.put("thin_check", ThinCheckCommand::new);
        TOOLS.put("thin_delta", ThinDeltaCommand::new);
        TOOLS.put("thin_dump", ThinDumpCommand::new);
        TOOLS.put("thin_ls", ThinLsCommand::new);
        TOOLS.put("thin_metadata_pack", ThinMetadataPackCommand::new);
        TOOLS.put("thin_metadata_size", ThinMetadataSizeCommand::new);
        TOOLS.put("thin_metadata_unpack", ThinMetadataUnpackCommand::new);
        TOOLS.put("thin_migrate", ThinMigrateCommand::new);
        TOOLS.put("thin_repair", ThinRepairCommand::new);
        TOOLS.put("thin_restore", ThinRestoreCommand::new);
        TOOLS.put("thin_rmap", ThinRmapCommand::new);
        TOOLS.put("thin_shrink", ThinShrinkCommand::new);
        TOOLS.put("thin_trim", ThinTrimCommand::new);
        OWN.put("inspect",
                new Own("show what is in metadata: a block, a tree, a map of what is used", InspectCommand::new));
        OWN.put("links", new Own("make a folder of links named as the metadata tools, for PATH or lvm.conf",
                console -> new LinksCommand(console, TOOLS.keySet())));
        POOL_COMMANDS.put("serve", "serve the volumes of a pool over NBD; makes a pool if there is none");
        POOL_COMMANDS.put("pool", "create, status, resize, check");
        POOL_COMMANDS.put("volume", "create, list, resize, delete, rename");
        POOL_COMMANDS.put("snapshot", "create, list, delete, revert, diff");
        POOL_COMMANDS.put("send", "write a volume, or what has changed since a snapshot, as a stream");
        POOL_COMMANDS.put("receive", "make a volume out of such a stream");
        POOL_COMMANDS.put("extract", "copy a volume out of a pool, also out of a damaged one");
    }

    private record Own(String what, Function<Console, ToolCommand> maker) {}

    private Main() {}

    public static void main(String[] arguments) {
        int status = run(arguments, System.out, System.err);
        System.out.flush();
        System.err.flush();
        // An ordinary exit would first load all that logging needs, only to see that nobody wants to know about it.
        Runtime.getRuntime().halt(status);
    }

    /** Runs a tool; returns the exit status. */
    public static int run(String[] arguments, PrintStream out, PrintStream err) {
        if (arguments.length == 0) {
            usage(err);
            return ExitStatus.FAILURE;
        }
        String name = arguments[0];
        String[] rest = Arrays.copyOfRange(arguments, 1, arguments.length);
        Function<Console, ToolCommand> tool = OWN.containsKey(name) ? OWN.get(name).maker() : TOOLS.get(name);
        if (tool != null) {
            FileDevice.prepare(); // while the command line is being understood
            return runTool(tool.apply(new Console(out, err)), rest);
        }
        if (POOL_COMMANDS.containsKey(name)) {
            return PoolMain.run(arguments, out, err);
        }
        switch (name) {
        case "-h", "--help" -> usage(out);
        case "-V", "--version" -> out.println(Version.NUMBER);
        default -> {
            err.println("unrecognised command '" + name + "'");
            usage(err);
            return ExitStatus.FAILURE;
        }
        }
        return ExitStatus.OK;
    }

    private static int runTool(ToolCommand tool, String[] arguments) {
        int status = commandLine(tool).execute(tool.prepare(arguments));
        boolean lost = Console.hasLost(tool.console().out(), tool.console().err());
        return lost && status == ExitStatus.OK ? ExitStatus.FAILURE : status;
    }

    private static CommandLine commandLine(ToolCommand tool) {
        CommandLine line = tool.commandLine();
        line.setUnmatchedOptionsArePositionalParams(false);
        line.setExpandAtFiles(false);
        line.setParameterExceptionHandler(new UsageErrors(tool.console()));
        line.setExecutionExceptionHandler((e, _, _) -> tool.failed(e));
        return line;
    }

    /** All commands, as the manual and completion want to know them. */
    public static CommandLine commandLine() {
        CommandLine all = PoolMain.commandLine(System.out, System.err);
        Stream.of(TOOLS.keySet(), OWN.keySet()).flatMap(Set::stream)
                .forEach(name -> all.addSubcommand(name, tool(name)));
        return all;
    }

    /** The definition of one tool, or of another command of that kind. */
    public static CommandLine tool(String name) {
        Function<Console, ToolCommand> maker = OWN.containsKey(name) ? OWN.get(name).maker() : TOOLS.get(name);
        return commandLine(maker.apply(new Console(System.out, System.err)));
    }

    /** The tools that can be called by their own names. */
    public static Set<String> tools() {
        return TOOLS.keySet();
    }

    /** Commands that are called as {@code pdata NAME} and in all else are like tools. */
    public static Set<String> own() {
        return OWN.keySet();
    }

    /** Three numbers. */
    public static String version() {
        return Version.NUMBER;
    }

    private static void usage(PrintStream to) {
        to.println("Usage: pdata <command> <args>");
        to.println("thin volumes:");
        POOL_COMMANDS.forEach((name, what) -> explain(to, name, what));
        for (String kind : new String[]{"thin", "cache", "era"}) {
            to.println(kind + " metadata:");
            list(to, kind + "_");
        }
        to.println("further:");
        OWN.forEach((name, own) -> explain(to, name, own.what()));
        to.println("Each command explains itself with --help. Examples: pdata serve ./pool; pdata thin_check --help");
    }

    private static void explain(PrintStream to, String name, String what) {
        to.println("  " + name + " ".repeat(PADDING - name.length()) + what);
    }

    /** Names with a common beginning, as many in a line as it has room for. */
    private static void list(PrintStream to, String prefix) {
        StringBuilder line = new StringBuilder();
        for (String name : TOOLS.keySet()) {
            if (!name.startsWith(prefix)) {
                continue;
            }
            if (line.length() + 2 + name.length() > WIDTH) {
                to.println(line);
                line.setLength(0);
            }
            line.append("  ").append(name);
        }
        to.println(line);
    }
}
