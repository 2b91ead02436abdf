package io.pdata.cli.tool;

import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.TypeConversionException;

/** The mistakes of a command line. Scripts look for these messages, which are those of thin-provisioning-tools. */
final class UsageErrors {
    private static final int MOST_EDITS = 2;

    private final CommandSpec spec;

    UsageErrors(CommandSpec spec) {
        this.spec = spec;
    }

    /** An option that the tool does not have. */
    UsageException unknownOption(String argument, Collection<OptionSpec> given) {
        return new UsageException(
                "unexpected argument '" + argument + "' found\n\n" + tip(argument) + usageWith(given));
    }

    private String tip(String argument) {
        String similar = similar(argument);
        if (similar != null) {
            return "  tip: a similar argument exists: '" + similar + "'\n\n";
        }
        return HelpText.hasParameters(spec)
                ? "  tip: to pass '" + argument + "' as a value, use '-- " + argument + "'\n\n"
                : "";
    }

    /** The long option that was probably meant, or null. */
    private String similar(String argument) {
        if (!argument.startsWith("--")) {
            return null;
        }
        return spec.options().stream().filter(option -> !option.hidden()).flatMap(option -> Stream.of(option.names()))
                .filter(name -> name.startsWith(argument) || edits(name, argument) <= MOST_EDITS).findFirst()
                .orElse(null);
    }

    /** The number of characters to insert, delete or replace that turn one text into the other. */
    private static int edits(String one, String other) {
        int[] costs = new int[other.length() + 1];
        for (int i = 0; i <= one.length(); i++) {
            int diagonal = i;
            for (int j = 0; j <= other.length(); j++) {
                int above = costs[j];
                if (i == 0 || j == 0) {
                    costs[j] = i + j;
                } else {
                    int replaced = diagonal + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
                    costs[j] = Math.min(replaced, Math.min(above, costs[j - 1]) + 1);
                }
                diagonal = above;
            }
        }
        return costs[other.length()];
    }

    /** A parameter more than the tool takes. */
    UsageException unexpectedParameter(String argument) {
        return new UsageException("unexpected argument '" + argument + "' found\n\n" + HelpText.usage(spec));
    }

    /** A value for an option that takes none. */
    UsageException unexpectedValue(OptionSpec option, String value) {
        return new UsageException("unexpected value '" + value + "' for '" + HelpText.name(option)
                + "' found; no more were expected\n\n" + usageWith(List.of(option)));
    }

    /** An option without the value that it needs. */
    UsageException missingValue(OptionSpec option) {
        return new UsageException("a value is required for '" + HelpText.name(option) + "' but none was supplied");
    }

    /** An option that can be given only once, given again. */
    UsageException repeated(OptionSpec option) {
        return new UsageException("the argument '" + HelpText.name(option) + "' cannot be used multiple times\n\n"
                + HelpText.usage(spec));
    }

    /** A value that the option or parameter cannot have. */
    UsageException invalid(ArgSpec argument, String value, Exception why) {
        String reason = why instanceof InvalidValueException invalid
                ? invalid.explanation()
                : ": " + (why instanceof TypeConversionException ? why.getMessage() : why.toString());
        return new UsageException("invalid value '" + value + "' for '" + name(argument) + "'" + reason);
    }

    /** An option that was given together with others that exclude it. */
    UsageException conflict(OptionSpec option, List<OptionSpec> others, Collection<OptionSpec> given) {
        String with = others.size() == 1
                ? " '" + HelpText.name(others.getFirst()) + "'"
                : ":\n" + lines(others);
        return new UsageException("the argument '" + HelpText.name(option) + "' cannot be used with" + with + "\n\n"
                + usageWith(given.stream().filter(each -> !others.contains(each)).toList()));
    }

    /** Required options and parameters that were not given. */
    UsageException missing(List<? extends ArgSpec> missing, Collection<OptionSpec> given) {
        return new UsageException("the following required arguments were not provided:\n" + lines(missing) + "\n\n"
                + HelpText.usageWith(spec, visible(given)));
    }

    private static String lines(List<? extends ArgSpec> arguments) {
        return arguments.stream().map(each -> "  " + name(each)).collect(Collectors.joining("\n"));
    }

    private static String name(ArgSpec argument) {
        return argument instanceof OptionSpec option ? HelpText.name(option) : argument.paramLabel();
    }

    /** How the tool is called with these options; how it is called in general if there are none. */
    private String usageWith(Collection<OptionSpec> given) {
        return given.isEmpty() ? HelpText.usage(spec) : HelpText.usageWith(spec, visible(given));
    }

    private static List<OptionSpec> visible(Collection<OptionSpec> given) {
        return given.stream().filter(option -> !option.hidden()).toList();
    }
}
