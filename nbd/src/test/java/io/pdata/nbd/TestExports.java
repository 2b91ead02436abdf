package io.pdata.nbd;

import io.pdata.core.device.Device;
import io.pdata.core.device.MemoryDevice;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Devices by name, as exports; the default one is "disk". Counts those that are open. */
final class TestExports implements Exports {
    static final int SIZE = 1 << 20;

    final Map<String, Device> devices = new TreeMap<>();
    final AtomicInteger open = new AtomicInteger();
    /** All that were ever opened. */
    final Set<Export> opened = ConcurrentHashMap.newKeySet();
    /** Called when there is room again for what waits. */
    final Set<Runnable> wakes = ConcurrentHashMap.newKeySet();
    String needsTls = "";
    boolean zeroesFast;
    MetadataContext allocation;
    List<MetadataContext> contexts = List.of();

    TestExports() {
        devices.put("disk", new MemoryDevice("disk", SIZE));
    }

    @Override
    public List<String> names() {
        return List.copyOf(devices.keySet());
    }

    @Override
    public String description(String name) {
        return "a device called " + name;
    }

    @Override
    public Optional<Export> open(String name) {
        String wanted = name.isEmpty() ? "disk" : name;
        Device device = devices.get(wanted);
        if (device == null) {
            return Optional.empty();
        }
        open.incrementAndGet();
        Opened export = new Opened(wanted, device);
        opened.add(export);
        return Optional.of(export);
    }

    @Override
    public boolean needsTls(String name) {
        return name.equals(needsTls);
    }

    private final class Opened implements Export {
        private final String name;
        private final Device device;

        Opened(String name, Device device) {
            this.name = name;
            this.device = device;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public Device device() {
            return device;
        }

        @Override
        public boolean zeroesFast() {
            return zeroesFast;
        }

        @Override
        public MetadataContext allocation() {
            return allocation;
        }

        @Override
        public List<MetadataContext> contexts() {
            return contexts;
        }

        @Override
        public void onRoom(Runnable wake) {
            wakes.add(wake);
        }

        @Override
        public void close() {
            open.decrementAndGet();
        }
    }
}
