package io.pdata.reliability.disk;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * What was done to a disk from its beginning on: only changed sectors are kept. Written by the disk; to be read while
 * nobody uses that.
 */
public final class History {
    private final byte[] initial;
    private final List<Event> events = new ArrayList<>();

    /** @param initial the durable content at the beginning; not changed by anybody from now on */
    History(byte[] initial) {
        this.initial = initial;
    }

    void add(Event event) {
        events.add(event);
    }

    byte[] initial() {
        return initial;
    }

    /** How many events there were. */
    public int length() {
        return events.size();
    }

    /** An event, counted from 0. */
    public Event event(int index) {
        return events.get(index);
    }

    /** What a power cut after the first {@code position} events could have left. O(device + events). */
    public CrashPoint at(int position) {
        Replay replay = new Replay(this);
        replay.advanceTo(position);
        return replay.point();
    }

    /**
     * Visits the crash points from {@code first} to {@code last}, both included. A crash while an event is under way needs
     * no point of its own: it leaves what a crash before or after it can leave too.
     *
     * @param visitor gets points that are valid during the call only
     */
    public void forEachPoint(int first, int last, Consumer<CrashPoint> visitor) {
        Replay replay = new Replay(this);
        for (int position = first; position <= last; position++) {
            replay.advanceTo(position);
            visitor.accept(replay.point());
        }
    }
}
