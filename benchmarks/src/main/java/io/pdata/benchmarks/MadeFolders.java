package io.pdata.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Folders that a comparison makes, and that are removed when this is closed, with all that is in them; no others are. */
public final class MadeFolders implements AutoCloseable {
    private final Path parent;
    private final List<Path> made = new ArrayList<>();

    /** @param parent is kept */
    public MadeFolders(Path parent) {
        this.parent = parent;
    }

    /** @throws java.nio.file.FileAlreadyExistsException if there is one of that name */
    public Path make(String name) throws IOException {
        Path folder = Files.createDirectory(parent.resolve(name));
        made.add(folder);
        return folder;
    }

    @Override
    public void close() throws IOException {
        for (Path folder : made) {
            try (Stream<Path> all = Files.walk(folder)) {
                for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(each);
                }
            }
        }
    }
}
