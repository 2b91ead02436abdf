package io.pdata.server;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Requests and answers as JSON text. Fields that are null are left out. */
public final class Json {
    private static final JSON LINE = JSON.std;
    private static final JSON PRETTY = JSON.std.with(JSON.Feature.PRETTY_PRINT_OUTPUT);

    private Json() {}

    /** On one line, without its end. */
    static String line(Object value) {
        return write(LINE, value);
    }

    /** For a terminal or a file. */
    public static String pretty(Answer answer) {
        return write(PRETTY, answer);
    }

    private static String write(JSON format, Object value) {
        try {
            return format.asString(value);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // of a text in memory: a mistake of ours
        }
    }

    /** @throws IOException if the text is not JSON, or does not describe a {@code type} */
    static <T> T read(String text, Class<T> type) throws IOException {
        T value = LINE.beanFrom(type, text);
        if (value == null) {
            throw new IOException("null instead of an object");
        }
        return value;
    }
}
