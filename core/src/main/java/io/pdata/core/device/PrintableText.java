package io.pdata.core.device;

/**
 * Makes text from outside fit for a line of a log or a terminal: characters that end the line, move the cursor, or change the
 * order of characters become escapes such as {@code \x1b}, and a text that is too long is cut off.
 */
public final class PrintableText {
    private static final int LOWEST_UNICODE_ESCAPE = 0x100;

    private PrintableText() {}

    /** @param longest how many characters the result has at most, without the mark that more has been cut off */
    public static String of(String text, int longest) {
        StringBuilder line = new StringBuilder(Math.min(text.length(), longest));
        for (int at = 0; at < text.length(); at += Character.charCount(text.codePointAt(at))) {
            if (line.length() >= longest) {
                return line.append("...").toString();
            }
            append(line, text.codePointAt(at));
        }
        return line.toString();
    }

    private static void append(StringBuilder line, int character) {
        switch (Character.getType(character)) {
        case Character.CONTROL, Character.FORMAT, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR,
                Character.SURROGATE, Character.PRIVATE_USE, Character.UNASSIGNED ->
            line
                    .append(String.format(character < LOWEST_UNICODE_ESCAPE ? "\\x%02x" : "\\u%04x", character));
        default -> line.appendCodePoint(character);
        }
    }
}
