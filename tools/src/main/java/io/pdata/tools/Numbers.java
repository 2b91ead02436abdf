package io.pdata.tools;

/** Whole numbers on command lines, and what is said of those that are none: the words are those of thin-provisioning-tools. */
public final class Numbers {
    private Numbers() {}

    /**
     * Reads an unsigned number of 64 bits.
     *
     * @throws IllegalArgumentException saying what is wrong with it
     */
    public static long parse(String text) {
        if (text.isEmpty()) {
            throw new IllegalArgumentException("cannot parse integer from empty string");
        }
        if (!text.chars().allMatch(c -> c >= '0' && c <= '9')) {
            throw new IllegalArgumentException("invalid digit found in string");
        }
        try {
            return Long.parseUnsignedLong(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("number too large to fit in target type", e);
        }
    }

    /** As {@link #parse(String)}, for a number of 32 bits. */
    public static long parse32(String text) {
        long number = parse(text);
        if (number >>> Integer.SIZE != 0) {
            throw new IllegalArgumentException(text + " is not in 0..=4294967295");
        }
        return number;
    }
}
