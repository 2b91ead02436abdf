package io.pdata.tools;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.Locale;

/**
 * Sizes as thin-provisioning-tools read and print them. Read: a whole number, and one of {@link Unit}; sectors if there is
 * none. At most 2^64 - 1 bytes.
 */
public final class Sizes {
    private static final BigInteger LIMIT = BigInteger.ONE.shiftLeft(64);
    private static final int READABLE = 8192;
    private static final Unit[] BINARY = {Unit.BYTE, Unit.KIBIBYTE, Unit.MEBIBYTE, Unit.GIBIBYTE, Unit.TEBIBYTE,
        Unit.PEBIBYTE, Unit.EXBIBYTE};

    private Sizes() {}

    /** The units; those in powers of 1000 have capital letters. */
    public enum Unit {
        BYTE("b", "b", 1),
        SECTOR("s", "s", 512),
        KIBIBYTE("KiB", "k", 1L << 10),
        MEBIBYTE("MiB", "m", 1L << 20),
        GIBIBYTE("GiB", "g", 1L << 30),
        TEBIBYTE("TiB", "t", 1L << 40),
        PEBIBYTE("PiB", "p", 1L << 50),
        EXBIBYTE("EiB", "e", 1L << 60),
        KILOBYTE("kB", "K", 1_000),
        MEGABYTE("MB", "M", 1_000_000),
        GIGABYTE("GB", "G", 1_000_000_000),
        TERABYTE("TB", "T", 1_000_000_000_000L),
        PETABYTE("PB", "P", 1_000_000_000_000_000L),
        EXABYTE("EB", "E", 1_000_000_000_000_000_000L);

        private final String symbol;
        private final String letter;
        private final long bytes;

        Unit(String symbol, String letter, long bytes) {
            this.symbol = symbol;
            this.letter = letter;
            this.bytes = bytes;
        }

        /** Its name, its symbol or its letter. */
        public static Unit of(String text) {
            for (Unit unit : values()) {
                if (text.equals(unit.toString()) || text.equals(unit.symbol) || text.equals(unit.letter)) {
                    return unit;
                }
            }
            throw new IllegalArgumentException("Invalid unit specifier");
        }

        public String symbol() {
            return symbol;
        }

        public String letter() {
            return letter;
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * Reads a size.
     *
     * @return bytes, unsigned
     * @throws IllegalArgumentException saying what is wrong with it
     */
    public static long parse(String text) {
        int digits = 0;
        while (digits < text.length() && text.charAt(digits) >= '0' && text.charAt(digits) <= '9') {
            digits++;
        }
        if (digits == 0) {
            throw new IllegalArgumentException("cannot parse integer from empty string");
        }
        BigInteger number = new BigInteger(text.substring(0, digits));
        if (number.compareTo(LIMIT) >= 0) {
            throw new IllegalArgumentException("number too large to fit in target type");
        }
        Unit unit = digits == text.length() ? Unit.SECTOR : Unit.of(text.substring(digits));
        BigInteger size = number.multiply(BigInteger.valueOf(unit.bytes));
        if (size.compareTo(LIMIT) >= 0) {
            throw new IllegalArgumentException("value out of bounds");
        }
        return size.longValue();
    }

    /** A number of bytes in some unit, with two places if it is not whole, and all of them if it is below 1. */
    public static String inUnits(long bytes, Unit unit) {
        double size = (double) bytes / unit.bytes;
        BigDecimal exact = new BigDecimal(size);
        if (size < 1 || size == Math.rint(size)) {
            return BigDecimal.valueOf(size).stripTrailingZeros().toPlainString();
        }
        return exact.setScale(2, RoundingMode.HALF_EVEN).toPlainString();
    }

    /** A number of bytes (unsigned) as a whole number of the unit in which it is easiest to read. */
    public static String readable(long bytes) {
        int power = bytes == 0 ? 0 : Math.max(0, (63 - Long.numberOfLeadingZeros(bytes)) / 10 - 1);
        long multiple = bytes >>> 10 * power;
        if (multiple > READABLE) {
            multiple = Math.round(multiple / 1024.0);
            power++;
        }
        return multiple + BINARY[power].symbol;
    }
}
