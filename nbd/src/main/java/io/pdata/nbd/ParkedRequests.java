package io.pdata.nbd;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The requests of a client that wait for room, in the order in which they came, each with a copy of its payload.
 *
 * <p>Bounded: what all connections share ({@link Budget}), and beside that {@value #OWN_BYTES} bytes for each, so that one
 * whose writes wait does not take the room of the others. For one thread.
 */
final class ParkedRequests implements AutoCloseable {
    private static final long OWN_BYTES = 1 << 20;
    /** Counted for a request beside its payload. */
    private static final long OVERHEAD = 1024;

    /** The memory for waiting requests that all connections of a server share. Thread-safe. */
    static final class Budget {
        private final AtomicLong left;

        Budget(long bytes) {
            left = new AtomicLong(bytes);
        }

        private boolean take(long bytes) {
            long now = left.get();
            while (now >= bytes) {
                long seen = left.compareAndExchange(now, now - bytes);
                if (seen == now) {
                    return true;
                }
                now = seen;
            }
            return false;
        }

        private void give(long bytes) {
            left.addAndGet(bytes);
        }
    }

    /** Carries out a request, from where it stopped. */
    @FunctionalInterface
    interface Attempt {
        /** @return whether it has been answered; otherwise it still waits */
        boolean answer(Request request, MemorySegment payload) throws IOException;
    }

    /**
     * Memory for a request that is about to be parked.
     *
     * @param payload for the bytes that are left to write
     */
    record Place(MemorySegment payload, Arena arena, long fromOwn, long fromShared) {}

    private record Parked(Request request, Place place) {}

    private final Budget shared;
    private final ArrayDeque<Parked> waiting = new ArrayDeque<>();
    private long own = OWN_BYTES;

    ParkedRequests(Budget shared) {
        this.shared = shared;
    }

    boolean isEmpty() {
        return waiting.isEmpty();
    }

    /**
     * Memory for a request, to be {@link #park parked} or {@link #release released}; empty if there is none left.
     *
     * @param payloadBytes how much is left to write
     */
    Optional<Place> reserve(long payloadBytes) {
        long cost = payloadBytes + OVERHEAD;
        long fromOwn = Math.min(own, cost);
        if (!shared.take(cost - fromOwn)) {
            return Optional.empty();
        }
        own -= fromOwn;
        Arena arena = Arena.ofShared();
        MemorySegment payload = payloadBytes == 0 ? MemorySegment.NULL : arena.allocate(payloadBytes, Long.BYTES);
        return Optional.of(new Place(payload, arena, fromOwn, cost - fromOwn));
    }

    /** Puts a request at the end of those that wait. */
    void park(Request request, Place place) {
        waiting.add(new Parked(request, place));
    }

    void release(Place place) {
        place.arena().close();
        own += place.fromOwn();
        shared.give(place.fromShared());
    }

    /** Tries all of them again; those that are answered wait no longer. */
    void retry(Attempt attempt) throws IOException {
        for (Iterator<Parked> each = waiting.iterator(); each.hasNext();) {
            Parked parked = each.next();
            if (attempt.answer(parked.request(), parked.place().payload())) {
                each.remove();
                release(parked.place());
            }
        }
    }

    /** Drops all of them: the connection has ended. */
    @Override
    public void close() {
        waiting.forEach(parked -> release(parked.place()));
        waiting.clear();
    }
}
