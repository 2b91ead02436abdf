package io.pdata.cli.tool;

import io.pdata.tools.Sizes;
import java.math.BigInteger;

/** Numbers on the command line: decimal digits, perhaps after a plus, and nothing else. */
public final class Numbers {
    private static final String SIGN = "+";

    private Numbers() {}

    /** A number of 32 bits without a sign. */
    static int u32(String value) {
        long number = parse(value, Long.SIZE - 1);
        if (number >>> Integer.SIZE != 0) {
            throw new InvalidValueException(number + " is not in 0..=4294967295");
        }
        return (int) number;
    }

    /** A number of 64 bits without a sign: a long beyond {@link Long#MAX_VALUE} is negative. */
    public static long u64(String value) {
        return parse(value, Long.SIZE);
    }

    /** A size in bytes, without a sign. */
    static long size(String value) {
        try {
            return Sizes.parse(value);
        } catch (IllegalArgumentException e) {
            throw new InvalidValueException(e.getMessage());
        }
    }

    private static long parse(String value, int bits) {
        if (value.isEmpty()) {
            throw new InvalidValueException("cannot parse integer from empty string");
        }
        String digits = value.startsWith(SIGN) ? value.substring(1) : value;
        if (digits.isEmpty() || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
            throw new InvalidValueException("invalid digit found in string");
        }
        BigInteger number = new BigInteger(digits);
        if (number.bitLength() > bits) {
            throw new InvalidValueException("number too large to fit in target type");
        }
        return number.longValue();
    }
}
