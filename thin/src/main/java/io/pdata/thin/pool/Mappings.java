package io.pdata.thin.pool;

import io.pdata.thin.BlockTime;
import io.pdata.thin.ThinMetadata;
import io.pdata.thin.ThinView;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/**
 * Where the blocks of all volumes are, for any number of threads at once: a view of the last commit, and beside it what
 * has been changed since.
 *
 * <p>Invariants: changes are entered by whoever holds the pool's metadata, in the same step as into the metadata itself;
 * view and changes are exchanged together, by the same, after a commit or a roll-back. So a reader that takes both at one
 * moment sees all mappings as they were at that moment. That a mapping does not change while its block is being worked on
 * is the affair of a {@link Volume}.
 *
 * <p>A lookup takes no lock: one counter is raised and lowered, that of the readers of the present view, so that the view
 * is closed when the last has left.
 */
final class Mappings implements AutoCloseable {
    private record Place(long device, long virtualBlock) implements Comparable<Place> {
        @Override
        public int compareTo(Place other) {
            int byDevice = Long.compareUnsigned(device, other.device);
            return byDevice != 0 ? byDevice : Long.compareUnsigned(virtualBlock, other.virtualBlock);
        }
    }

    private static final class State {
        final ThinView view;
        final ConcurrentHashMap<Place, Long> changes = new ConcurrentHashMap<>();
        /** The places among the changes that are mapped, in order. */
        final ConcurrentSkipListSet<Place> mapped = new ConcurrentSkipListSet<>();
        /** Those who use it, and one for being the present one. */
        final AtomicInteger users = new AtomicInteger(1);

        State(ThinView view) {
            this.view = view;
        }

        boolean enter() {
            int before = users.get();
            while (before > 0) {
                int seen = users.compareAndExchange(before, before + 1);
                if (seen == before) {
                    return true;
                }
                before = seen;
            }
            return false;
        }

        void change(Place place, long mapping) {
            changes.put(place, mapping);
            if (mapping == BlockTime.UNMAPPED) {
                mapped.remove(place);
            } else {
                mapped.add(place);
            }
        }

        /** The mapping of a place that the view maps to {@code inView}. */
        long present(Place place, long inView) {
            Long changed = changes.get(place);
            return changed == null ? inView : changed;
        }

        void leave() {
            if (users.decrementAndGet() == 0) {
                view.close();
            }
        }
    }

    private volatile State state;
    private volatile boolean closed;

    Mappings(ThinMetadata metadata) {
        state = new State(metadata.openView());
    }

    /** The mapping of a block, as {@link ThinMetadata#lookup} has it. Any thread. */
    long lookup(long device, long virtualBlock) {
        State now = enter();
        try {
            Long changed = now.changes.isEmpty() ? null : now.changes.get(new Place(device, virtualBlock));
            return changed != null ? changed : now.view.lookup(device, virtualBlock);
        } finally {
            now.leave();
        }
    }

    /**
     * Finds the mapped blocks of a device from one on, in ascending order: at least one if there is any below {@code end}.
     * O(log blocks + changes passed), however much is not mapped. Any thread.
     *
     * @param found gets them
     */
    void next(long device, long from, long end, MappedBlocks found) {
        State now = enter();
        try {
            found.clear();
            if (now.changes.isEmpty()) {
                found.read(now.view, device, from);
            } else {
                merge(now, device, from, end, found);
            }
        } finally {
            now.leave();
        }
    }

    /** Merges the mappings of the view with those made since, without those removed since. */
    private static void merge(State now, long device, long from, long end, MappedBlocks found) {
        MappedBlocks committed = found.ofSameSize();
        long next = from;
        while (found.isEmpty() && next < end) {
            committed.clear();
            committed.read(now.view, device, next);
            long bound = committed.isEmpty() ? end - 1 : committed.last();
            int taken = 0;
            for (Place place : now.mapped.subSet(new Place(device, next), true, new Place(device, bound), true)) {
                taken = takeBelow(now, device, committed, taken, place.virtualBlock(), found);
                found.add(place.virtualBlock(), now.present(place, BlockTime.UNMAPPED));
            }
            takeBelow(now, device, committed, taken, bound + 1, found);
            next = bound + 1;
        }
    }

    /** Takes over the mappings of the view below {@code limit}, as changed since; returns where it stopped. */
    private static int takeBelow(State now, long device, MappedBlocks committed, int begin, long limit,
            MappedBlocks found) {
        int i = begin;
        while (i < committed.count() && committed.block(i) <= limit) {
            long block = committed.block(i);
            if (block < limit) {
                found.add(block, now.present(new Place(device, block), committed.mapping(i)));
            }
            i++;
        }
        return i;
    }

    private State enter() {
        State now = state;
        while (!now.enter()) {
            if (closed) {
                throw new IllegalStateException("the pool has been closed");
            }
            now = state;
        }
        return now;
    }

    /** A mapping has been changed in the running transaction. */
    void changed(long device, long virtualBlock, long mapping) {
        state.change(new Place(device, virtualBlock), mapping);
    }

    /** All of {@code [begin, end)} has been unmapped in the running transaction. O(mappings that were there). */
    void unmapped(long device, long begin, long end) {
        MappedBlocks before = new MappedBlocks(end - begin);
        for (long from = begin; from < end; from = before.last() + 1) {
            next(device, from, end, before);
            if (before.isEmpty()) {
                return;
            }
            for (int i = 0; i < before.count() && before.block(i) < end; i++) {
                changed(device, before.block(i), BlockTime.UNMAPPED);
            }
        }
    }

    /** How many mappings have been changed since the last commit. */
    int changes() {
        return state.changes.size();
    }

    /** The devices of which mappings have been changed since the last commit. O(changes). */
    Set<Long> changedDevices() {
        return state.changes.keySet().stream().map(Place::device).collect(Collectors.toSet());
    }

    /** The metadata have been committed or rolled back. */
    void startFrom(ThinMetadata metadata) {
        State before = state;
        state = new State(metadata.openView());
        before.leave();
    }

    /** Gives the view up; whoever looks something up from now on is refused. */
    @Override
    public void close() {
        closed = true;
        state.leave();
    }
}
