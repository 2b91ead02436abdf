package io.pdata.cli.manual;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.pdata.cli.Main;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Manual pages and completion know all commands and options that {@code --help} knows. */
class ManualTest {
    private static final String DATE = "2025-11-22";

    @TempDir
    Path folder;

    /** Each command that has no further ones below it, by the page it is on and its own name. */
    private static Map<String, CommandSpec> commands() {
        Map<String, CommandSpec> commands = new LinkedHashMap<>();
        Main.commandLine().getSubcommands().forEach((name, line) -> {
            String page = Main.tools().contains(name) ? name : "pdata-" + name;
            if (line.getSubcommands().isEmpty()) {
                commands.put(page, line.getCommandSpec());
            }
            line.getSubcommands().forEach((below, it) -> commands.put(page + " " + below, it.getCommandSpec()));
        });
        return commands;
    }

    private static List<String> options(CommandSpec command) {
        return command.options().stream().filter(option -> !option.hidden()).map(OptionSpec::longestName).toList();
    }

    @Test
    void eachCommandHasAPageWithItsOptionsAndExamples() {
        Map<String, String> pages = Manual.pages(DATE);
        assertThat(commands()).hasSizeGreaterThan(20);
        commands().forEach((command, spec) -> {
            String page = pages.get(command.replaceFirst(" .*", ""));
            assertThat(page).as(command).isNotNull();
            assertThat(options(spec).stream().map(Roff::literal)).as(command).allMatch(page::contains);
            for (String example : spec.usageMessage().footer()) {
                assertThat(page).as(command).contains(Roff.literal(example.strip().replaceAll("^Examples?:$", "")));
            }
            assertThat(page).as(command).doesNotContain("${").doesNotContain("%n").doesNotContain("@|");
        });
        assertThat(pages.get("pdata")).contains("\\fBthin_dump\\fR(8)", "\\fBpdata\\-serve\\fR(8)");
    }

    /** A line with a dot or a quotation mark in front would be taken for a request, a backslash for an escape. */
    @Test
    void wordsAreNotTakenForRequests() {
        assertThat(new Roff().words(".hidden").words("'quoted'").words("back\\slash").toString())
                .isEqualTo("\\&.hidden\n\\&'quoted'\nback\\eslash\n");
        assertThat(Roff.literal("--json")).isEqualTo("\\-\\-json");
    }

    @Test
    void pagesAreSoundForGroff() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/groff")), "no groff");
        for (Map.Entry<String, String> page : Manual.pages(DATE).entrySet()) {
            Path file = Files.writeString(folder.resolve(page.getKey()), page.getValue());
            assertThat(run("groff", "-man", "-ww", "-z", "-Tascii", file.toString())).as(page.getKey()).isEmpty();
        }
    }

    @Test
    void pagesAreSoundForMandoc() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/mandoc")), "no mandoc");
        for (Map.Entry<String, String> page : Manual.pages(DATE).entrySet()) {
            Path file = Files.writeString(folder.resolve(page.getKey() + ".8"), page.getValue());
            assertThat(run("mandoc", "-Tlint", "-Wwarning", file.toString())).as(page.getKey()).isEmpty();
        }
    }

    /** In an interactive zsh on a terminal of its own; what it answers is waited for. */
    @Test
    void zshCompletesCommandsAndOptions() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/zsh")) || Files.isExecutable(Path.of("/bin/zsh")), "no zsh");
        Manual.main(new String[]{folder.toString(), DATE});
        assertThat(zsh("pdata extract --sal", "--salvage")).doesNotContain("not found");
        assertThat(zsh("thin_check --super", "--super-block-only")).doesNotContain("not found");
    }

    private String zsh(String typed, String completed) throws Exception {
        String script = """
                zmodload zsh/zpty
                zpty z zsh -f -i
                zpty -w z 'PS1=; fpath=(%s $fpath); autoload -Uz compinit; compinit -u -D'
                zpty -w -n z '%s'$'\\t'
                zpty -r z said '*%s*'
                print -r -- $said
                """.formatted(folder.resolve("zsh/site-functions"), typed, completed);
        String said = run("timeout", "60", "zsh", "-f", "-c", script);
        assertThat(said).contains(completed);
        return said;
    }

    @Test
    void bashCompletesCommandsAndOptions() throws Exception {
        Manual.main(new String[]{folder.toString(), DATE});
        Path scripts = folder.resolve("bash-completion/completions");
        try (Stream<Path> files = Files.list(scripts)) {
            assertThat(files.map(file -> file.getFileName().toString())).contains("pdata").containsAll(Main.tools());
        }
        for (String tool : Main.tools()) {
            List<String> options = options(Main.tool(tool).getCommandSpec());
            assertThat(completed(scripts, tool, "--")).as(tool).containsAll(options);
        }
        assertThat(completed(scripts, "pdata", "thin_d")).contains("thin_dump");
        assertThat(completed(scripts, "pdata", "volume", "resi")).containsExactly("resize");
        assertThat(completed(scripts, "pdata", "snapshot", "diff", "--js")).containsExactly("--json");
    }

    private static List<String> completed(Path scripts, String program, String... words) throws Exception {
        String line = Stream.of(words).collect(Collectors.joining(" "));
        String script = "source '%s/%s'; COMP_WORDS=(%s %s); COMP_CWORD=%d; _complete_%s; printf '%%s\\n' ${COMPREPLY[@]}"
                .formatted(scripts, program, program, line, words.length, program);
        return run("bash", "-c", script).lines().filter(it -> !it.contains("compopt: not currently")).toList();
    }

    private static String run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return output;
    }
}
