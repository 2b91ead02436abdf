package io.pdata.reliability.pool;

import io.pdata.core.device.Device;
import io.pdata.core.device.ForwardingDevice;
import io.pdata.reliability.disk.SimulatedDisk;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * The three disks of a pool and one clock for all: a moment says how much had happened to each, so that one power cut can
 * hit them together.
 */
final class PoolDisks {
    static final int METADATA = 0;
    static final int DATA = 1;
    static final int LOG = 2;
    static final int COUNT = 3;

    private final SimulatedDisk[] disks = new SimulatedDisk[COUNT];
    /** For each moment the number of events of each disk. */
    private final List<int[]> moments = new ArrayList<>();

    /** @param images what is on the disks, durably */
    PoolDisks(byte[][] images, long seed) {
        for (int i = 0; i < COUNT; i++) {
            disks[i] = new SimulatedDisk(images[i], seed + i);
        }
        moments.add(new int[COUNT]);
    }

    SimulatedDisk disk(int which) {
        return disks[which];
    }

    /** A disk as a device that moves the clock. */
    Device device(int which) {
        return new Clocked(disks[which]);
    }

    /** How many moments there have been; the present one is the last. */
    synchronized int now() {
        return moments.size() - 1;
    }

    /** How many events each disk had had at a moment. */
    synchronized int[] at(int moment) {
        return moments.get(moment);
    }

    private synchronized void tick() {
        int[] positions = new int[COUNT];
        for (int i = 0; i < COUNT; i++) {
            positions[i] = disks[i].history().length();
        }
        moments.add(positions);
    }

    private final class Clocked extends ForwardingDevice {

        Clocked(SimulatedDisk disk) {
            super(disk);
        }

        private void change(Runnable work) {
            try {
                work.run();
            } finally {
                tick();
            }
        }

        @Override
        public void write(long position, MemorySegment source) {
            change(() -> super.write(position, source));
        }

        @Override
        public void flush() {
            change(super::flush);
        }

        @Override
        public void discard(long position, long length) {
            change(() -> super.discard(position, length));
        }

        @Override
        public void zero(long position, long length) {
            change(() -> super.zero(position, length));
        }

        @Override
        public void resize(long size, boolean reserve) {
            change(() -> super.resize(size, reserve));
        }
    }
}
