package io.pdata.server;

import io.pdata.thin.pool.NamedVolume;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which volumes of a pool come from one another: a family is a volume that is no snapshot of another, and all that have been
 * taken from it, directly or not. Made once for each state of the pool, in O(volumes), however long chains of snapshots are.
 * Immutable.
 */
final class Families {
    private final Map<String, NamedVolume> volumes = new HashMap<>();
    /** By the name of each volume, and of each origin that is no longer there. */
    private final Map<String, String> founders = new HashMap<>();
    private final Map<String, List<NamedVolume>> members = new HashMap<>();

    Families(List<NamedVolume> all) {
        all.forEach(volume -> volumes.put(volume.name(), volume));
        for (NamedVolume volume : all) {
            members.computeIfAbsent(founder(volume.name()), _ -> new ArrayList<>()).add(volume);
        }
    }

    /** Follows origins to one whose founder is known, or that has no origin; then all on the way have that founder. */
    private String founder(String name) {
        List<String> way = new ArrayList<>();
        String next = name;
        while (!founders.containsKey(next)) {
            way.add(next);
            founders.put(next, next); // until it is known; ends a circle, which only a damaged file of names has
            NamedVolume volume = volumes.get(next);
            if (volume != null && !volume.origin().isEmpty()) {
                next = volume.origin();
            }
        }
        String founder = founders.get(next);
        way.forEach(passed -> founders.put(passed, founder));
        return founder;
    }

    /** The volumes of the family of a volume, without itself. */
    List<NamedVolume> relatives(NamedVolume volume) {
        return members.getOrDefault(founders.getOrDefault(volume.name(), volume.name()), List.of()).stream()
                .filter(other -> other.id() != volume.id()).toList();
    }

    /** How many volumes the family of a volume has, with itself. */
    int size(NamedVolume volume) {
        return members.getOrDefault(founders.getOrDefault(volume.name(), volume.name()), List.of()).size();
    }

    /** The volume of a name, if it is of the family of another. */
    Optional<NamedVolume> relative(NamedVolume volume, String name) {
        String founder = founders.get(volume.name());
        return Optional.ofNullable(volumes.get(name))
                .filter(other -> other.id() != volume.id() && founders.get(name).equals(founder));
    }
}
