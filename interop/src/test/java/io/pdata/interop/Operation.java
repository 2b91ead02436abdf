package io.pdata.interop;

import java.util.ArrayList;
import java.util.List;

/**
 * One elementary operation of a recording. Lines that stand for several ("fill", "write" with many blocks) have been
 * taken apart already.
 *
 * @param line its line in the list, from 1
 * @param verb what to do
 * @param arguments to what
 */
record Operation(int line, String verb, List<String> arguments) {

    /** Blocks or bits {@code first} to {@code last}, both included. */
    record Range(long first, long last) {}

    String word(int index) {
        if (index >= arguments.size()) {
            throw new IllegalArgumentException(this + ": argument " + (index + 1) + " is missing");
        }
        return arguments.get(index);
    }

    long number(int index) {
        return parse(word(index));
    }

    /** The arguments from {@code from} on, each {@code a-b} or {@code a}; a comma separates as well as a space. */
    List<Range> ranges(int from) {
        List<Range> ranges = new ArrayList<>();
        for (String argument : arguments.subList(Math.min(from, arguments.size()), arguments.size())) {
            for (String range : argument.split(",")) {
                int dash = range.indexOf('-');
                long first = parse(dash < 0 ? range : range.substring(0, dash));
                ranges.add(new Range(first, dash < 0 ? first : parse(range.substring(dash + 1))));
            }
        }
        return ranges;
    }

    private long parse(String digits) {
        try {
            return Long.parseUnsignedLong(digits);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(this + ": '" + digits + "' is not a number", e);
        }
    }

    @Override
    public String toString() {
        return "line " + line + ": " + verb + (arguments.isEmpty() ? "" : " " + String.join(" ", arguments));
    }
}
