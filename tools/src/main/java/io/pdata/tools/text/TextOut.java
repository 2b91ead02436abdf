package io.pdata.tools.text;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * ASCII text on its way to a stream, collected in a buffer; writing a number makes no garbage. Not thread-safe.
 *
 * <p>Errors: {@link OutputException}.
 */
public final class TextOut implements AutoCloseable {
    private static final int BUFFER = 1 << 16;
    private static final int LONGEST_NUMBER = 20;

    private final OutputStream out;
    private final String place;
    private final byte[] buffer = new byte[BUFFER];
    private final byte[] digits = new byte[LONGEST_NUMBER];
    private int used;

    /** Writes to a stream, which is closed together with this object. */
    public TextOut(OutputStream out) {
        this(out, "");
    }

    private TextOut(OutputStream out, String place) {
        this.out = out;
        this.place = place;
    }

    /** Makes a file, or empties it, and writes to it. */
    public static TextOut to(Path file) {
        try {
            return new TextOut(new FileOutputStream(file.toFile()), file + ": ");
        } catch (IOException e) {
            throw new OutputException(e);
        }
    }

    /** Text that is written again and again, ready for {@link #raw}. */
    public static byte[] literal(String ascii) {
        return ascii.getBytes(StandardCharsets.US_ASCII);
    }

    /** Appends prepared text. */
    public TextOut raw(byte[] literal) {
        reserve(literal.length);
        System.arraycopy(literal, 0, buffer, used, literal.length);
        used += literal.length;
        return this;
    }

    /** Appends ASCII text. */
    public TextOut text(String ascii) {
        return raw(literal(ascii));
    }

    /** Appends an unsigned number in decimal. */
    public TextOut number(long value) {
        if (value < 0) {
            return text(Long.toUnsignedString(value));
        }
        int at = LONGEST_NUMBER;
        long rest = value;
        do {
            digits[--at] = (byte) ('0' + rest % 10);
            rest /= 10;
        } while (rest != 0);
        reserve(LONGEST_NUMBER);
        System.arraycopy(digits, at, buffer, used, LONGEST_NUMBER - at);
        used += LONGEST_NUMBER - at;
        return this;
    }

    /** Hands on what is in the buffer. */
    public void flush() {
        try {
            out.write(buffer, 0, used);
            out.flush();
        } catch (IOException e) {
            throw new OutputException(place, e);
        } finally {
            used = 0;
        }
    }

    /** Closes the stream without handing on what is in the buffer: {@link #flush} first, if all has gone well. */
    @Override
    public void close() {
        try {
            out.close();
        } catch (IOException e) {
            throw new OutputException(place, e);
        }
    }

    private void reserve(int bytes) {
        if (BUFFER - used < bytes) {
            flush();
        }
    }
}
