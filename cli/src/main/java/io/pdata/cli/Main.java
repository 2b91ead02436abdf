package io.pdata.cli;

import io.pdata.cli.pool.PoolMain;
import io.pdata.cli.tool.Console;
import io.pdata.cli.tool.ExitStatus;
import io.pdata.cli.tool.ToolCommand;
import io.pdata.cli.tool.Version;
import io.pdata.core.device.FileDevice;
import java.io.PrintStream;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine;

/**
 * Where the program begins: {@code pdata COMMAND ARGUMENTS}. Only the command that is called is set up, which keeps the start
 * short.
 */
public final class Main {
    /** Further commands, and what they do. */
    private static final Map<String, Own> OWN = new LinkedHashMap<>();
    /** What they do is known to {@link PoolMain}, which is not loaded before one of them is called. */
    private static final Map<String, String> POOL_COMMANDS = new LinkedHashMap<>();

    private static final int PADDING = 10;

    static {
        OWN.put("inspect",
                new Own("show what is in metadata: a block, a tree, a map of what is used", InspectCommand::new));
        OWN.put("links", new Own("make a folder of links named as the metadata tools, for PATH or lvm.conf",
                console -> new LinksCommand(console, programs())));
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
        Function<Console, ToolCommand> tool = maker(name);
        if (tool != null) {
            return run(tool.apply(new Console(out, err)), rest);
        }
        if (name.equals(Tools.PROGRAM)) {
            return Tools.run(rest, out, err);
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

    private static Function<Console, ToolCommand> maker(String name) {
        return OWN.containsKey(name) ? OWN.get(name).maker() : Tools.maker(name);
    }

    static int run(ToolCommand tool, String[] arguments) {
        FileDevice.prepare(); // while the command line is being understood
        int status = tool.execute(arguments);
        boolean lost = Console.hasLost(tool.console().out(), tool.console().err());
        return lost && status == ExitStatus.OK ? ExitStatus.FAILURE : status;
    }

    /** All commands, for the manual and for completion. */
    public static CommandLine commandLine() {
        CommandLine all = PoolMain.commandLine(System.out, System.err);
        Stream.of(Tools.names(), OWN.keySet()).flatMap(Set::stream)
                .forEach(name -> all.addSubcommand(name, tool(name)));
        return all;
    }

    /** The definition of one tool, or of another command of that kind. */
    public static CommandLine tool(String name) {
        return maker(name).apply(new Console(System.out, System.err)).commandLine();
    }

    /** The tools that can be called by their own names. */
    public static Set<String> tools() {
        return Tools.names();
    }

    /** The names that a link to the program can have: each makes it that program. */
    static List<String> programs() {
        return Stream.concat(Tools.names().stream(), Stream.of(Tools.PROGRAM)).toList();
    }

    /** Commands that are called as {@code pdata NAME} and in all else are like tools. */
    public static Set<String> own() {
        return OWN.keySet();
    }

    /** All commands of {@code pdata} that are not programs of thin-provisioning-tools. */
    static Set<String> commands() {
        return Stream.of(OWN.keySet(), POOL_COMMANDS.keySet()).flatMap(Set::stream)
                .collect(Collectors.toUnmodifiableSet());
    }

    /** Three numbers. */
    public static String version() {
        return Version.NUMBER;
    }

    private static void usage(PrintStream to) {
        to.println("Usage: pdata <command> <args>");
        to.println("thin volumes:");
        POOL_COMMANDS.forEach((name, what) -> explain(to, name, what));
        Tools.list(to);
        to.println("further:");
        OWN.forEach((name, own) -> explain(to, name, own.what()));
        to.println("Each command explains itself with --help. Examples: pdata serve ./pool; pdata thin_check --help");
    }

    private static void explain(PrintStream to, String name, String what) {
        to.println("  " + name + " ".repeat(PADDING - name.length()) + what);
    }
}
