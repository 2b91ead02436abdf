package io.pdata.core.block;

import io.pdata.core.device.ForwardingDevice;
import io.pdata.core.device.MemoryDevice;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;

/** Remembers what was written where, and fails when told to. */
final class RecordingDevice extends ForwardingDevice {
    /** One call: the first block and how many. */
    record Write(long first, int blocks) {}

    final MemoryDevice memory;
    final List<Write> writes = new ArrayList<>();
    int flushes;
    RuntimeException flushFailure;
    volatile Semaphore writesAllowed = new Semaphore(Integer.MAX_VALUE);

    RecordingDevice(long blocks) {
        this(new MemoryDevice(blocks * 4096));
    }

    private RecordingDevice(MemoryDevice memory) {
        super(memory);
        this.memory = memory;
    }

    /** Its writes may be made to wait, as those of a disk. */
    @Override
    public boolean inMemory() {
        return false;
    }

    @Override
    public void write(long position, MemorySegment source) {
        writesAllowed.acquireUninterruptibly();
        writes.add(new Write(position / 4096, (int) (source.byteSize() / 4096)));
        super.write(position, source);
    }

    @Override
    public void flush() {
        if (flushFailure != null) {
            throw flushFailure;
        }
        flushes++;
    }
}
