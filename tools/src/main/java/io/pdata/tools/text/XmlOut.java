package io.pdata.tools.text;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * XML laid out as thin-provisioning-tools do: each element on a line of its own, two blanks deeper than the one it is in,
 * no declaration, and no newline at the end. Not thread-safe.
 */
public final class XmlOut {
    private static final byte[] INDENT = TextOut.literal("  ");
    private static final byte[] NEWLINE = TextOut.literal("\n");
    private static final byte[] EMPTY_END = TextOut.literal("/>");

    private final TextOut out;
    private final Deque<String> open = new ArrayDeque<>();
    private String pending;
    private boolean first = true;

    public XmlOut(TextOut out) {
        this.out = out;
    }

    /** Begins a start tag: attributes may follow, then {@link #open} or {@link #empty}. */
    public XmlOut element(String name) {
        line();
        out.text("<").text(name);
        pending = name;
        return this;
    }

    /** Adds an attribute with an unsigned number. */
    public XmlOut attribute(String name, long value) {
        out.text(" ").text(name).text("=\"").number(value).text("\"");
        return this;
    }

    /** Adds an attribute with text. */
    public XmlOut attribute(String name, String value) {
        out.text(" ").text(name).text("=\"").text(escape(value)).text("\"");
        return this;
    }

    /** Ends the start tag of an element with content. */
    public void open() {
        out.text(">");
        open.push(pending);
    }

    /** Ends the tag of an element without content. */
    public void empty() {
        out.raw(EMPTY_END);
    }

    /** Ends the element that was opened last. */
    public void end() {
        String name = open.pop();
        line();
        out.text("</").text(name).text(">");
    }

    /** Begins a line: for whoever writes an element by himself, in a hurry. */
    public TextOut line() {
        if (!first) {
            out.raw(NEWLINE);
        }
        first = false;
        for (int i = open.size(); i > 0; i--) {
            out.raw(INDENT);
        }
        return out;
    }

    private static String escape(String text) {
        StringBuilder escaped = new StringBuilder();
        for (char c : text.toCharArray()) {
            switch (c) {
            case '&' -> escaped.append("&amp;");
            case '<' -> escaped.append("&lt;");
            case '>' -> escaped.append("&gt;");
            case '"' -> escaped.append("&quot;");
            case '\'' -> escaped.append("&apos;");
            default -> escaped.append(c < ' ' || c > '~' ? "&#" + (int) c + ";" : String.valueOf(c));
            }
        }
        return escaped.toString();
    }
}
