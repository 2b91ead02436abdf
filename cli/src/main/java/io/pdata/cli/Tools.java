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
import io.pdata.cli.tool.Version;
import java.io.PrintStream;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * The programs of thin-provisioning-tools: each is called under its own name, as {@code pdata NAME}, or as
 * {@code pdata_tools NAME}.
 */
final class Tools {
    /** The name of the program of thin-provisioning-tools that is all of them. */
    static final String PROGRAM = "pdata_tools";

    private static final int WIDTH = 100;
    private static final Map<String, Function<Console, ToolCommand>> TOOLS = new LinkedHashMap<>();

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
    }

    private Tools() {}

    static Set<String> names() {
        return TOOLS.keySet();
    }

    /** What makes the tool of this name, or null if there is none. */
    static Function<Console, ToolCommand> maker(String name) {
        return TOOLS.get(name);
    }

    /** Runs {@code pdata_tools} with these arguments; returns the exit status. */
    static int run(String[] arguments, PrintStream out, PrintStream err) {
        if (arguments.length == 0) {
            usage(err);
            return ExitStatus.FAILURE;
        }
        String first = arguments[0];
        // As there, a tool may be named with a folder: scripts put the program in front of the path of a tool.
        Function<Console, ToolCommand> maker = maker(first.substring(first.lastIndexOf('/') + 1));
        if (maker != null) {
            return Main.run(maker.apply(new Console(out, err)), Arrays.copyOfRange(arguments, 1, arguments.length));
        }
        switch (first) {
        case "-h", "--help" -> usage(out);
        case "-V", "--version" -> out.println(Version.OF_TOOLS);
        default -> {
            err.println("unrecognised command '" + first + "'"
                    + (Main.commands().contains(first) ? "; it is one of pdata's: pdata " + first : ""));
            usage(err);
            return ExitStatus.FAILURE;
        }
        }
        return ExitStatus.OK;
    }

    private static void usage(PrintStream to) {
        to.println("Usage: pdata_tools <tool> <args>");
        list(to);
        to.println("Each tool explains itself with --help. Example: pdata_tools thin_check --help");
    }

    /** Prints the names of all tools by kind. */
    static void list(PrintStream to) {
        for (String kind : new String[]{"thin", "cache", "era"}) {
            to.println(kind + " metadata:");
            list(to, kind + "_");
        }
    }

    /** Prints the names with a common prefix, as many in a line as fit. */
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
