package io.pdata.cli.tool;

import picocli.CommandLine.TypeConversionException;

/** A value cannot be what an option needs; the message says why, to follow the value and the option's name. */
public final class InvalidValueException extends TypeConversionException {
    private static final long serialVersionUID = 1L;

    private final String explanation;

    public InvalidValueException(String why) {
        this(why, ": " + why);
    }

    private InvalidValueException(String why, String explanation) {
        super(why);
        this.explanation = explanation;
    }

    /** For an option that has a few values only. */
    public static InvalidValueException possibleValues(String values) {
        return new InvalidValueException("not one of " + values, "\n  [possible values: " + values + "]");
    }

    /** What follows the value and the name of the option. */
    String explanation() {
        return explanation;
    }
}
