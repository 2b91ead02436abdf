package io.pdata.core.device;

import java.lang.foreign.MemorySegment;

/**
 * Does everything by another device: for devices that watch, or change, some of what is done to one. As safe for threads as
 * that one.
 */
public abstract class ForwardingDevice implements Device {
    private final Device device;

    /** @param device is closed with this one */
    protected ForwardingDevice(Device device) {
        this.device = device;
    }

    @Override
    public String name() {
        return device.name();
    }

    @Override
    public long size() {
        return device.size();
    }

    @Override
    public boolean readOnly() {
        return device.readOnly();
    }

    @Override
    public void read(long position, MemorySegment target) {
        device.read(position, target);
    }

    @Override
    public void write(long position, MemorySegment source) {
        device.write(position, source);
    }

    @Override
    public void flush() {
        device.flush();
    }

    @Override
    public void discard(long position, long length) {
        device.discard(position, length);
    }

    @Override
    public void zero(long position, long length) {
        device.zero(position, length);
    }

    @Override
    public void resize(long size, boolean reserve) {
        device.resize(size, reserve);
    }

    @Override
    public boolean inMemory() {
        return device.inMemory();
    }

    @Override
    public long nextData(long position) {
        return device.nextData(position);
    }

    @Override
    public long storageLeft() {
        return device.storageLeft();
    }

    @Override
    public long refresh() {
        return device.refresh();
    }

    @Override
    public void perform(Runnable work) {
        device.perform(work);
    }

    @Override
    public void close() {
        device.close();
    }
}
