package io.pdata.server;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;

/** Requests and answers as JSON text. Fields that are null are left out. */
public final class Json {
    private static final JSON LINE = JSON.std.with(JSON.Feature.WRITE_RECORD_FIELDS_IN_DECLARATION_ORDER,
            JSON.Feature.FAIL_ON_DUPLICATE_MAP_KEYS);
    private static final JSON PRETTY = LINE.with(JSON.Feature.PRETTY_PRINT_OUTPUT);

    private Json() {}

    /** On one line, without its end. */
    static String line(Object value) {
        return write(LINE, value);
    }

    /** For a terminal or a file: an answer, or maps, lists, numbers and text. */
    public static String pretty(Object value) {
        return write(PRETTY, value);
    }

    /** Fields by their names; values are texts, numbers, lists and such maps. */
    public static String pretty(Map<String, ?> fields) {
        return write(PRETTY, fields);
    }

    private static String write(JSON format, Object value) {
        try {
            return format.asString(value);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // of a text in memory: a mistake of ours
        }
    }

    /** @throws IOException if the text is not JSON, or no request */
    static Request readRequest(String text) throws IOException {
        Map<String, Object> fields = LINE.mapFrom(text);
        if (fields == null) {
            throw new IOException("null instead of an object");
        }
        return Request.of(fields);
    }

    /** @throws IOException if the text is not JSON, or no answer */
    static Answer readAnswer(String text) throws IOException {
        Answer answer = LINE.beanFrom(Answer.class, text);
        if (answer == null) {
            throw new IOException("null instead of an object");
        }
        return answer;
    }
}
