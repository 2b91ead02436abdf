package io.pdata.thin.pool;

import io.pdata.core.block.CorruptionException;
import io.pdata.thin.BlockTime;
import io.pdata.thin.DeviceDetails;
import io.pdata.thin.ThinRequestException;
import io.pdata.thin.ThinView;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Which volumes a pool has, after others may have changed it: dm-thin knows nothing of names, and need not change the
 * transaction id. The devices in the metadata are what there is. One that was known keeps its name, size and origin if it is
 * still the same device; any other is called {@code thin-ID}.
 */
final class Census {
    private final ThinView view;
    private final long blockBytes;
    private final KnownDamage damage;
    private final Map<Long, NamedVolume> known = new HashMap<>();
    private final Set<String> names = new HashSet<>();
    private final Map<Long, NamedVolume> found = new TreeMap<>();

    private Census(ThinView view, List<NamedVolume> before, long blockBytes, KnownDamage damage) {
        this.view = view;
        this.blockBytes = blockBytes;
        this.damage = damage;
        before.forEach(volume -> known.put(volume.id(), volume));
    }

    /**
     * All volumes in the order of their numbers. O(devices x log blocks). Volumes that are damaged are among them, as far as
     * anything is known of them.
     *
     * @param damage gets the volumes that cannot be read
     */
    static List<NamedVolume> of(ThinView view, List<NamedVolume> before, long blockBytes, KnownDamage damage) {
        Census census = new Census(view, before, blockBytes, damage);
        Map<Long, DeviceDetails> present = new TreeMap<>();
        view.forEachDevice((id, details) -> present.put(id, details) == null, census::keepUnreadable);
        present.forEach(census::keepIfSame);
        present.forEach(census::find);
        return census.found.values().stream().map(census::withPresentOrigin).toList();
    }

    /** Volumes whose details cannot be read are believed to be there if they have mappings. */
    private void keepUnreadable(long first, long last, CorruptionException why) {
        known.values().stream().filter(volume -> Long.compareUnsigned(volume.id(), first) >= 0
                && Long.compareUnsigned(volume.id(), last) <= 0 && hasMappings(volume.id())).forEach(volume -> {
                    damage.found(volume.id(), why);
                    names.add(volume.name());
                    found.put(volume.id(), volume);
                });
    }

    private boolean hasMappings(long id) {
        try {
            view.mappingRoot(id);
            return true;
        } catch (ThinRequestException e) {
            return false;
        } catch (CorruptionException e) {
            return true; // nothing says that it is not there
        }
    }

    private void keepIfSame(long id, DeviceDetails details) {
        NamedVolume volume = known.get(id);
        if (volume == null || volume.transactionId() != details.transactionId()) {
            known.remove(id);
        } else {
            names.add(volume.name());
        }
    }

    private void find(long id, DeviceDetails details) {
        NamedVolume volume = known.get(id);
        found.put(id,
                volume == null ? nameless(id, details) : volume.withSize(sizeOf(id, volume.size(), volume.size())));
    }

    private NamedVolume nameless(long id, DeviceDetails details) {
        String name = "thin-" + id;
        while (!names.add(name)) {
            name += "_";
        }
        long mapped = Math.clamp(details.mappedBlocks(), 1, Long.MAX_VALUE / blockBytes / 2) * blockBytes;
        return new NamedVolume(name, id, details.transactionId(), sizeOf(id, blockBytes, mapped), "", "", 0,
                Instant.now(), false);
    }

    /** The metadata do not know how large a volume is: it has at least what is mapped. */
    private long sizeOf(long id, long before, long ifUnreadable) {
        try {
            long end = view.highestMappedBlock(id).orElse(-1) + 1;
            if (end < 0 || end >= Long.MAX_VALUE / blockBytes) {
                return before; // no volume reaches there
            }
            return Math.ceilDiv(before, blockBytes) < end ? end * blockBytes : before;
        } catch (CorruptionException e) {
            damage.found(id, e);
        } catch (ThinRequestException e) {
            damage.found(id, new CorruptionException(view.superblock().mappingRoot(), "btree node",
                    "the mapping tree has no device " + id + ", but the details tree has"));
        }
        return ifUnreadable;
    }

    private NamedVolume withPresentOrigin(NamedVolume volume) {
        return names.contains(volume.origin()) ? volume : volume.withOrigin("");
    }
}
