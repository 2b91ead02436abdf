package io.pdata.cli.manual;

import io.pdata.cli.Main;
import io.pdata.cli.tool.ExitStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import picocli.AutoComplete;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine;

/**
 * Writes the manual pages of all commands, and completion for bash and zsh, into a folder that is laid out as
 * {@code /usr/share}. {@code build/dist} calls it.
 */
public final class Manual {
    private static final String PROGRAM = "pdata";
    private static final String ALL_TOOLS = "pdata_tools";
    private static final List<String> POOL_EXITS = List.of("0 success", "1 it could not be done",
            "2 the command line is wrong", "70 a fault in the program itself: please report it",
            "71 memory or threads ran out; PDATA_JAVA=-Xmx4g gives more memory");
    private static final Set<String> SERVERS = Set.of("serve", "extract");
    private static final List<String> SERVER_EXITS = List.of("0 success", "1 it could not be done",
            "2 the command line is wrong", "70 a fault in the program itself: please report it",
            "71 the server cannot continue; a supervisor should start it again");
    /** zsh runs completions that were written for bash, but for one command that only tunes them. */
    private static final String ZSH = """
            #compdef %s
            autoload -U +X bashcompinit && bashcompinit
            (( $+functions[compopt] )) || compopt() { return 0 }
            source "${${(%%):-%%x}:A:h}/../../bash-completion/completions/$service"
            _bash_complete -o default -F "_complete_$service"
            """;

    private Manual() {}

    /** Takes the folder to write to, and the date of the pages. */
    public static void main(String[] arguments) throws IOException {
        Path share = Path.of(arguments[0]);
        write(share.resolve("man/man8"), pages(arguments[1]), ".8");
        write(share.resolve("bash-completion/completions"), completions(), "");
        String names = String.join(" ", completions().keySet());
        write(share.resolve("zsh/site-functions"), Map.of("_" + PROGRAM, ZSH.formatted(names)), "");
    }

    private static void write(Path folder, Map<String, String> texts, String suffix) throws IOException {
        Files.createDirectories(folder);
        for (Map.Entry<String, String> text : texts.entrySet()) {
            Files.writeString(folder.resolve(text.getKey() + suffix), text.getValue());
        }
    }

    /** The page of each command, by its name. */
    static Map<String, String> pages(String date) {
        CommandLine all = Main.commandLine();
        Map<String, String> pages = new TreeMap<>();
        SortedSet<String> names = new TreeSet<>(List.of(PROGRAM));
        all.getSubcommands().keySet().forEach(command -> names.add(pageName(command)));
        names.add(ALL_TOOLS);
        pages.put(PROGRAM, overview(all, names, date));
        pages.put(ALL_TOOLS, allTools(all, date));
        all.getSubcommands().forEach((command, line) -> {
            boolean tool = Main.tools().contains(command);
            String page = pageName(command);
            boolean exitsAsTool = tool || Main.own().contains(command);
            List<String> exits = exitsAsTool
                    ? ExitStatus.meanings(command)
                    : SERVERS.contains(command) ? SERVER_EXITS : POOL_EXITS;
            pages.put(page,
                    ManualPage.of(page, tool ? command : PROGRAM + " " + command, line, exits, names, date));
        });
        return pages;
    }

    private static String pageName(String command) {
        return Main.tools().contains(command) ? command : PROGRAM + "-" + command;
    }

    private static String overview(CommandLine all, SortedSet<String> names, String date) {
        Roff page = new Roff().title(PROGRAM, date, PROGRAM + " " + Main.version());
        page.section("Name").words(
                PROGRAM + " \\- metadata of thin, cache and era targets, and thin volumes in user space",
                true);
        page.section("Synopsis").words("\\fBpdata \\fICOMMAND ARGUMENTS\\fR", true);
        page.section("Description")
                .paragraph(
                        "Checks, dumps, restores and repairs the metadata of the device-mapper targets thin, cache and"
                                + " era, and serves thin volumes and their snapshots over NBD. A link to this program that is named"
                                + " as a tool, such as thin_check, is that tool; pdata links makes a folder of such links, for PATH"
                                + " or lvm.conf.");
        page.section("Commands");
        all.getSubcommands().forEach((command, line) -> page.term(command,
                line.getCommandSpec().usageMessage().description()[0]));
        page.section("Environment").term("PDATA_JAVA",
                "Options for the Java virtual machine, for example -Xmx8g, instead of the usual ones.");
        page.section("See also");
        names.stream().filter(name -> !name.equals(PROGRAM))
                .forEach(name -> page.words("\\fB" + Roff.literal(name) + "\\fR(8)", true));
        return page.toString();
    }

    private static String allTools(CommandLine all, String date) {
        Roff page = new Roff().title(ALL_TOOLS, date, PROGRAM + " " + Main.version());
        page.section("Name").words(ALL_TOOLS + " \\- the metadata tools of thin, cache and era targets", true);
        page.section("Synopsis").words("\\fBpdata_tools \\fITOOL ARGUMENTS\\fR", true);
        page.section("Description")
                .paragraph("Runs the tool that the first argument names, for scripts and advice written for"
                        + " the program of this name in thin-provisioning-tools. A tool has the same arguments, output and exit"
                        + " status as under its own name.");
        page.section("Tools");
        Main.tools().forEach(tool -> page.term(tool,
                all.getSubcommands().get(tool).getCommandSpec().usageMessage().description()[0]));
        page.section("Example").example(List.of("pdata_tools thin_check pool.img"));
        page.section("Exit status").paragraph("That of the tool; 64 if there is no such tool.");
        page.section("See also").words("\\fBpdata\\fR(8)", true);
        return page.toString();
    }

    /** A script for bash for each name that a command can be called by. */
    static Map<String, String> completions() {
        Map<String, String> scripts = new LinkedHashMap<>();
        scripts.put(PROGRAM, AutoComplete.bash(PROGRAM, Main.commandLine()));
        CommandLine allTools = new CommandLine(CommandSpec.create());
        Main.tools().forEach(tool -> allTools.addSubcommand(tool, Main.tool(tool)));
        scripts.put(ALL_TOOLS, AutoComplete.bash(ALL_TOOLS, allTools));
        for (String tool : Main.tools()) {
            scripts.put(tool, AutoComplete.bash(tool, Main.tool(tool)));
        }
        return scripts;
    }
}
