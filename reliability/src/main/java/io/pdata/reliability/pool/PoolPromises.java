package io.pdata.reliability.pool;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What had been promised at each moment of a pool's life. */
final class PoolPromises {
    private final List<Entry> entries = new ArrayList<>();

    /** @param alternatives one of these a crash leaves, from this moment on */
    private record Entry(int moment, List<PoolContent> afterPowerCut, List<PoolContent> afterKill) {}

    PoolPromises(PoolContent content) {
        acknowledged(0, content);
    }

    /** From this moment on a change is under way; a crash leaves one of several contents. */
    void begun(int moment, List<PoolContent> afterPowerCut, List<PoolContent> afterKill) {
        entries.add(new Entry(moment, copies(afterPowerCut), copies(afterKill)));
    }

    /** From this moment on all that this content says has been acknowledged. */
    void acknowledged(int moment, PoolContent content) {
        entries.add(new Entry(moment, List.of(content.copy()), List.of(content.acknowledged())));
    }

    private static List<PoolContent> copies(List<PoolContent> contents) {
        return contents.stream().map(PoolContent::copy).toList();
    }

    private Entry at(int moment) {
        Entry entry = entries.getFirst();
        for (Entry next : entries) {
            if (next.moment <= moment) {
                entry = next;
            }
        }
        return entry;
    }

    /**
     * What a process that was killed has left, as whoever goes on with it has to take it: what had not been flushed may
     * still be lost, by a power cut before the next flush.
     */
    PoolContent afterKill(int moment, Map<Long, long[]> found) {
        return at(moment).afterPowerCut.stream().filter(content -> content.ids().equals(found.keySet())).findFirst()
                .orElseThrow().found(found);
    }

    /**
     * Judges what has been found.
     *
     * @param exact whether nothing at all may have been lost that had been acknowledged
     * @return what is wrong, or null
     */
    String judge(int moment, boolean exact, Map<Long, long[]> found) {
        Entry entry = at(moment);
        List<String> problems = new ArrayList<>();
        for (PoolContent content : exact ? entry.afterKill : entry.afterPowerCut) {
            String problem = content.differs(found);
            if (problem == null) {
                return null;
            }
            problems.add(problem);
        }
        return String.join("; or: ", problems);
    }
}
