package io.pdata.reliability.damage;

import io.pdata.core.device.MemoryDevice;
import io.pdata.tools.Findings;
import io.pdata.tools.text.TextOut;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Everything that is done with metadata of one format. What is returned is text, equal whenever what was seen is equal.
 * Stateless.
 */
abstract class Use {
    /** What one block cache takes; the images are small. */
    static final long CACHE_BYTES = 256 << 10;

    /** What can be done with metadata. */
    enum Action {
        /** A full check by the tools. */
        CHECK,
        /** A dump by the tools. */
        DUMP,
        /** All that the library reads: lookups, cursors, walks, in every committed state. */
        READ,
        /** Opening for writing, a small transaction, and {@link #READ} afterwards. */
        WRITE
    }

    abstract Findings check(MemoryDevice device);

    abstract void dump(MemoryDevice device, TextOut out);

    abstract void read(MemoryDevice device, Answer answer);

    /** Opens, changes a little of everything, commits, and closes. */
    abstract void write(MemoryDevice device);

    final String perform(Action action, MemoryDevice device) {
        return switch (action) {
        case CHECK -> text(check(device));
        case DUMP -> {
            BoundedOutput bytes = new BoundedOutput();
            dump(device, new TextOut(bytes));
            yield bytes.toString(StandardCharsets.UTF_8);
        }
        case READ -> readAll(device);
        case WRITE -> {
            write(device);
            yield readAll(device.reopen());
        }
        };
    }

    private String readAll(MemoryDevice device) {
        Answer answer = new Answer();
        read(device, answer);
        return answer.toString();
    }

    private static String text(Findings findings) {
        StringBuilder text = new StringBuilder();
        findings.all().forEach(finding -> text.append(finding.severity()).append(' ').append(finding.text())
                .append('\n'));
        return text.toString();
    }

    /** No small image has a large dump: whoever writes more than this writes without end. */
    private static final class BoundedOutput extends ByteArrayOutputStream {
        private static final int MOST = 32 << 20;

        @Override
        public synchronized void write(byte[] from, int offset, int length) {
            if (count + length > MOST) {
                throw new AssertionError("a dump without end: " + MOST + " bytes so far");
            }
            super.write(from, offset, length);
        }
    }

    /** Gathers what was read. */
    static final class Answer {
        private static final int MOST = 1 << 22;

        private final StringBuilder text = new StringBuilder();
        private long hash;
        private int visited;

        /** Something worth showing as it is. */
        Answer say(Object... values) {
            for (Object value : values) {
                text.append(value).append(' ');
            }
            text.append('\n');
            return this;
        }

        /** One of very many values; returns true. */
        boolean note(long a, long b) {
            if (++visited > MOST) {
                throw new AssertionError("reading without end: " + MOST + " values so far");
            }
            hash = (hash * 31 + a) * 31 + b;
            return true;
        }

        @Override
        public String toString() {
            return text + "values " + visited + " hash " + hash;
        }
    }
}
