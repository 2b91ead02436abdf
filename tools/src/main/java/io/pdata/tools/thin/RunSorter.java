package io.pdata.tools.thin;

import io.pdata.tools.ToolException;
import io.pdata.tools.thin.ThinReverseMap.Run;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/**
 * Sorts any number of runs: up to {@value #IN_MEMORY} in memory, more by way of temporary files, of which there are at most
 * {@value #FILES} at a time. Not thread-safe.
 */
final class RunSorter implements AutoCloseable {
    private static final int IN_MEMORY = 1 << 19;
    private static final int FILES = 64;
    private static final Comparator<Run> ORDER = Comparator.comparingLong(Run::begin).thenComparingLong(Run::end)
            .thenComparing(Run::device, Long::compareUnsigned).thenComparing(Run::origin, Long::compareUnsigned);

    private final int inMemory;
    private final int mostFiles;
    private final List<Run> runs = new ArrayList<>();
    private final List<Path> files = new ArrayList<>();

    RunSorter() {
        this(IN_MEMORY, FILES);
    }

    /** With other limits. */
    RunSorter(int inMemory, int mostFiles) {
        this.inMemory = inMemory;
        this.mostFiles = mostFiles;
    }

    void add(Run run) {
        runs.add(run);
        if (runs.size() == inMemory) {
            spill();
        }
    }

    /** Visits all runs in order; once. */
    void forEach(ThinReverseMap.Visitor visitor) {
        runs.sort(ORDER);
        try {
            if (files.isEmpty()) {
                runs.forEach(visitor::run);
            } else {
                merge(visitor);
            }
        } catch (IOException e) {
            throw failed(e);
        }
    }

    private void spill() {
        runs.sort(ORDER);
        try {
            if (files.size() == mostFiles) {
                Path all = temporary();
                try (DataOutputStream out = output(all)) {
                    merge(run -> write(out, run));
                }
                deleteFiles();
                files.add(all);
            } else {
                Path file = temporary();
                files.add(file);
                try (DataOutputStream out = output(file)) {
                    runs.forEach(run -> write(out, run));
                }
            }
        } catch (IOException e) {
            throw failed(e);
        }
        runs.clear();
    }

    /** The runs of all files and those in memory, which are sorted. */
    private void merge(ThinReverseMap.Visitor visitor) throws IOException {
        PriorityQueue<Source> sources = new PriorityQueue<>(Comparator.comparing(source -> source.head, ORDER));
        int next = 0;
        try {
            for (Path file : files) {
                Source source = new Source(file);
                if (source.advance()) {
                    sources.add(source);
                }
            }
            while (!sources.isEmpty()) {
                Source first = sources.poll();
                while (next < runs.size() && ORDER.compare(runs.get(next), first.head) < 0) {
                    visitor.run(runs.get(next++));
                }
                visitor.run(first.head);
                if (first.advance()) {
                    sources.add(first);
                }
            }
        } finally {
            for (Source source : sources) {
                source.in.close();
            }
        }
        runs.subList(next, runs.size()).forEach(visitor::run);
    }

    private static Path temporary() throws IOException {
        return Files.createTempFile("runs", null);
    }

    private static DataOutputStream output(Path file) throws IOException {
        return new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(file), 1 << 16));
    }

    private static void write(DataOutputStream out, Run run) {
        try {
            out.writeLong(run.begin());
            out.writeLong(run.end());
            out.writeLong(run.device());
            out.writeLong(run.origin());
        } catch (IOException e) {
            throw failed(e);
        }
    }

    private static ToolException failed(IOException e) {
        return new ToolException("a temporary file cannot be used: " + e.getMessage(), e);
    }

    private void deleteFiles() throws IOException {
        for (Path file : files) {
            Files.deleteIfExists(file);
        }
        files.clear();
    }

    @Override
    public void close() {
        try {
            deleteFiles();
        } catch (IOException e) {
            throw failed(e);
        }
    }

    /** A file that is read from its beginning. */
    private static final class Source {
        private final DataInputStream in;
        private Run head;

        Source(Path file) throws IOException {
            in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file), 1 << 16));
        }

        boolean advance() throws IOException {
            try {
                long begin = in.readLong();
                head = new Run(begin, in.readLong(), in.readLong(), in.readLong());
                return true;
            } catch (EOFException e) {
                in.close();
                return false;
            }
        }
    }
}
