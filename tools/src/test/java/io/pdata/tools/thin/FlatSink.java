package io.pdata.tools.thin;

import io.pdata.thin.BlockTime;
import io.pdata.thin.DeviceDetails;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/** Collects a pool, with each device's mappings one by one, shared or not. */
final class FlatSink implements DumpSink {
    PoolHeader pool;
    final Map<Long, DeviceDetails> details = new TreeMap<>();
    final Map<Long, Map<Long, Long>> mappings = new TreeMap<>();
    private final Map<Long, Map<Long, Long>> shared = new HashMap<>();
    private Map<Long, Long> current;
    private boolean ended;

    boolean ended() {
        return ended;
    }

    @Override
    public void beginPool(PoolHeader header) {
        pool = header;
    }

    @Override
    public void beginShared(long name) {
        current = new TreeMap<>();
        shared.put(name, current);
    }

    @Override
    public void endShared() {}

    @Override
    public void beginDevice(long id, DeviceDetails device) {
        current = new TreeMap<>();
        details.put(id, device);
        mappings.put(id, current);
    }

    @Override
    public void endDevice() {}

    @Override
    public void map(long origin, long data, long length, int time) {
        for (long i = 0; i < length; i++) {
            current.put(origin + i, BlockTime.pack(data + i, time));
        }
    }

    @Override
    public void shared(long name) {
        current.putAll(shared.get(name));
    }

    @Override
    public void endPool() {
        ended = true;
    }
}
