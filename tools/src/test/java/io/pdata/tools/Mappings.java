package io.pdata.tools;

import io.pdata.thin.DeviceDetails;
import io.pdata.tools.thin.DumpSink;
import io.pdata.tools.thin.PoolHeader;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/** Takes a pool into memory: its header, the details of its devices, and each of their mappings. */
public final class Mappings implements DumpSink {
    /** Where a virtual block is. */
    public record Place(long data, int time) {}

    public PoolHeader header;
    public final Map<Long, DeviceDetails> details = new TreeMap<>();
    public final Map<Long, TreeMap<Long, Place>> devices = new TreeMap<>();
    private final Map<Long, TreeMap<Long, Place>> runs = new HashMap<>();
    private TreeMap<Long, Place> current;

    @Override
    public void beginPool(PoolHeader pool) {
        header = pool;
    }

    @Override
    public void beginShared(long name) {
        current = new TreeMap<>(Long::compareUnsigned);
        runs.put(name, current);
    }

    @Override
    public void endShared() {}

    @Override
    public void beginDevice(long id, DeviceDetails deviceDetails) {
        current = new TreeMap<>(Long::compareUnsigned);
        devices.put(id, current);
        details.put(id, deviceDetails);
    }

    @Override
    public void endDevice() {}

    @Override
    public void map(long origin, long data, long length, int time) {
        for (long i = 0; i < length; i++) {
            put(origin + i, new Place(data + i, time));
        }
    }

    @Override
    public void shared(long name) {
        runs.get(name).forEach(this::put);
    }

    private void put(long origin, Place place) {
        if (!current.isEmpty() && Long.compareUnsigned(current.lastKey(), origin) >= 0) {
            throw new AssertionError("virtual block " + origin + " after " + current.lastKey());
        }
        current.put(origin, place);
    }

    @Override
    public void endPool() {
        devices.forEach((id, mappings) -> {
            if (details.get(id).mappedBlocks() != mappings.size()) {
                throw new AssertionError("device " + id + " has " + mappings.size() + " mappings, but says "
                        + details.get(id).mappedBlocks());
            }
        });
    }
}
