package io.pdata.cli.tool;

import io.pdata.tools.Sizes;
import java.util.Locale;

/** How the two tools that estimate sizes print them. */
public final class SizeOutput {
    private static final Kind<Sizes.Unit> UNIT = new Kind<>(Sizes.Unit.class, SizeOutput::unit);

    private Sizes.Unit unit;
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

    /** Declares the options. */
    public void define(Definition tool) {
        tool.option(UNIT, "-u", "--unit").label("<UNIT>")
                .means("Unit of the result, for example s, k, m or g [default: sector]").orElse("sector")
                .into(value -> unit = value);
        tool.option(Kind.oneOf(Form.class), "-n", "--numeric-only").label("[=<OPT>]")
                .means("Leave out the unit; with =short or =long, append it").orAlone(() -> numberOnly = true)
                .into(value -> form = value);
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

    private static Sizes.Unit unit(String name) {
        try {
            return Sizes.Unit.of(name);
        } catch (IllegalArgumentException e) {
            throw new InvalidValueException(e.getMessage());
        }
    }
}
