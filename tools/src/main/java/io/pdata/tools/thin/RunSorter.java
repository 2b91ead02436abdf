package io.pdata.tools.thin;

import io.pdata.tools.ToolException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Sorts any number of runs: up to {@value #IN_MEMORY} in memory, more by way of temporary files, of which there are at most
 * {@value #FILES} at a time. Not thread-safe.
 *
 * <p>Memory: 40 bytes for each run in memory, and 64 KiB for each file.
 */
final class RunSorter implements AutoCloseable {
    private static final int IN_MEMORY = 1 << 19;
    private static final int FILES = 64;

    /** In a sort key a run's position among those in memory is below its first data block, which has 40 bits. */
    private static final int POSITION_BITS = 23;
    private static final int POSITION = (1 << POSITION_BITS) - 1;

    private final int inMemory;
    private final int mostFiles;
    private final Path folder;
    private final List<Path> files = new ArrayList<>();
    private long[] runs = new long[RunNumbers.NUMBERS];
    private long[] keys = new long[1];
    private int count;

    RunSorter() {
        this(IN_MEMORY, FILES, Path.of(System.getProperty("java.io.tmpdir")));
    }

    /** With other limits, and temporary files in another folder. */
    RunSorter(int inMemory, int mostFiles, Path folder) {
        this.inMemory = inMemory;
        this.mostFiles = mostFiles;
        this.folder = folder;
    }

    /** @param begin below 2^40 */
    void add(long begin, long end, long device, long origin) {
        if (count == inMemory) {
            spill();
        }
        if (count == keys.length) {
            int larger = Math.min(2 * count, inMemory);
            keys = Arrays.copyOf(keys, larger);
            runs = Arrays.copyOf(runs, larger * RunNumbers.NUMBERS);
        }
        keys[count] = begin << POSITION_BITS | count;
        int at = place(count++);
        runs[at + RunNumbers.BEGIN] = begin;
        runs[at + RunNumbers.END] = end;
        runs[at + RunNumbers.DEVICE] = device;
        runs[at + RunNumbers.ORIGIN] = origin;
    }

    /** Visits all runs in order; once. */
    void forEach(ThinReverseMap.Visitor visitor) {
        if (files.isEmpty()) {
            sort();
            for (int i = 0; i < count; i++) {
                visitor.run(RunNumbers.run(runs, place(keys[i])));
            }
            return;
        }
        spill();
        try {
            RunMerge.merge(files, (all, at) -> visitor.run(RunNumbers.run(all, at)));
        } catch (IOException e) {
            throw failed(e);
        }
    }

    private static int place(long key) {
        return (int) (key & POSITION) * RunNumbers.NUMBERS;
    }

    /** By the first data block, which is most of the work; then those that begin with the same. */
    private void sort() {
        Arrays.sort(keys, 0, count);
        int from = 0;
        for (int i = 1; i <= count; i++) {
            if (i == count || keys[i] >>> POSITION_BITS != keys[from] >>> POSITION_BITS) {
                sortAlike(from, i);
                from = i;
            }
        }
    }

    /** They were added volume by volume, so hardly ever is there anything to do. */
    private void sortAlike(int from, int to) {
        for (int i = from + 1; i < to; i++) {
            if (compare(keys[i - 1], keys[i]) > 0) {
                long[] sorted = Arrays.stream(keys, from, to).boxed().sorted(this::compare)
                        .mapToLong(Long::longValue).toArray();
                System.arraycopy(sorted, 0, keys, from, sorted.length);
                return;
            }
        }
    }

    private int compare(long a, long b) {
        return RunNumbers.compare(runs, place(a), runs, place(b));
    }

    private void spill() {
        sort();
        try {
            if (files.size() == mostFiles) {
                mergeFiles();
            }
            try (RunFile.Writer out = new RunFile.Writer(temporary())) {
                for (int i = 0; i < count; i++) {
                    out.write(runs, place(keys[i]));
                }
                out.flush();
            }
        } catch (IOException e) {
            throw failed(e);
        }
        count = 0;
    }

    private void mergeFiles() throws IOException {
        List<Path> merged = List.copyOf(files);
        try (RunFile.Writer out = new RunFile.Writer(temporary())) {
            RunMerge.merge(merged, out::write);
            out.flush();
        }
        delete(merged);
    }

    private Path temporary() throws IOException {
        Path file = Files.createTempFile(folder, "runs", null);
        files.add(file);
        return file;
    }

    private void delete(List<Path> some) throws IOException {
        for (Path file : some) {
            Files.deleteIfExists(file);
            files.remove(file);
        }
    }

    private ToolException failed(IOException e) {
        return new ToolException("a temporary file in " + folder + " cannot be used: " + e.getMessage(), e);
    }

    @Override
    public void close() {
        try {
            delete(List.copyOf(files));
        } catch (IOException e) {
            throw failed(e);
        }
    }
}
