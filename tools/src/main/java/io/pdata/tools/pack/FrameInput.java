package io.pdata.tools.pack;

import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * The bytes that a compressed frame stands for, read from the beginning. Memory: 64 KiB beside the frame, whatever it
 * stands for. Not thread-safe.
 */
final class FrameInput implements AutoCloseable {
    private final byte[] frame;
    private final Inflater inflater = new Inflater();
    private final byte[] buffer = new byte[1 << 16];
    private int next;
    private int end;

    FrameInput(byte[] frame) {
        this.frame = frame;
        inflater.setInput(frame);
    }

    /** Whether nothing follows. */
    boolean atEnd() {
        if (next == end && !inflater.finished()) {
            fill();
        }
        return next == end;
    }

    /** Goes to the next stream of the frame, after the end of one; returns whether there is one. */
    boolean nextStream() {
        int left = inflater.getRemaining();
        inflater.reset();
        inflater.setInput(frame, frame.length - left, left);
        return left > 0;
    }

    /** A byte, unsigned. */
    int readByte() {
        if (atEnd()) {
            throw new PackException("a frame ends in the middle of a block");
        }
        return buffer[next++] & 0xFF;
    }

    /** A number of 1, 2, 4 or 8 bytes. */
    long readNumber(int width) {
        if (width != 1 && width != 2 && width != 4 && width != 8) {
            throw new PackException("a number of " + width + " bytes");
        }
        long number = 0;
        for (int i = 0; i < width; i++) {
            number |= (long) readByte() << i * Byte.SIZE;
        }
        return number;
    }

    /** Some bytes. */
    void readBytes(byte[] target, int from, int length) {
        for (int done = 0; done < length;) {
            if (atEnd()) {
                throw new PackException("a frame ends in the middle of a block");
            }
            int n = Math.min(length - done, end - next);
            System.arraycopy(buffer, next, target, from + done, n);
            next += n;
            done += n;
        }
    }

    private void fill() {
        try {
            next = 0;
            end = inflater.inflate(buffer);
            if (end == 0 && !inflater.finished()) {
                throw new PackException("a frame is cut off");
            }
        } catch (DataFormatException e) {
            throw new PackException("a frame cannot be decompressed: " + e.getMessage());
        }
    }

    @Override
    public void close() {
        inflater.close();
    }
}
