package io.pdata.reliability.campaign;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Properties;

/**
 * Where a run that can be stopped keeps how far it has come. It is replaced as a whole: whoever stops the run at any moment
 * leaves what was stored last, or what was stored before that. One thread.
 *
 * <p>Errors: {@link UncheckedIOException} where the file cannot be read or written.
 */
public final class StateFile {
    private static final String RUN = "run";

    private final Path file;
    private final String run;

    /**
     * Neither reads nor writes.
     *
     * @param file null to keep nothing
     * @param run says what the run is about, so that no other run goes on from it
     */
    public StateFile(Path file, String run) {
        this.file = file;
        this.run = run;
    }

    /**
     * What was stored last; empty if there is nothing yet.
     *
     * @throws IllegalArgumentException if it was stored by a run about something else
     */
    public Properties load() {
        Properties state = new Properties();
        if (file == null || !Files.exists(file)) {
            return state;
        }
        try (var reader = Files.newBufferedReader(file)) {
            state.load(reader);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (!run.equals(state.getProperty(RUN))) {
            throw new IllegalArgumentException(
                    file + " is of another run: " + state.getProperty(RUN) + ", instead of " + run);
        }
        return state;
    }

    /** Replaces what was stored. */
    public void store(Properties state) {
        if (file == null) {
            return;
        }
        state.setProperty(RUN, run);
        Path temporary = file.resolveSibling(file.getFileName() + ".new");
        try {
            try (Writer writer = Files.newBufferedWriter(temporary)) {
                state.store(writer, null);
            }
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
