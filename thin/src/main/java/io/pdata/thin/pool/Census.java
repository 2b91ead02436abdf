package io.pdata.thin.pool;

import io.pdata.thin.DeviceDetails;
import io.pdata.thin.ThinView;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which volumes a pool has, after others may have changed it: dm-thin knows nothing of names, and need not change the
 * transaction id. The devices in the metadata are what there is. One that was known keeps its name, size and origin if it is
 * still the same device; any other is called {@code thin-ID}.
 */
final class Census {
    private final ThinView view;
    private final long blockBytes;
    private final Map<Long, NamedVolume> known = new HashMap<>();
    private final Set<String> names = new HashSet<>();
    private final List<NamedVolume> found = new ArrayList<>();

    private Census(ThinView view, List<NamedVolume> before, long blockBytes) {
        this.view = view;
        this.blockBytes = blockBytes;
        before.forEach(volume -> known.put(volume.id(), volume));
    }

    /** All volumes in the order of their numbers. O(devices x log blocks). */
    static List<NamedVolume> of(ThinView view, List<NamedVolume> before, long blockBytes) {
        Census census = new Census(view, before, blockBytes);
        census.keepWhatIsThere();
        census.nameWhatIsNew();
        return census.found.stream().map(census::withPresentOrigin).toList();
    }

    private void keepWhatIsThere() {
        view.forEachDevice((id, details) -> {
            NamedVolume volume = known.get(id);
            if (volume == null || volume.transactionId() != details.transactionId()) {
                known.remove(id);
            } else {
                names.add(volume.name());
            }
            return true;
        });
    }

    private void nameWhatIsNew() {
        view.forEachDevice((id, details) -> {
            NamedVolume volume = known.get(id);
            found.add(volume == null ? nameless(id, details) : volume.withSize(sizeOf(id, volume.size())));
            return true;
        });
    }

    private NamedVolume nameless(long id, DeviceDetails details) {
        String name = "thin-" + id;
        while (!names.add(name)) {
            name += "_";
        }
        return new NamedVolume(name, id, details.transactionId(), sizeOf(id, blockBytes), "", "", 0,
                Instant.now(), false);
    }

    /** The metadata do not know how large a volume is: it has at least what is mapped. */
    private long sizeOf(long id, long before) {
        long end = view.highestMappedBlock(id).orElse(-1) + 1;
        return Math.ceilDiv(before, blockBytes) < end ? end * blockBytes : before;
    }

    private NamedVolume withPresentOrigin(NamedVolume volume) {
        return names.contains(volume.origin()) ? volume : volume.withOrigin("");
    }
}
