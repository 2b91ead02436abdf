package io.pdata.cli.manual;

import io.pdata.cli.Main;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine;

/** The manual page of one command, with those below it, made of its definition. */
final class ManualPage {
    private static final String SECTION = "(8)";

    private final Roff page = new Roff();
    private final String name;

    private ManualPage(String name) {
        this.name = name;
    }

    /**
     * Makes a page.
     *
     * @param name what the page is called
     * @param command how the command is called
     * @param exits the exit statuses, and what each means
     * @param others the names of all pages
     * @param date of the page
     */
    static String of(String name, String command, CommandLine line, List<String> exits, Collection<String> others,
            String date) {
        ManualPage manual = new ManualPage(name);
        CommandSpec spec = line.getCommandSpec();
        manual.page.title(name, date, "pdata " + Main.version()).section("Name")
                .words(Roff.literal(name) + " \\- " + withoutDot(description(spec).getFirst()), true);
        manual.page.section("Synopsis");
        manual.synopsis(command, line);
        manual.page.section("Description");
        description(spec).forEach(manual.page::paragraph);
        if (line.getSubcommands().isEmpty()) {
            manual.arguments(spec, "Arguments", "Options");
            manual.examples(spec);
        } else {
            manual.page.section("Commands");
            line.getSubcommands().forEach((below, it) -> manual.command(command + " " + below, it));
        }
        manual.page.section("Exit status");
        exits.forEach(exit -> manual.page.term(exit.substring(0, exit.indexOf(' ')),
                exit.substring(exit.indexOf(' ') + 1)));
        manual.seeAlso(others);
        return manual.page.toString();
    }

    private void command(String command, CommandLine line) {
        CommandSpec spec = line.getCommandSpec();
        page.subsection(command);
        page.words("\\fB" + Roff.literal(usage(command, spec)) + "\\fR", true);
        description(spec).forEach(page::paragraph);
        terms(spec);
        List<String> lines = exampleLines(spec);
        if (!lines.isEmpty()) {
            page.paragraph(lines.size() == 1 ? "Example:" : "Examples:").example(lines);
        }
    }

    private void synopsis(String command, CommandLine line) {
        if (line.getSubcommands().isEmpty()) {
            String[] own = line.getCommandSpec().usageMessage().customSynopsis();
            List<String> lines = own.length > 0 ? List.of(own) : List.of(usage(command, line.getCommandSpec()));
            page.words(lines.stream().map(each -> "\\fB" + Roff.literal(each.strip()) + "\\fR")
                    .collect(Collectors.joining("\n.br\n")), true);
        } else {
            page.words("\\fB" + Roff.literal(command + " COMMAND ARGUMENTS...") + "\\fR", true);
        }
    }

    private static String usage(String command, CommandSpec spec) {
        Stream<String> needed = spec.options().stream().filter(option -> option.required() && !option.hidden())
                .map(ManualPage::term);
        Stream<String> parameters = spec.positionalParameters().stream().filter(parameter -> !parameter.hidden())
                .map(parameter -> parameter.required() ? parameter.paramLabel() : "[" + parameter.paramLabel() + "]");
        return Stream.of(Stream.of(command, "[OPTIONS]"), needed, parameters).flatMap(words -> words)
                .collect(Collectors.joining(" "));
    }

    private void arguments(CommandSpec spec, String parameters, String options) {
        if (spec.positionalParameters().stream().anyMatch(parameter -> !parameter.hidden())) {
            page.section(parameters);
            positionals(spec);
        }
        page.section(options);
        options(spec);
    }

    private void terms(CommandSpec spec) {
        positionals(spec);
        options(spec);
    }

    private void positionals(CommandSpec spec) {
        for (PositionalParamSpec parameter : spec.positionalParameters()) {
            if (!parameter.hidden()) {
                page.term(parameter.paramLabel(), text(parameter));
            }
        }
    }

    private void options(CommandSpec spec) {
        List<OptionSpec> options = new ArrayList<>(spec.options());
        options.removeIf(OptionSpec::hidden);
        options.sort(Comparator.comparing(OptionSpec::longestName));
        options.forEach(option -> page.term(term(option), text(option)));
    }

    /** All names of an option, shortest first, and the label of its value. */
    private static String term(OptionSpec option) {
        String names = Arrays.stream(option.names()).sorted(Comparator.comparingInt(String::length))
                .collect(Collectors.joining(", "));
        String label = option.paramLabel();
        if (option.arity().max() == 0 || label.startsWith("[")) {
            return names + (option.arity().max() == 0 ? "" : label);
        }
        return names + " " + label;
    }

    private static String text(ArgSpec argument) {
        String text = String.join(" ", argument.description());
        return text.replace("${DEFAULT-VALUE}", "" + argument.defaultValue()).replace("%%", "%");
    }

    private static List<String> description(CommandSpec spec) {
        return Arrays.asList(spec.usageMessage().description());
    }

    private static String withoutDot(String sentence) {
        return sentence.endsWith(".") ? sentence.substring(0, sentence.length() - 1) : sentence;
    }

    private void examples(CommandSpec spec) {
        List<String> lines = exampleLines(spec);
        if (!lines.isEmpty()) {
            page.section(lines.size() == 1 ? "Example" : "Examples").example(lines);
        }
    }

    private static List<String> exampleLines(CommandSpec spec) {
        return Arrays.stream(spec.usageMessage().footer()).map(String::strip)
                .filter(line -> !line.isEmpty() && !line.equals("Example:") && !line.equals("Examples:")).toList();
    }

    private void seeAlso(Collection<String> others) {
        String prefix = name.replaceFirst("[_-].*", "");
        String list = others.stream()
                .filter(other -> !other.equals(name) && other.startsWith(prefix) || other.equals("pdata"))
                .filter(other -> !other.equals(name)).map(other -> "\\fB" + Roff.literal(other) + "\\fR" + SECTION)
                .collect(Collectors.joining(", "));
        page.section("See also").words(list, true);
    }
}
