package io.pdata.cli.manual;

import java.util.Locale;

/** Text of a manual page in the macros of man(7). */
final class Roff {
    private final StringBuilder text = new StringBuilder();
    /** Whether a heading was the last thing: what follows is a paragraph of its own then. */
    private boolean begun;

    /** The first line of a page. */
    Roff title(String name, String date, String program) {
        String heading = plain(name.toUpperCase(Locale.ROOT));
        return line(".TH %s 8 \"%s\" \"%s\" \"persistent-data for Java\"".formatted(heading, date, program));
    }

    Roff section(String heading) {
        return line(".SH " + plain(heading.toUpperCase(Locale.ROOT))).headed();
    }

    Roff subsection(String heading) {
        return line(".SS " + literal(heading)).headed();
    }

    private Roff headed() {
        begun = true;
        return this;
    }

    private Roff newParagraph() {
        return begun ? this : line(".PP");
    }

    Roff paragraph(String words) {
        return newParagraph().words(words);
    }

    /** What is described, in bold, and below it the description. */
    Roff term(String term, String words) {
        return line(".TP").line("\\fB" + literal(term) + "\\fR").words(words);
    }

    /** Lines as they are typed. */
    Roff example(Iterable<String> lines) {
        newParagraph().line(".nf").line(".RS");
        lines.forEach(line -> words(literal(line), true));
        return line(".RE").line(".fi");
    }

    /** Running text. */
    Roff words(String words) {
        return words(plain(words), true);
    }

    /** A line that {@link #literal} or {@link #plain} has already been applied to in parts. */
    Roff words(String escaped, boolean isText) {
        boolean looksLikeRequest = escaped.startsWith(".") || escaped.startsWith("'");
        return line(isText && looksLikeRequest ? "\\&" + escaped : escaped);
    }

    private Roff line(String line) {
        text.append(line).append('\n');
        begun = false;
        return this;
    }

    /** What is to be typed: a hyphen stays one that can be copied. */
    static String literal(String words) {
        return plain(words).replace("-", "\\-");
    }

    private static String plain(String words) {
        return words.replace("\\", "\\e");
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
