package io.pdata.tools.text;

import io.pdata.tools.ToolException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the XML of dumps, tag by tag, and no other: in UTF-8, without document types and sections, and strict about
 * everything that is there. A declaration is accepted, comments and processing instructions are passed over. Elements
 * with and without content are different things, attributes are known by name, numbers are decimal digits. A value is
 * looked at where it lies in the buffer; nothing is made for it.
 *
 * <p>Memory: a buffer of {@value #BUFFER} bytes. A tag has at most {@value #MAX_TAG}. Errors: {@link ToolException}
 * with the number of the line. Not thread-safe. Source: format document "tools-xml", section 1.
 */
public final class XmlIn {
    private static final int BUFFER = 1 << 18;
    private static final int MAX_TAG = 1 << 15;
    /** Numbers of so many digits fit into a long, whatever they are. */
    private static final int SAFE_DIGITS = 18;
    private static final int MAX_ATTRIBUTES = 16;
    private static final int MAX_DEPTH = 8;
    private static final byte[] BYTE_ORDER_MARK = {(byte) 0xef, (byte) 0xbb, (byte) 0xbf};
    private static final byte[] COMMENT = TextOut.literal("!--");
    private static final byte[] COMMENT_END = TextOut.literal("-->");
    private static final byte[] DECLARATION = TextOut.literal("<?xml");
    private static final byte[] INSTRUCTION_END = TextOut.literal("?>");
    private static final Pattern ENCODING = Pattern.compile("\\sencoding\\s*=\\s*[\"']([^\"']*)[\"']");
    private static final Set<String> ENCODINGS = Set.of("utf-8", "utf8", "us-ascii", "ascii");
    private static final byte[] TRUE = TextOut.literal("true");
    private static final byte[] FALSE = TextOut.literal("false");
    private static final int DECIMAL = 10;

    /** The sorts of tags. */
    public enum Tag {
        /** The beginning of an element with content. */
        START,
        /** An element without content. */
        EMPTY,
        /** The end of an element with content. */
        END,
        /** There is nothing more. */
        NONE
    }

    private final InputStream in;
    private final byte[] buffer = new byte[BUFFER];
    private int at;
    private int limit;
    private boolean ended;

    private final Deque<byte[]> open = new ArrayDeque<>();

    // The tag that was read last. Its line is computed when somebody wants to know: lines before counted, and from
    // where on not.
    private long linesBefore = 1;
    private int countedTo;
    private int tagStart;
    private int nameStart;
    private int nameEnd;
    private int attributes;
    private final int[] names = new int[MAX_ATTRIBUTES];
    private final int[] nameEnds = new int[MAX_ATTRIBUTES];
    private final int[] values = new int[MAX_ATTRIBUTES];
    private final int[] valueEnds = new int[MAX_ATTRIBUTES];
    /** Which of the attributes above is the one that the element has in this place; -1 if it is missing. */
    private final int[] slots = new int[MAX_ATTRIBUTES];

    /** Reads from {@code in}, which stays open. */
    public XmlIn(InputStream in) {
        this.in = in;
        while (limit < BYTE_ORDER_MARK.length && fill()) {
            // a few bytes at a time, if need be
        }
        if (startsWith(BYTE_ORDER_MARK)) {
            at = BYTE_ORDER_MARK.length;
        }
        refuseWideCharacters();
        readDeclaration();
    }

    private void readDeclaration() {
        while (limit - at <= DECLARATION.length && fill()) {
            // a stream may return a few bytes at a time
        }
        if (!isDeclaration()) {
            return;
        }
        int end = at;
        while (!startsWith(end, INSTRUCTION_END)) {
            if (limit - end >= INSTRUCTION_END.length) {
                end++;
            } else {
                int read = end - at;
                if (!fill()) {
                    throw endedIn("the XML declaration");
                }
                end = at + read;
            }
        }
        Matcher encoding = ENCODING.matcher(text(buffer, at, end));
        if (encoding.find() && !ENCODINGS.contains(encoding.group(1).toLowerCase(Locale.ROOT))) {
            throw wrongEncoding("'" + encoding.group(1) + "'");
        }
        at = end + INSTRUCTION_END.length;
    }

    private boolean isDeclaration() {
        return startsWith(at, DECLARATION) && at + DECLARATION.length < limit
                && isBlank(buffer[at + DECLARATION.length]);
    }

    /** Each character of a dump is one byte; where there are more, the first two tell. */
    private void refuseWideCharacters() {
        int first = at < limit ? buffer[at] & 0xff : 0;
        int second = at + 1 < limit ? buffer[at + 1] & 0xff : -1;
        boolean marked = first == 0xfe && second == 0xff || first == 0xff && second == 0xfe;
        if (marked || first == '<' && second == 0 || first == 0 && second == '<') {
            throw wrongEncoding("UTF-16");
        }
    }

    private ToolException wrongEncoding(String encoding) {
        return error("the XML is encoded in " + encoding
                + ", but only UTF-8 is supported: convert it, for example with iconv");
    }

    /** Goes to the next tag; blanks and comments are passed over. */
    public Tag next() {
        while (true) {
            if (!toTag()) {
                if (!open.isEmpty()) {
                    throw endedIn("<" + text(open.peek(), 0, open.peek().length) + ">");
                }
                return Tag.NONE;
            }
            tagStart = at;
            if (startsWith(at + 1, COMMENT)) {
                at += COMMENT.length;
                skipTo(COMMENT_END, "a comment");
            } else if (at + 1 < limit && buffer[at + 1] == '?' && !isDeclaration()) {
                skipTo(INSTRUCTION_END, "a processing instruction");
            } else {
                return tag();
            }
        }
    }

    /** What is in the buffer holds the whole tag, or it is too long, or the file ends in it. */
    private Tag tag() {
        int stop = (int) Math.min(limit, (long) tagStart + MAX_TAG);
        byte second = tagStart + 1 < stop ? buffer[tagStart + 1] : 0;
        if (second == '!') {
            throw error("unsupported element: document types and CDATA sections are not part of a dump");
        }
        if (second == '?') {
            throw error("unsupported element: an XML declaration belongs at the start of the file");
        }
        nameStart = second == '/' ? tagStart + 2 : tagStart + 1;
        nameEnd = nameStart;
        while (nameEnd < stop && isNamePart(buffer[nameEnd])) {
            nameEnd++;
        }
        if (nameStart == nameEnd) {
            throw nameEnd == stop ? cutOff() : error("a tag without a name");
        }
        if (second == '/') {
            at = expect(skipBlanks(nameEnd, stop), '>', stop);
            close();
            return Tag.END;
        }
        int end = readAttributes(stop);
        boolean empty = buffer[end] == '/';
        at = expect(empty ? end + 1 : end, '>', stop);
        if (!empty) {
            if (open.size() == MAX_DEPTH) {
                throw error("elements lie too deep in each other");
            }
            open.push(Arrays.copyOfRange(buffer, nameStart, nameEnd));
        }
        return empty ? Tag.EMPTY : Tag.START;
    }

    /** Returns where it goes on after a byte that must be there. */
    private int expect(int i, char wanted, int stop) {
        if (i >= stop) {
            throw cutOff();
        }
        if (buffer[i] != wanted) {
            throw error(
                    "'" + (char) (buffer[i] & 0xff) + "' where '" + wanted + "' should be, in tag '" + name() + "'");
        }
        return i + 1;
    }

    /** The tag does not end in the buffer. */
    private ToolException cutOff() {
        return limit - tagStart > MAX_TAG
                ? error("a tag that is too long")
                : error("incomplete source metadata: the file ends inside of a tag");
    }

    private void close() {
        byte[] expected = open.poll();
        if (expected == null || !isName(expected)) {
            throw error("mismatched end tag: expected "
                    + (expected == null ? "none" : "'" + text(expected, 0, expected.length) + "'") + ", found '"
                    + name() + "'");
        }
    }

    /** Finds the attributes; returns where the tag's end begins. */
    private int readAttributes(int stop) {
        attributes = 0;
        int i = nameEnd;
        while (true) {
            int from = skipBlanks(i, stop);
            if (from >= stop) {
                throw cutOff();
            }
            if (buffer[from] == '>' || buffer[from] == '/') {
                return from;
            }
            if (from == i) {
                throw error("no blank before an attribute of '" + name() + "'");
            }
            if (attributes == MAX_ATTRIBUTES) {
                throw error("too many attributes in tag '" + name() + "'");
            }
            i = readAttribute(from, stop);
        }
    }

    private int readAttribute(int from, int stop) {
        int nameStop = from;
        while (nameStop < stop && isNamePart(buffer[nameStop])) {
            nameStop++;
        }
        names[attributes] = from;
        nameEnds[attributes] = nameStop;
        int quote = skipBlanks(expect(skipBlanks(nameStop, stop), '=', stop), stop);
        if (quote < stop && buffer[quote] != '"' && buffer[quote] != '\'') {
            throw error("attribute '" + text(buffer, from, nameStop) + "' of '" + name() + "' has no value in quotes");
        }
        int end = quote + 1;
        while (end < stop && buffer[end] != buffer[quote]) {
            end++;
        }
        if (end >= stop) {
            throw cutOff();
        }
        values[attributes] = quote + 1;
        valueEnds[attributes] = end;
        attributes++;
        return end + 1;
    }

    /** Reads the start of the document: of the one element that holds all others. */
    public void begin(XmlElement root) {
        Tag tag = next();
        if (tag == Tag.NONE) {
            throw new ToolException("incomplete source metadata: there is no XML");
        }
        if (tag != Tag.START || !is(root)) {
            throw error("missing " + root.name());
        }
        attributesOf(root);
    }

    /** Reads the end of the document, after the end of that element. */
    public void end(XmlElement root) {
        if (next() != Tag.NONE) {
            throw error(is(root) ? "duplicated " + root.name() : "'" + name() + "' after the " + root.name());
        }
    }

    /** Whether the tag is that of such an element. */
    public boolean is(XmlElement element) {
        return isName(element.name);
    }

    /** Finds the attributes of the element that has begun; unknown, doubled and missing ones are errors. */
    public void attributesOf(XmlElement element) {
        int n = element.attributes.length;
        Arrays.fill(slots, 0, n, -1);
        for (int i = 0; i < attributes; i++) {
            int slot = i < n && isAttribute(i, element.attributes[i]) ? i : find(element, i);
            if (slots[slot] >= 0) {
                throw error("duplicated attribute '" + attributeName(i) + "' in tag '" + name() + "'");
            }
            slots[slot] = i;
        }
        for (int slot = 0; slot < n; slot++) {
            if (slots[slot] < 0 && !element.optional[slot]) {
                throw error("missing attribute '" + text(element.attributes[slot], 0, element.attributes[slot].length)
                        + "' for tag '" + name() + "'");
            }
        }
    }

    private int find(XmlElement element, int attribute) {
        for (int slot = 0; slot < element.attributes.length; slot++) {
            if (isAttribute(attribute, element.attributes[slot])) {
                return slot;
            }
        }
        throw error("unknown attribute '" + attributeName(attribute) + "' in tag '" + name() + "'");
    }

    /** Whether the element has its attribute in this place. */
    public boolean has(int slot) {
        return slots[slot] >= 0;
    }

    /** The attribute in this place as a number without a sign of 64 bits. */
    public long u64(int slot) {
        int attribute = slots[slot];
        int from = values[attribute];
        int to = valueEnds[attribute];
        if (from == to) {
            throw badValue(attribute, "cannot parse integer from empty string");
        }
        long number = 0;
        for (int i = from; i < to; i++) {
            int digit = buffer[i] - '0';
            if (digit < 0 || digit >= DECIMAL) {
                throw badValue(attribute, "invalid digit found in string");
            }
            if (i - from >= SAFE_DIGITS
                    && Long.compareUnsigned(number, Long.divideUnsigned(-1L - digit, DECIMAL)) > 0) {
                throw badValue(attribute, "number too large to fit in target type");
            }
            number = number * DECIMAL + digit;
        }
        return number;
    }

    /** The attribute in this place as a number without a sign of 32 bits. */
    public int u32(int slot) {
        long number = u64(slot);
        if (number >>> Integer.SIZE != 0) {
            throw badValue(slots[slot], "number too large to fit in target type");
        }
        return (int) number;
    }

    /** The attribute in this place as {@code true} or {@code false}. */
    public boolean bool(int slot) {
        int attribute = slots[slot];
        boolean yes = isValue(attribute, TRUE);
        if (!yes && !isValue(attribute, FALSE)) {
            throw badValue(attribute, "neither true nor false");
        }
        return yes;
    }

    /** The attribute in this place as text. */
    public String string(int slot) {
        int attribute = slots[slot];
        String raw = text(buffer, values[attribute], valueEnds[attribute]);
        return raw.indexOf('&') < 0 ? raw : unescape(attribute, raw);
    }

    private String unescape(int attribute, String raw) {
        StringBuilder plain = new StringBuilder();
        for (int i = 0; i < raw.length(); i++) {
            if (raw.charAt(i) != '&') {
                plain.append(raw.charAt(i));
                continue;
            }
            int end = raw.indexOf(';', i);
            if (end < 0) {
                throw badValue(attribute, "unrecognized entity '" + raw.substring(i + 1) + "'");
            }
            String entity = raw.substring(i + 1, end);
            plain.append(switch (entity) {
            case "amp" -> "&";
            case "lt" -> "<";
            case "gt" -> ">";
            case "quot" -> "\"";
            case "apos" -> "'";
            default -> character(attribute, entity);
            });
            i = end;
        }
        return plain.toString();
    }

    private String character(int attribute, String entity) {
        boolean hexadecimal = entity.startsWith("#x");
        if (entity.matches(hexadecimal ? "#x[0-9a-fA-F]{1,6}" : "#[0-9]{1,7}")) {
            int code = Integer.parseInt(entity.substring(hexadecimal ? 2 : 1), hexadecimal ? 16 : DECIMAL);
            if (Character.isValidCodePoint(code)) {
                return Character.toString(code);
            }
        }
        throw badValue(attribute, "unrecognized entity '" + entity + "'");
    }

    /** The name in the tag that was read last. */
    public String name() {
        return text(buffer, nameStart, nameEnd);
    }

    /** An error in the tag that was read last; the message ends with the number of its line. */
    public ToolException error(String problem) {
        return new ToolException(problem + ", line " + line());
    }

    /** What somebody had to say against what is in the tag that was read last; with the number of its line. */
    public ToolException error(ToolException cause) {
        return new ToolException(cause.getMessage() + ", line " + line(), cause);
    }

    /** Tells somebody what is in the tag that was read last; what he has to say against it is an error in its line. */
    public void tell(Runnable call) {
        try {
            call.run();
        } catch (ToolException e) {
            throw error(e);
        }
    }

    private long line() {
        long line = linesBefore;
        for (int i = countedTo; i < tagStart; i++) {
            line += buffer[i] == '\n' ? 1 : 0;
        }
        return line;
    }

    private ToolException badValue(int attribute, String why) {
        return error(why + ": " + attributeName(attribute) + "=\""
                + text(buffer, values[attribute], valueEnds[attribute]) + "\" in tag '" + name() + "'");
    }

    private String attributeName(int attribute) {
        return text(buffer, names[attribute], nameEnds[attribute]);
    }

    private boolean isName(byte[] expected) {
        return Arrays.equals(buffer, nameStart, nameEnd, expected, 0, expected.length);
    }

    private boolean isAttribute(int attribute, byte[] expected) {
        return Arrays.equals(buffer, names[attribute], nameEnds[attribute], expected, 0, expected.length);
    }

    private boolean isValue(int attribute, byte[] expected) {
        return Arrays.equals(buffer, values[attribute], valueEnds[attribute], expected, 0, expected.length);
    }

    private static String text(byte[] bytes, int from, int to) {
        return new String(bytes, from, to - from, StandardCharsets.UTF_8);
    }

    private static boolean isBlank(byte b) {
        return b <= ' ' && (b == ' ' || b == '\n' || b == '\t' || b == '\r');
    }

    private int skipBlanks(int from, int stop) {
        int i = from;
        while (i < stop && isBlank(buffer[i])) {
            i++;
        }
        return i;
    }

    /** Whatever is none of what must not be in a name: what is unknown is refused later. */
    private static boolean isNamePart(byte b) {
        return !isBlank(b) && b != '=' && b != '>' && b != '/' && b != '<' && b != '"' && b != '\'';
    }

    /** Goes to the next tag; false if there is none. */
    private boolean toTag() {
        while (true) {
            at = skipBlanks(at, limit);
            if (at < limit) {
                if (buffer[at] != '<') {
                    tagStart = at;
                    throw error("text outside of tags");
                }
                if (limit - at > MAX_TAG || !fill()) {
                    return true;
                }
            } else if (!fill()) {
                return false;
            }
        }
    }

    /** Goes to where the next occurrence of {@code end} ends. */
    private void skipTo(byte[] end, String what) {
        at++;
        while (!startsWith(at, end)) {
            if (limit - at >= end.length) {
                at++;
            } else if (!fill()) {
                throw endedIn(what);
            }
        }
        at += end.length;
    }

    /** The file ends too early; the message has the number of its last line. */
    private ToolException endedIn(String what) {
        tagStart = limit;
        return error("incomplete source metadata: the file ends inside of " + what);
    }

    private boolean startsWith(byte[] expected) {
        return startsWith(at, expected);
    }

    private boolean startsWith(int from, byte[] expected) {
        return limit - from >= expected.length
                && Arrays.equals(buffer, from, from + expected.length, expected, 0, expected.length);
    }

    /** Makes room for what comes next, from {@code at} on, and reads some of it; false if there is neither. */
    private boolean fill() {
        if (ended) {
            return false;
        }
        for (int i = countedTo; i < at; i++) {
            linesBefore += buffer[i] == '\n' ? 1 : 0;
        }
        System.arraycopy(buffer, at, buffer, 0, limit - at);
        limit -= at;
        at = 0;
        countedTo = 0;
        if (limit == BUFFER) {
            return false;
        }
        try {
            int n = in.read(buffer, limit, BUFFER - limit);
            ended = n < 0;
            limit += Math.max(n, 0);
            return !ended;
        } catch (IOException e) {
            throw new ToolException("cannot read the input: " + e.getMessage(), e);
        }
    }
}
