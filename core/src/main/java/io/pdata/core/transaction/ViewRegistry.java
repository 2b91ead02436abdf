package io.pdata.core.transaction;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The views that are open, and where each was opened, so that forgotten ones can be found. Thread-safe.
 *
 * <p>Notes the stack by making a {@link Throwable}, which costs less than a microsecond - a {@link StackWalker} takes
 * more than twice as long; the calls are turned into names when the list is asked for.
 */
final class ViewRegistry {
    private static final String PACKAGE = ViewRegistry.class.getPackageName() + '.';
    private static final int CALLS = 8;

    private final List<Place> open = new ArrayList<>();

    /** Where an open view was opened. */
    static final class Place {
        private final Thread thread = Thread.currentThread();
        private final long millis = System.currentTimeMillis();
        private final Throwable calls = new Throwable();
        private int index;

        private OpenView describe() {
            return new OpenView(thread.getName(), Instant.ofEpochMilli(millis), Stream.of(calls.getStackTrace())
                    .dropWhile(call -> call.getClassName().startsWith(PACKAGE)).limit(CALLS).toList());
        }
    }

    Place add() {
        Place place = new Place();
        synchronized (open) {
            place.index = open.size();
            open.add(place);
        }
        return place;
    }

    void remove(Place place) {
        synchronized (open) {
            Place last = open.removeLast();
            if (last != place) {
                open.set(place.index, last);
                last.index = place.index;
            }
        }
    }

    List<OpenView> list() {
        synchronized (open) {
            return open.stream().map(Place::describe).toList();
        }
    }
}
