package io.pdata.fuzz;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;

/**
 * The inputs that come with the project, one in a line, in hexadecimal: those that together reach most of a target's
 * code, and those that once found something wrong. What follows a {@code #} is a comment.
 */
public final class Corpus {
    private Corpus() {}

    /** The inputs for a target; none if there are none. */
    public static List<byte[]> of(String target) {
        try (InputStream in = Corpus.class.getResourceAsStream("corpus/" + target + ".hex")) {
            return in == null
                    ? List.of()
                    : new String(in.readAllBytes(), StandardCharsets.US_ASCII).lines()
                            .map(line -> line.replaceAll("#.*", "").strip()).filter(line -> !line.isEmpty())
                            .map(HexFormat.of()::parseHex).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
