package io.pdata.nbd;

import io.pdata.core.device.Device;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Brings the connections of one device into an order: before the first request of a new one is answered, no change is under
 * way that a client has asked for which has gone since. See {@link Fence}. Thread-safe.
 */
final class Admissions {
    private final Set<Fence> fences = ConcurrentHashMap.newKeySet();
    private final AtomicInteger count = new AtomicInteger();

    /** How many connections have been admitted so far. */
    int count() {
        return count.get();
    }

    /**
     * Admits a connection to a device; to be followed by {@link #leave}.
     *
     * @param arrival the {@link #count} when the client came: others that were admitted since may be newer than it
     */
    Fence admit(Device device, ClientChannel client, int arrival) throws IOException {
        Fence fence = new Fence(device, client);
        fences.add(fence);
        if (count.getAndIncrement() != arrival) {
            fence.announce();
        }
        for (Fence other : fences) {
            if (other != fence && other.isOf(device)) {
                other.announce();
                awaitChange(other, fence);
            }
        }
        return fence;
    }

    private void awaitChange(Fence other, Fence newcomer) throws IOException {
        try {
            other.awaitChange();
        } catch (InterruptedException e) {
            leave(newcomer);
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while an older client's request was finished");
        }
    }

    /** The connection has ended: it makes no change any longer. */
    void leave(Fence fence) {
        fences.remove(fence);
    }
}
