package io.pdata.tools.thin;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Merges sorted files of runs. They are in a heap: the one whose run is next is first, and none comes before the one at half
 * its place. O(log files) for a run, hardly more than one comparison where many runs of a file follow each other.
 */
final class RunMerge implements AutoCloseable {
    private final List<RunFile.Reader> open = new ArrayList<>();
    private RunFile.Reader[] heap;
    private int size;

    /** Gets runs. */
    interface Target {
        void take(long[] runs, int at) throws IOException;
    }

    /** Shows the runs of all files to the target, in order. */
    static void merge(List<Path> files, Target target) throws IOException {
        try (RunMerge merge = new RunMerge()) {
            merge.begin(files);
            merge.run(target);
        }
    }

    private void begin(List<Path> files) throws IOException {
        heap = new RunFile.Reader[files.size()];
        for (Path file : files) {
            RunFile.Reader reader = new RunFile.Reader(file);
            open.add(reader);
            if (reader.advance()) {
                heap[size++] = reader;
            }
        }
        for (int i = size / 2; i >= 0; i--) {
            sink(i);
        }
    }

    private void run(Target target) throws IOException {
        while (size > 0) {
            target.take(heap[0].runs, heap[0].at);
            if (!heap[0].advance()) {
                heap[0] = heap[--size];
            }
            sink(0);
        }
    }

    private void sink(int from) {
        int i = from;
        for (int child = 2 * i + 1; child < size; child = 2 * i + 1) {
            if (child + 1 < size && heap[child + 1].isBefore(heap[child])) {
                child++;
            }
            if (!heap[child].isBefore(heap[i])) {
                return;
            }
            RunFile.Reader moved = heap[i];
            heap[i] = heap[child];
            heap[child] = moved;
            i = child;
        }
    }

    @Override
    public void close() throws IOException {
        for (RunFile.Reader reader : open) {
            reader.close();
        }
    }
}
