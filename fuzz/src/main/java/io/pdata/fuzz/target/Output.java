package io.pdata.fuzz.target;

import io.pdata.tools.text.TextOut;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** What a dump writes: of images this small, not much. */
final class Output extends ByteArrayOutputStream {
    private static final int MOST = 32 << 20;

    private Output() {}

    /** The text that a dump writes. */
    static String of(Consumer<TextOut> dump) {
        Output bytes = new Output();
        try (TextOut out = new TextOut(bytes)) {
            dump.accept(out);
            out.flush();
        }
        return bytes.toString(StandardCharsets.US_ASCII);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
        Judge.require(size() + length <= MOST, "a dump of more than " + MOST + " bytes: this does not end");
        super.write(bytes, offset, length);
    }
}
