package io.pdata.cli.tool;

import io.pdata.tools.Sizes;
import java.util.Locale;
import java.util.Map;
import java.util.Stack;
import picocli.CommandLine.IParameterPreprocessor;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** How the two tools that estimate sizes print them. */
public final class SizeOutput {
    @Option(names = {"-u",
        "--unit"}, paramLabel = "<UNIT>", defaultValue = "sector", converter = UnitName.class, description = "Specify the output unit in {bskKmMgG} [default: sector]")
    private Sizes.Unit unit;

    @Option(names = {"-n",
        "--numeric-only"}, paramLabel = "[=<OPT>]", arity = "0..1", preprocessor = OnlyAttached.class, description = "Output numeric value only")
    private Form form;

    private boolean numberOnly;

    /** What is printed beside the number, as it is called on the command line. */
    enum Form {
        /** The unit's letter. */
        SHORT,
        /** The unit's name. */
        LONG;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** A size as it was asked for. */
    public String text(long bytes) {
        String number = Sizes.inUnits(bytes, unit);
        if (numberOnly) {
            return number;
        }
        return switch (form) {
        case null -> number + ' ' + unit + 's';
        case SHORT -> number + unit.letter();
        case LONG -> number + unit + 's';
        };
    }

    static final class UnitName implements ITypeConverter<Sizes.Unit> {
        @Override
        public Sizes.Unit convert(String value) {
            try {
                return Sizes.Unit.of(value);
            } catch (IllegalArgumentException e) {
                throw new InvalidValueException(e.getMessage());
            }
        }
    }

    /** A value is one only if it follows the option without a blank: what comes behind that is something else. */
    static final class OnlyAttached implements IParameterPreprocessor {
        @Override
        public boolean preprocess(Stack<String> arguments, CommandSpec command, ArgSpec option,
                Map<String, Object> details) {
            boolean attached = "=".equals(details.get("separator"));
            if (!attached) {
                command.mixins().values().forEach(mixin -> {
                    if (mixin.userObject() instanceof SizeOutput output) {
                        output.numberOnly = true;
                    }
                });
            }
            return !attached;
        }
    }
}
