package io.pdata.reliability.damage;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * All kinds of damage that are made: what can be wrong with metadata although every checksum is right. Each is done to a
 * small image, at a place that a seed decides.
 */
final class DamageCatalogue {
    private DamageCatalogue() {}

    /** All kinds, by name within each format. */
    static List<Damage> all() {
        List<Damage> all = new ArrayList<>();
        for (Format format : Format.values()) {
            Kinds kinds = new Kinds(format);
            SuperblockDamage.addTo(kinds);
            NodeDamage.addTo(kinds);
            PointerDamage.addTo(kinds);
            SpaceMapDamage.addTo(kinds);
            switch (format) {
            case THIN -> ThinDamage.addTo(kinds);
            case CACHE -> {
                ArrayDamage.addTo(kinds);
                CacheDamage.addTo(kinds);
            }
            case ERA -> {
                ArrayDamage.addTo(kinds);
                EraDamage.addTo(kinds);
            }
            }
            kinds.damages().sort(Comparator.comparing(Damage::name));
            all.addAll(kinds.damages());
        }
        return List.copyOf(all);
    }
}
