package io.pdata.nbd;

import io.pdata.core.device.Device;
import io.pdata.core.device.ForwardingDevice;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;

/**
 * The device of one connection. It keeps changes that a client has asked for from being made after the client has gone and
 * a newer one of the same device has been answered: the newer one would lose data, even flushed data.
 *
 * <p>Invariant: a newcomer announces itself to all other connections of the device, and then waits for the one change that
 * each may be making. A connection that finds newcomers announced makes sure before its next change that its client is
 * still there. A client that is there loses nothing.
 *
 * <p>For the thread of the connection, except for {@link #announce} and {@link #awaitChange}.
 */
final class Fence extends ForwardingDevice {
    private final Device device;
    private final ClientChannel client;
    /** Odd while a change is being made. Written by the thread of the connection. */
    private volatile int changes;
    /** How many newcomers have been announced. */
    private volatile int newcomers;
    /** For how many of them the client has been found to be there. */
    private int known;

    Fence(Device device, ClientChannel client) {
        super(device);
        this.device = device;
        this.client = client;
    }

    boolean isOf(Device other) {
        return device == other;
    }

    /** There is a newer client. Any thread. */
    synchronized void announce() {
        newcomers++;
    }

    /** Returns when the change that is being made, if there is one, has been made. Any thread. */
    void awaitChange() throws InterruptedException {
        int now = changes;
        for (long millis = 0; (now & 1) != 0 && changes == now; millis = Math.min(millis + 1, 10)) {
            Thread.sleep(millis);
        }
    }

    /** The change is visible as begun before the newcomers are looked at: one of the two sides sees the other. */
    private void begin() {
        changes++;
        if (newcomers != known) {
            requireClient();
        }
    }

    private void requireClient() {
        int announced = newcomers;
        boolean there = false;
        try {
            there = !client.hasGone();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            if (!there) {
                end();
            }
        }
        if (!there) {
            throw new UncheckedIOException(new EOFException("the client has gone: its last requests are dropped"));
        }
        known = announced;
    }

    private void end() {
        changes++;
    }

    @Override
    public void write(long position, MemorySegment source) {
        begin();
        try {
            super.write(position, source);
        } finally {
            end();
        }
    }

    @Override
    public void discard(long position, long length) {
        begin();
        try {
            super.discard(position, length);
        } finally {
            end();
        }
    }

    @Override
    public void zero(long position, long length) {
        begin();
        try {
            super.zero(position, length);
        } finally {
            end();
        }
    }

    /** The device belongs to the export. */
    @Override
    public void close() {}
}
