package io.pdata.cli.tool;

import picocli.CommandLine.TypeConversionException;

/** A value cannot be what an option needs; the message says why, to follow the value and the option's name. */
public final class InvalidValueException extends TypeConversionException {
    private static final long serialVersionUID = 1L;

    public InvalidValueException(String why) {
        super(why);
    }
}
