package io.pdata.cli;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** The help of a tool, laid out as thin-provisioning-tools do, with an example at the end. */
final class HelpText {
    private HelpText() {}

    static String of(CommandSpec spec) {
        StringBuilder text = new StringBuilder();
        text.append(String.join("\n", spec.usageMessage().description())).append("\n\n");
        text.append(usage(spec)).append("\n\nArguments:\n");
        for (PositionalParamSpec parameter : spec.positionalParameters()) {
            text.append("  ").append(parameter.paramLabel()).append("  ").append(parameter.description()[0])
                    .append('\n');
        }
        text.append("\nOptions:\n");
        appendOptions(text, spec);
        text.append("\nExample:\n  ").append(String.join("\n  ", spec.usageMessage().footer())).append('\n');
        return text.toString();
    }

    /** One line: how the tool is called. */
    static String usage(CommandSpec spec) {
        return "Usage: " + spec.name() + " [OPTIONS]" + positionals(spec);
    }

    static String positionals(CommandSpec spec) {
        StringBuilder text = new StringBuilder();
        spec.positionalParameters().forEach(parameter -> text.append(' ').append(parameter.paramLabel()));
        return text.toString();
    }

    /** An option as messages name it: its long name, and its value. */
    static String name(OptionSpec option) {
        return option.longestName() + (takesValue(option) ? " " + option.paramLabel() : "");
    }

    private static boolean takesValue(OptionSpec option) {
        return option.arity().max() > 0;
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
