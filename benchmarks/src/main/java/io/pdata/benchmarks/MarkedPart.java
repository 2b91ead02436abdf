package io.pdata.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A part of a document that a program writes: what stands between {@code <!-- NAME: made by PROGRAM -->} (whatever the program
 * is called) and {@code <!-- NAME: end -->}. So no figure is typed by hand.
 */
public final class MarkedPart {
    private MarkedPart() {}

    /** Replaces the part of that name. */
    public static void replace(Path document, String name, String text) throws IOException {
        String before = Files.readString(document);
        int begin = before.indexOf("<!-- " + name + ": made by ");
        int bodyBegin = begin < 0 ? -1 : before.indexOf("-->\n", begin);
        int end = before.indexOf("<!-- " + name + ": end -->");
        if (bodyBegin < 0 || end < bodyBegin) {
            throw new IOException(document + ": has no marks for a part called " + name);
        }
        Files.writeString(document,
                before.substring(0, bodyBegin) + "-->\n\n" + text.strip() + "\n\n" + before.substring(end));
    }
}
