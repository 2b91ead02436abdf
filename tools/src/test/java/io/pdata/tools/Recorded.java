package io.pdata.tools;

import io.pdata.core.device.MemoryDevice;
import io.pdata.testkit.Golden;
import io.pdata.tools.text.TextOut;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** Golden images, and what the reference tools print of them. */
final class Recorded {
    private static final String HEADER = "----- ";

    private Recorded() {}

    /** The names of all images that begin so. */
    static Stream<String> images(String prefix) {
        return Golden.files(Golden.folder(), ".img.xz").stream().map(Path::getFileName).map(Path::toString)
                .filter(name -> name.startsWith(prefix)).map(name -> name.replace(".img.xz", ""));
    }

    /** Those of them with which a command was run successfully. */
    static Stream<String> imagesWith(String prefix, String command) {
        return images(prefix).filter(name -> output(name, command).isPresent());
    }

    static MemoryDevice device(String name) {
        byte[] image = Golden.image(name);
        MemoryDevice device = new MemoryDevice(name, image.length);
        device.write(0, MemorySegment.ofArray(image));
        return device;
    }

    static MetadataFile open(String name) {
        return new MetadataFile(device(name));
    }

    /** What a command printed, without trailing newlines; nothing if that was not recorded, or it failed. */
    static Optional<String> output(String image, String command) {
        String text = new String(Golden.bytes(Golden.folder(), image + ".txt"), StandardCharsets.UTF_8);
        int header = text.indexOf("\n" + HEADER + command);
        int begin = text.indexOf('\n', header + 1) + 1;
        if (header < 0 || !text.substring(header, begin).contains("(exit status 0)")) {
            return Optional.empty();
        }
        int end = text.indexOf("\n" + HEADER, begin - 1);
        return Optional.of(text.substring(begin, end < 0 ? text.length() : Math.max(begin, end)).stripTrailing());
    }

    /** What a dump writes. */
    static String written(Consumer<TextOut> dump) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        TextOut out = new TextOut(bytes);
        dump.accept(out);
        out.flush();
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
