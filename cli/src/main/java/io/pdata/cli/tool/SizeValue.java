package io.pdata.cli.tool;

import io.pdata.tools.Sizes;
import picocli.CommandLine.ITypeConverter;

/** A size on the command line, in bytes (unsigned): see {@link Sizes#parse}. */
public final class SizeValue implements ITypeConverter<Long> {
    @Override
    public Long convert(String value) {
        try {
            return Sizes.parse(value);
        } catch (IllegalArgumentException e) {
            throw new InvalidValueException(e.getMessage());
        }
    }
}
