package io.pdata.nbd;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** What comes with an option. Nothing in it is believed: what does not add up is {@link Malformed}. */
final class OptionData {
    /** The longest string that may be sent. */
    private static final int MAX_STRING = 4096;

    private final ByteBuffer data;

    /** The client is told what is wrong, and may go on. */
    static final class Malformed extends Exception {
        private static final long serialVersionUID = 1L;

        Malformed(String message) {
            super(message);
        }
    }

    /** The client is told that it asks for too much, and may go on. */
    static final class TooMuch extends Exception {
        private static final long serialVersionUID = 1L;

        TooMuch(String message) {
            super(message);
        }
    }

    OptionData(byte[] data) {
        this.data = ByteBuffer.wrap(data);
    }

    /** All of it as one string. */
    String text() throws Malformed {
        return text(data.remaining());
    }

    /** A string with its length before it. */
    String string() throws Malformed {
        return text(require(Integer.BYTES).getInt());
    }

    private String text(int length) throws Malformed {
        if (length < 0 || length > MAX_STRING) {
            throw new Malformed("a string of " + Integer.toUnsignedString(length) + " bytes: " + MAX_STRING
                    + " are the most");
        }
        ByteBuffer bytes = require(length).slice(data.position(), length);
        data.position(data.position() + length);
        try {
            String text = StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
            if (text.indexOf('\0') >= 0) {
                throw new Malformed("a string with a zero in it");
            }
            return text;
        } catch (CharacterCodingException e) {
            throw new Malformed("a string that is not UTF-8");
        }
    }

    /** The numbers of the information that is wanted, behind their count. */
    List<Integer> informationWanted() throws Malformed {
        int count = Short.toUnsignedInt(require(Short.BYTES).getShort());
        require(count * Short.BYTES);
        List<Integer> wanted = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            wanted.add(Short.toUnsignedInt(data.getShort()));
        }
        requireEnd();
        return wanted;
    }

    /** Queries for metadata contexts, behind their count. */
    List<String> queries(int most) throws Malformed, TooMuch {
        int count = require(Integer.BYTES).getInt();
        if (count < 0 || count > most) {
            throw new TooMuch(Integer.toUnsignedString(count) + " queries: " + most + " are the most");
        }
        List<String> queries = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            queries.add(string());
        }
        requireEnd();
        return queries;
    }

    void requireEnd() throws Malformed {
        if (data.hasRemaining()) {
            throw new Malformed("this option has " + data.remaining() + " bytes too many");
        }
    }

    private ByteBuffer require(int bytes) throws Malformed {
        if (data.remaining() < bytes) {
            throw new Malformed("the lengths in this option do not add up");
        }
        return data;
    }
}
