package io.pdata.cli.tool;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;

/** Results for programs. */
public final class Json {
    private Json() {}

    /** A number without a sign, which a long beyond {@link Long#MAX_VALUE} is also. */
    public static Number unsigned(long value) {
        return value >= 0 ? (Number) value : new BigInteger(Long.toUnsignedString(value));
    }

    /** Maps, lists, strings, numbers and booleans as text. */
    public static String of(Object value) {
        try {
            return JSON.std.with(JSON.Feature.PRETTY_PRINT_OUTPUT, JSON.Feature.WRITE_NULL_PROPERTIES).asString(value);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // nothing is written to but memory
        }
    }
}
