package io.pdata.server;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Keeps clients from opening a volume while it is deleted, reverted or made smaller. Each volume has a gate of its own: work
 * on one, however long it takes, does not hold up clients of others. Thread-safe.
 */
final class VolumeGate {
    private final Set<Long> closed = new HashSet<>();
    /** How many are being opened, of each volume. */
    private final Map<Long, Integer> entering = new HashMap<>();

    /** Opens a volume; waits while its gate is closed. */
    <T> T entering(long volume, Supplier<T> open) {
        synchronized (this) {
            await(() -> closed.contains(volume));
            entering.merge(volume, 1, Integer::sum);
        }
        try {
            return open.get();
        } finally {
            synchronized (this) {
                entering.computeIfPresent(volume, (_, count) -> count == 1 ? null : count - 1);
                notifyAll();
            }
        }
    }

    /** Does something while the gate of a volume is closed; waits for those who are just opening it. */
    void closed(long volume, Runnable work) {
        synchronized (this) {
            await(() -> closed.contains(volume));
            closed.add(volume);
            await(() -> entering.containsKey(volume));
        }
        try {
            work.run();
        } finally {
            synchronized (this) {
                closed.remove(volume);
                notifyAll();
            }
        }
    }

    private interface Condition {
        boolean holds();
    }

    /** Waits, also if interrupted, until a condition holds no longer. */
    private void await(Condition condition) {
        boolean interrupted = false;
        while (condition.holds()) {
            try {
                wait();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
