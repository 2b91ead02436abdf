package io.pdata.cli.tool;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.OverwrittenOptionException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Says what is wrong with a command line, in the words of thin-provisioning-tools. */
public final class UsageErrors implements IParameterExceptionHandler {
    private final Console console;

    public UsageErrors(Console console) {
        this.console = console;
    }

    @Override
    public int handleParseException(ParameterException e, String[] arguments) {
        CommandSpec spec = e.getCommandLine().getCommandSpec();
        switch (e) {
        case UnmatchedArgumentException unmatched -> unexpected(spec, unmatched.getUnmatched().getFirst());
        case MissingParameterException missing when lacksValue(missing) -> print("error: a value is required for '"
                + HelpText.name((OptionSpec) missing.getMissing().getFirst()) + "' but none was supplied");
        case MissingParameterException missing -> print("error: the following required arguments were not provided:\n"
                + lines(missing.getMissing()) + "\n\n" + HelpText.usageWith(spec, ""));
        case OverwrittenOptionException twice -> print("error: the argument '"
                + HelpText.name((OptionSpec) twice.getOverwritten()) + "' cannot be used multiple times\n\n"
                + HelpText.usage(spec));
        case ConflictException conflict -> conflicting(spec, conflict);
        default -> invalid(spec, e);
        }
        return ExitStatus.USAGE;
    }

    /** Picocli tells in the same way of options that were not given and of options whose value is missing. */
    private static boolean lacksValue(MissingParameterException e) {
        return e.getMissing().getFirst().isOption()
                && e.getMessage().startsWith("Missing required parameter for option");
    }

    private static String lines(List<ArgSpec> missing) {
        return missing.stream()
                .map(each -> "  " + (each instanceof OptionSpec option ? HelpText.name(option) : each.paramLabel()))
                .collect(Collectors.joining("\n"));
    }

    private void unexpected(CommandSpec spec, String argument) {
        String tip = argument.startsWith("-")
                ? "  tip: to pass '" + argument + "' as a value, use '-- " + argument + "'\n\n"
                : "";
        print("error: unexpected argument '" + argument + "' found\n\n" + tip + HelpText.usage(spec));
    }

    private void conflicting(CommandSpec spec, ConflictException e) {
        String option = HelpText.name(spec.findOption(e.option()));
        List<String> others = Stream.of(e.others()).map(other -> HelpText.name(spec.findOption(other))).toList();
        String with = others.size() == 1
                ? " '" + others.getFirst() + "'"
                : ":\n  " + String.join("\n  ", others);
        print("error: the argument '" + option + "' cannot be used with" + with + "\n\n"
                + HelpText.usageWith(spec, " " + option));
    }

    private void invalid(CommandSpec spec, ParameterException e) {
        if (e.getArgSpec() instanceof OptionSpec option && e.getValue() != null) {
            print("error: invalid value '" + e.getValue() + "' for '" + HelpText.name(option) + "'"
                    + reason(e));
        } else {
            print("error: " + e.getMessage() + "\n\n" + HelpText.usage(spec));
        }
    }

    private static String reason(ParameterException e) {
        if (e.getCause() instanceof InvalidValueException why) {
            return why.explanation();
        }
        return "";
    }

    private void print(String message) {
        console.err().println(message + "\n\nFor more information, try '--help'.");
    }
}
