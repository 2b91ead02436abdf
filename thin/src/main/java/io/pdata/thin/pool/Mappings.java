package io.pdata.thin.pool;

import io.pdata.thin.ThinMetadata;
import io.pdata.thin.ThinView;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
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
    private record Place(long device, long virtualBlock) {}

    private static final class State {
        final ThinView view;
        final ConcurrentHashMap<Place, Long> changes = new ConcurrentHashMap<>();
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
        state.changes.put(new Place(device, virtualBlock), mapping);
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
