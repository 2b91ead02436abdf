package io.pdata.cli.pool;

import java.math.BigDecimal;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Sizes in bytes as people write them: {@code 10G}, {@code 10GiB}, {@code 1.5T}, {@code 65536}. Powers of 1024. */
final class Sizes implements ITypeConverter<Long> {
    private static final String PREFIXES = "KMGTP";
    private static final Pattern FORM = Pattern.compile("(\\d{1,30}(?:\\.\\d{1,6})?)([KMGTP]?)(iB)?|(\\d{1,18})B",
            Pattern.CASE_INSENSITIVE);
    private static final int BITS = 10;
    private static final BigDecimal MOST = BigDecimal.valueOf(Long.MAX_VALUE);

    @Override
    public Long convert(String text) {
        Matcher form = FORM.matcher(text.strip());
        if (!form.matches() || form.group(3) != null && form.group(2).isEmpty()) {
            throw wrong(text);
        }
        if (form.group(4) != null) {
            return Long.valueOf(form.group(4)); // 18 digits: never too large
        }
        int power = form.group(2).isEmpty() ? 0 : 1 + PREFIXES.indexOf(form.group(2).toUpperCase(Locale.ROOT));
        BigDecimal bytes = new BigDecimal(form.group(1)).multiply(BigDecimal.valueOf(1L << BITS * power));
        if (bytes.compareTo(MOST) > 0) {
            throw new TypeConversionException("'" + text + "' is too large: sizes are below 8192P");
        }
        try {
            return bytes.longValueExact();
        } catch (ArithmeticException e) {
            throw new TypeConversionException("'" + text + "' is not a whole number of bytes");
        }
    }

    private static TypeConversionException wrong(String text) {
        return new TypeConversionException(
                "'" + text + "' is no size: use bytes, or K, M, G, T or P for powers of 1024, for example 10G");
    }

    /** In the largest unit of which there is one, with two digits behind the point. */
    static String format(long bytes) {
        return format(bytes, Unit.h);
    }

    /** The units of tables, as {@code lvs} calls them. */
    enum Unit {
        /** What suits each number. */
        h,
        /** Bytes. */
        b,
        /** KiB. */
        k,
        /** MiB. */
        m,
        /** GiB. */
        g,
        /** TiB. */
        t
    }

    static String format(long bytes, Unit unit) {
        if (unit == Unit.b) {
            return Long.toString(bytes);
        }
        int power = unit == Unit.h ? power(bytes) : unit.ordinal() - 1;
        if (power == 0) {
            return bytes + " B";
        }
        double number = bytes / (double) (1L << BITS * power);
        String text = String.format(Locale.ROOT, "%.2f", number);
        return unit == Unit.h ? text + " " + PREFIXES.charAt(power - 1) + "iB" : text;
    }

    private static int power(long bytes) {
        int power = 0;
        while (power < PREFIXES.length() && bytes >>> BITS * (power + 1) != 0) {
            power++;
        }
        return power;
    }

    /** A part of a whole in per cent, with two digits behind the point. */
    static String percent(long part, long whole) {
        return String.format(Locale.ROOT, "%.2f", whole == 0 ? 0.0 : 100.0 * part / whole);
    }
}
