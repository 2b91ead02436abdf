package io.pdata.thin.pool;

import io.pdata.core.device.Device;
import io.pdata.core.device.DeviceException;
import io.pdata.core.device.MemoryDevice;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;

/** A device in memory that counts what is done to it, keeps its discards, and fails where it is told to. Any thread. */
final class ProbedDevice implements Device {
    /** What can be counted and fail. */
    enum Kind {
        READ, WRITE, FLUSH, DISCARD
    }

    /** A range, in bytes. */
    record Range(long position, long length) {}

    private MemoryDevice memory;
    private final String name;
    private volatile Predicate<Kind> broken = _ -> false;
    private final AtomicLong[] counts = new AtomicLong[Kind.values().length];
    private final List<Range> discards = new ArrayList<>();
    private volatile Runnable onWrite = () -> {};

    ProbedDevice(String name, long size) {
        this.name = name;
        memory = new MemoryDevice(name, size);
        for (int i = 0; i < counts.length; i++) {
            counts[i] = new AtomicLong();
        }
    }

    /** From now on some operations fail. */
    void breakWhere(Predicate<Kind> which) {
        broken = which;
    }

    void repair() {
        broken = _ -> false;
    }

    /** Has something happen before each write. */
    void onWrite(Runnable step) {
        onWrite = step;
    }

    long count(Kind kind) {
        return counts[kind.ordinal()].get();
    }

    /** The discards since this was asked last. */
    synchronized List<Range> takeDiscards() {
        List<Range> taken = List.copyOf(discards);
        discards.clear();
        return taken;
    }

    /** Makes a closed device usable again. */
    ProbedDevice reopen() {
        memory.reopen();
        return this;
    }

    MemoryDevice memory() {
        return memory;
    }

    /** Puts the content of this moment aside. */
    MemoryDevice copy() {
        return memory.copy();
    }

    /** Has had another content all the time. */
    void become(MemoryDevice content) {
        memory = content;
    }

    private void count(Kind kind, long position) {
        counts[kind.ordinal()].incrementAndGet();
        if (broken.test(kind)) {
            throw new DeviceException(name + ": " + kind + " at byte " + position + " failed: simulated error");
        }
    }

    @Override
    public String name() {
        return name;
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
        count(Kind.READ, position);
        memory.read(position, target);
    }

    @Override
    public void write(long position, MemorySegment source) {
        onWrite.run();
        count(Kind.WRITE, position);
        memory.write(position, source);
    }

    @Override
    public void flush() {
        count(Kind.FLUSH, 0);
        memory.flush();
    }

    @Override
    public void discard(long position, long length) {
        count(Kind.DISCARD, position);
        synchronized (this) {
            discards.add(new Range(position, length));
        }
        memory.discard(position, length);
    }

    @Override
    public void zero(long position, long length) {
        count(Kind.WRITE, position);
        memory.zero(position, length);
    }

    @Override
    public long nextData(long position) {
        return memory.nextData(position);
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
