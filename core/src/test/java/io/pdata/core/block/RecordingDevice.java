package io.pdata.core.block;

import io.pdata.core.device.Device;
import io.pdata.core.device.MemoryDevice;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;

/** Remembers what was written where, and fails when told to. */
final class RecordingDevice implements Device {
    /** One call: the first block and how many. */
    record Write(long first, int blocks) {}

    final MemoryDevice memory;
    final List<Write> writes = new ArrayList<>();
    int flushes;
    RuntimeException flushFailure;
    volatile Semaphore writesAllowed = new Semaphore(Integer.MAX_VALUE);

    RecordingDevice(long blocks) {
        memory = new MemoryDevice(blocks * 4096);
    }

    @Override
    public String name() {
        return "recorder";
    }

    @Override
    public long size() {
        return memory.size();
    }

    @Override
    public boolean readOnly() {
        return false;
    }

    @Override
    public void read(long position, MemorySegment target) {
        memory.read(position, target);
    }

    @Override
    public void write(long position, MemorySegment source) {
        writesAllowed.acquireUninterruptibly();
        writes.add(new Write(position / 4096, (int) (source.byteSize() / 4096)));
        memory.write(position, source);
    }

    @Override
    public void flush() {
        if (flushFailure != null) {
            throw flushFailure;
        }
        flushes++;
    }

    @Override
    public void discard(long position, long length) {
        memory.discard(position, length);
    }

    @Override
    public void zero(long position, long length) {
        memory.zero(position, length);
    }

    @Override
    public void resize(long size, boolean reserve) {
        memory.resize(size, reserve);
    }

    @Override
    public void close() {
        memory.close();
    }
}
