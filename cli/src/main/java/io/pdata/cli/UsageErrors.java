package io.pdata.cli;

import java.util.List;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.OverwrittenOptionException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Says what is wrong with a command line, in the words of thin-provisioning-tools. */
final class UsageErrors implements IParameterExceptionHandler {
    private final Console console;

    UsageErrors(Console console) {
        this.console = console;
    }

    @Override
    public int handleParseException(ParameterException e, String[] arguments) {
        CommandSpec spec = e.getCommandLine().getCommandSpec();
        switch (e) {
        case UnmatchedArgumentException unmatched -> unexpected(spec, unmatched.getUnmatched().getFirst());
        case MissingParameterException missing when isOption(missing.getMissing()) -> print(
                "error: a value is required for '" + HelpText.name((OptionSpec) missing.getMissing().getFirst())
                        + "' but none was supplied");
        case MissingParameterException _ -> print("error: the following required arguments were not provided:\n "
                + HelpText.positionals(spec) + "\n\nUsage: " + spec.name() + HelpText.positionals(spec));
        case OverwrittenOptionException twice -> print("error: the argument '"
                + HelpText.name((OptionSpec) twice.getOverwritten()) + "' cannot be used multiple times\n\n"
                + HelpText.usage(spec));
        default -> invalid(spec, e);
        }
        return ExitStatus.USAGE;
    }

    private static boolean isOption(List<ArgSpec> missing) {
        return !missing.isEmpty() && missing.getFirst().isOption();
    }

    private void unexpected(CommandSpec spec, String argument) {
        String tip = argument.startsWith("-")
                ? "  tip: to pass '" + argument + "' as a value, use '-- " + argument + "'\n\n"
                : "";
        print("error: unexpected argument '" + argument + "' found\n\n" + tip + HelpText.usage(spec));
    }

    private void invalid(CommandSpec spec, ParameterException e) {
        if (e.getArgSpec() instanceof OptionSpec option && e.getValue() != null) {
            print("error: invalid value '" + e.getValue() + "' for '" + HelpText.name(option) + "'");
        } else {
            print("error: " + e.getMessage() + "\n\n" + HelpText.usage(spec));
        }
    }

    private void print(String message) {
        console.err().println(message + "\n\nFor more information, try '--help'.");
    }
}
