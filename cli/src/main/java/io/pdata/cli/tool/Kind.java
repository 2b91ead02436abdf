package io.pdata.cli.tool;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.ITypeConverter;

/**
 * What the value of an option or a parameter is.
 *
 * @param type for completion, which offers files where a file is wanted
 * @param reader makes it out of text; throws {@link InvalidValueException} if that cannot be
 */
public record Kind<T>(Class<T> type, ITypeConverter<T> reader) {
    /** Set by the script that starts the program if the working directory has been deleted. */
    private static final String NOWHERE = "pdata.nowhere";
    /** Stands for bytes that are no characters. */
    private static final char UNREADABLE = '\ufffd';

    /** A file or device. */
    public static final Kind<Path> PATH = new Kind<>(Path.class, Kind::path);
    /** Any text. */
    public static final Kind<String> TEXT = new Kind<>(String.class, value -> value);
    /** A number of 32 bits without a sign. */
    public static final Kind<Integer> U32 = new Kind<>(Integer.class, Numbers::u32);
    /** A number of 64 bits without a sign: a long beyond {@link Long#MAX_VALUE} is negative. */
    public static final Kind<Long> U64 = new Kind<>(Long.class, Numbers::u64);
    /** A size in bytes, without a sign: see {@link io.pdata.tools.Sizes#parse}. */
    public static final Kind<Long> SIZE = new Kind<>(Long.class, Numbers::size);

    private static Path path(String value) {
        if (value.indexOf(UNREADABLE) >= 0) {
            throw new InvalidValueException("the name is not UTF-8: make a link to the file with another name");
        }
        Path path = Path.of(value);
        if (System.getProperty(NOWHERE) != null && !path.isAbsolute() && !value.isEmpty()) {
            throw new InvalidValueException("the working directory has been deleted: give an absolute path");
        }
        return path;
    }

    /** One of a few words. */
    public static Kind<String> oneOf(String... words) {
        return new Kind<>(String.class, value -> {
            if (!List.of(words).contains(value)) {
                throw InvalidValueException.possibleValues(String.join(", ", words));
            }
            return value;
        });
    }

    /** One of the constants of an enumeration, as they are called in text. */
    public static <E extends Enum<E>> Kind<E> oneOf(Class<E> type) {
        return new Kind<>(type, value -> Stream.of(type.getEnumConstants())
                .filter(constant -> constant.toString().equals(value)).findAny()
                .orElseThrow(() -> InvalidValueException.possibleValues(Stream.of(type.getEnumConstants())
                        .map(Object::toString).collect(Collectors.joining(", ")))));
    }
}
