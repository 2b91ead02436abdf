package io.pdata.cli.tool;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * The help of a tool, laid out as thin-provisioning-tools do, with an example at the end. A tool's usage line is made of its
 * options and parameters, unless it has a synopsis of its own.
 */
final class HelpText {
    /** Begins the label of a value that may be left out; it then follows the option's name without a blank. */
    private static final String OPTIONAL_VALUE = "[";

    /** Options that every tool has, and that a usage line does not hint at. */
    private static final Set<String> ALWAYS = Set.of("--help", "--version");

    private HelpText() {}

    static String of(CommandSpec spec) {
        StringBuilder text = new StringBuilder();
        text.append(String.join("\n", spec.usageMessage().description())).append("\n\n");
        text.append(usage(spec)).append("\n\n");
        appendPositionals(text, spec);
        text.append("Options:\n");
        appendOptions(text, spec);
        String[] examples = spec.usageMessage().footer();
        text.append(examples.length == 1 ? "\nExample:\n  " : "\nExamples:\n  ").append(String.join("\n  ", examples))
                .append('\n');
        text.append("\nExit status:\n");
        ExitStatus.meanings(spec.name()).forEach(each -> text.append("  ").append(each).append('\n'));
        return text.toString();
    }

    /** One line: how the tool is called. */
    static String usage(CommandSpec spec) {
        String[] synopsis = spec.usageMessage().customSynopsis();
        if (synopsis.length > 0) {
            return "Usage: " + String.join("\n       ", synopsis);
        }
        boolean hasOthers = spec.options().stream()
                .anyMatch(option -> !option.required() && !option.hidden() && !ALWAYS.contains(option.longestName()));
        return "Usage: " + spec.name() + (hasOthers ? " [OPTIONS]" : "") + needed(spec);
    }

    /** One line: what cannot be left out, beside some options; or the synopsis that a tool has of its own. */
    static String usageWith(CommandSpec spec, List<OptionSpec> options) {
        String given = options.stream().filter(option -> !option.required()).map(option -> " " + name(option))
                .collect(Collectors.joining());
        return spec.usageMessage().customSynopsis().length > 0
                ? usage(spec)
                : "Usage: " + spec.name() + given + needed(spec);
    }

    /** Whether anything can stand beside the options. */
    static boolean hasParameters(CommandSpec spec) {
        return !visible(spec).isEmpty();
    }

    /** What cannot be left out. */
    static String needed(CommandSpec spec) {
        StringBuilder text = new StringBuilder();
        spec.options().stream().filter(OptionSpec::required).forEach(option -> text.append(' ').append(name(option)));
        visible(spec).forEach(parameter -> text.append(' ').append(parameter.paramLabel()));
        return text.toString();
    }

    /** An option as messages name it: its long name, and its value. */
    static String name(OptionSpec option) {
        String label = option.paramLabel();
        if (label.startsWith(OPTIONAL_VALUE)) {
            return option.longestName() + label;
        }
        return option.longestName() + (option.arity().max() > 0 ? " " + label : "");
    }

    private static List<PositionalParamSpec> visible(CommandSpec spec) {
        return spec.positionalParameters().stream().filter(parameter -> !parameter.hidden()).toList();
    }

    private static void appendPositionals(StringBuilder text, CommandSpec spec) {
        if (visible(spec).isEmpty()) {
            return;
        }
        text.append("Arguments:\n");
        for (PositionalParamSpec parameter : visible(spec)) {
            text.append("  ").append(parameter.paramLabel()).append("  ").append(parameter.description()[0])
                    .append('\n');
        }
        text.append('\n');
    }

    private static void appendOptions(StringBuilder text, CommandSpec spec) {
        List<OptionSpec> options = new ArrayList<>(spec.options());
        options.removeIf(OptionSpec::hidden);
        options.sort(Comparator.comparing(OptionSpec::longestName));
        int width = options.stream().mapToInt(option -> name(option).length()).max().orElse(0);
        for (OptionSpec option : options) {
            boolean hasShort = option.shortestName().length() == 2;
            String name = name(option);
            text.append("  ").append(hasShort ? option.shortestName() + ", " : "    ").append(name)
                    .append(" ".repeat(width - name.length() + 2)).append(option.description()[0]).append('\n');
        }
    }
}
