package io.pdata.interop;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * A recording: what a kernel was asked to do with a metadata device, in order, and where its image was taken.
 *
 * @param name the file's name
 * @param folder where the images lie
 * @param language of which target
 * @param operations elementary operations; "image" among them
 */
record OperationList(String name, Path folder, Language language, List<Operation> operations) {

    static OperationList read(Path file) {
        try {
            return parse(file.getFileName().toString(), file.toAbsolutePath().getParent(), Files.readAllLines(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** @throws IllegalArgumentException naming the first line that makes no sense */
    static OperationList parse(String name, Path folder, List<String> text) {
        List<Operation> lines = new ArrayList<>();
        for (int i = 0; i < text.size(); i++) {
            String content = text.get(i).split("#", 2)[0].strip();
            if (!content.isEmpty()) {
                List<String> words = List.of(content.split("\\s+"));
                lines.add(new Operation(i + 1, words.getFirst(), words.subList(1, words.size())));
            }
        }
        Language language = languageOf(name, lines);
        List<Operation> operations = lines.stream().flatMap(line -> language.expand(line).stream()).toList();
        return new OperationList(name, folder, language, operations);
    }

    /** The language that understands every line; where a list is so short that several do, its name decides. */
    private static Language languageOf(String name, List<Operation> lines) {
        List<Language> fitting = Stream.of(Language.values())
                .filter(language -> lines.stream().allMatch(language::knows))
                .toList();
        if (fitting.size() == 1) {
            return fitting.getFirst();
        }
        String lower = name.toLowerCase(Locale.ROOT);
        for (Language language : fitting) {
            if (lower.contains(language.name().toLowerCase(Locale.ROOT))) {
                return language;
            }
        }
        throw new IllegalArgumentException(name + ": " + (fitting.isEmpty()
                ? firstStranger(lines)
                : "could be of any of " + fitting + ", and the name does not say which"));
    }

    /** What keeps the language that understands most of the list from understanding all of it. */
    private static String firstStranger(List<Operation> lines) {
        Operation furthest = lines.getFirst();
        for (Language language : Language.values()) {
            for (Operation line : lines) {
                if (!language.knows(line)) {
                    furthest = line.line() > furthest.line() ? line : furthest;
                    break;
                }
            }
        }
        return furthest + ": not understood";
    }
}
