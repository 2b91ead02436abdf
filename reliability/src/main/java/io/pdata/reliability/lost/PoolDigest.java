package io.pdata.reliability.lost;

import io.pdata.core.device.MemoryDevice;
import io.pdata.thin.DeviceDetails;
import io.pdata.tools.MetadataFile;
import io.pdata.tools.thin.DumpSink;
import io.pdata.tools.thin.PoolHeader;
import io.pdata.tools.thin.ThinRepair;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * Sums up a pool: its devices with their details, and one number for all mappings of each. Pools with equal content have
 * equal digests, wherever their blocks are and whichever runs they share.
 */
final class PoolDigest implements DumpSink {
    private final TreeMap<Long, Device> devices = new TreeMap<>();
    private final Map<Long, Device> runs = new HashMap<>();
    private Device current;
    private PoolHeader header;

    /** A device, or a run of mappings. The order of additions makes no difference to {@code mappings}. */
    private static final class Device {
        private DeviceDetails details;
        private long count;
        private long mappings;

        void add(long virtual, long data, int time) {
            count++;
            mappings += mix(mix(mix(virtual) ^ data) ^ time);
        }

        void add(Device run) {
            count += run.count;
            mappings += run.mappings;
        }
    }

    private static long mix(long value) {
        long z = value + 0x9E37_79B9_7F4A_7C15L;
        z = (z ^ z >>> 30) * 0xBF58_476D_1CE4_E5B9L;
        z = (z ^ z >>> 27) * 0x94D0_49BB_1331_11EBL;
        return z ^ z >>> 31;
    }

    /** The digest of sound metadata. */
    static PoolDigest of(MemoryDevice device) {
        try (MetadataFile file = new MetadataFile(device.reopen())) {
            PoolDigest digest = new PoolDigest();
            ThinRepair.save(file, ThinRepair.Options.NONE, () -> digest);
            return digest;
        }
    }

    PoolHeader header() {
        return header;
    }

    /** Whether each device has as many mappings as its details say. */
    boolean whole() {
        return devices.values().stream().allMatch(device -> device.details.mappedBlocks() == device.count);
    }

    /** The content as text: equal if and only if the pools are. */
    String text() {
        StringBuilder text = new StringBuilder();
        devices.forEach((id, device) -> text.append(id).append(' ').append(device.details).append(' ')
                .append(Long.toHexString(device.mappings)).append('\n'));
        return text.toString();
    }

    /** How many devices and mappings there are. */
    String size() {
        return devices.size() + " devices, " + devices.values().stream().mapToLong(device -> device.count).sum()
                + " mappings";
    }

    @Override
    public void beginPool(PoolHeader pool) {
        header = pool;
    }

    @Override
    public void beginShared(long name) {
        current = new Device();
        runs.put(name, current);
    }

    @Override
    public void endShared() {
        current = null;
    }

    @Override
    public void beginDevice(long id, DeviceDetails details) {
        current = new Device();
        current.details = details;
        devices.put(id, current);
    }

    @Override
    public void endDevice() {
        current = null;
    }

    @Override
    public void map(long origin, long data, long length, int time) {
        for (long i = 0; i < length; i++) {
            current.add(origin + i, data + i, time);
        }
    }

    @Override
    public void shared(long name) {
        current.add(runs.get(name));
    }

    @Override
    public void endPool() {
        current = null;
    }
}
