package io.pdata.reliability.pool;

import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What the volumes of a pool hold, sector by sector, each sector a number; and for each sector that was changed since it was
 * durable, all that it may hold after a crash.
 */
final class PoolContent {
    private final TreeMap<Long, Sectors> volumes = new TreeMap<>();

    private record Sectors(long[] now, Map<Integer, Set<Long>> possible) {
        Sectors copy() {
            Map<Integer, Set<Long>> copies = new HashMap<>();
            possible.forEach((sector, values) -> copies.put(sector, new HashSet<>(values)));
            return new Sectors(now.clone(), copies);
        }
    }

    PoolContent copy() {
        PoolContent copy = new PoolContent();
        volumes.forEach((id, sectors) -> copy.volumes.put(id, sectors.copy()));
        return copy;
    }

    Set<Long> ids() {
        return volumes.keySet();
    }

    void create(long id, int sectors) {
        volumes.put(id, new Sectors(new long[sectors], new HashMap<>()));
    }

    /** A snapshot, of what is durable by now. */
    void snapshot(long id, long origin) {
        volumes.put(id, new Sectors(volumes.get(origin).now.clone(), new HashMap<>()));
    }

    void delete(long id) {
        volumes.remove(id);
    }

    long now(long id, int sector) {
        return volumes.get(id).now[sector];
    }

    /** A sector is being changed, or has been without a flush. */
    void change(long id, int sector, long value) {
        Sectors sectors = volumes.get(id);
        sectors.possible.computeIfAbsent(sector, _ -> new HashSet<>(Set.of(sectors.now[sector]))).add(value);
    }

    /** The change has been made. */
    void set(long id, int sector, long value) {
        change(id, sector, value);
        volumes.get(id).now[sector] = value;
    }

    /** All that has been done is durable. */
    void durable() {
        volumes.values().forEach(sectors -> sectors.possible.clear());
    }

    /** What is wrong with what has been found on the disks; null if it is one of the possible contents. */
    String differs(Map<Long, long[]> found) {
        if (!found.keySet().equals(volumes.keySet())) {
            return "there are the volumes " + found.keySet() + " instead of " + volumes.keySet();
        }
        for (Map.Entry<Long, long[]> volume : found.entrySet()) {
            Sectors sectors = volumes.get(volume.getKey());
            for (int i = 0; i < sectors.now.length; i++) {
                long value = volume.getValue()[i];
                Set<Long> possible = sectors.possible.get(i);
                if (possible == null ? value != sectors.now[i] : !possible.contains(value)) {
                    return "sector " + i + " of volume " + volume.getKey() + " holds " + value + " instead of "
                            + (possible == null ? sectors.now[i] : possible);
                }
            }
        }
        return null;
    }

    /** This content, as it has been found: durable. */
    static PoolContent of(Map<Long, long[]> found) {
        PoolContent content = new PoolContent();
        found.forEach((id, sectors) -> content.volumes.put(id,
                new Sectors(Arrays.copyOf(sectors, sectors.length), new HashMap<>())));
        return content;
    }

    /** This content, of which the present values have been found, with all that was possible. */
    PoolContent found(Map<Long, long[]> values) {
        PoolContent content = copy();
        values.forEach((id, sectors) -> {
            for (int i = 0; i < sectors.length; i++) {
                if (sectors[i] != now(id, i)) {
                    content.set(id, i, sectors[i]);
                }
            }
        });
        return content;
    }

    /** This content if no sector has more than one possibility: what a process that was only killed leaves. */
    PoolContent acknowledged() {
        PoolContent content = copy();
        content.durable();
        return content;
    }
}
