package io.pdata.reliability.disk;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Goes through a history, and knows at each point what is durable and what else could be on the medium. */
final class Replay {
    private final History history;
    private int position;
    private byte[] durable;
    private long durableSize;
    private final List<Long> sizes = new ArrayList<>();
    private final Map<Long, Unflushed> unflushed = new LinkedHashMap<>();

    /** A sector that was changed since it was durable. */
    private static final class Unflushed {
        final List<byte[]> versions = new ArrayList<>();
        /** The cache has forgotten that it is to be written. */
        boolean forgotten;
    }

    Replay(History history) {
        this.history = history;
        this.durable = history.initial().clone();
        this.durableSize = durable.length;
    }

    void advanceTo(int target) {
        while (position < target) {
            step(history.event(position++));
        }
    }

    private void step(Event event) {
        switch (event.kind()) {
        case WRITE, ZERO, DISCARD -> change(event);
        case RESIZE -> {
            sizes.add(event.position());
            if (event.position() > durable.length) {
                durable = Arrays.copyOf(durable, Math.toIntExact(event.position()));
            }
            change(event);
        }
        case FLUSH -> harden();
        case LOSING_FLUSH -> unflushed.values().forEach(sector -> sector.forgotten = true);
        case ROT -> rot(event);
        case FAILED_FLUSH, IGNORED_FLUSH -> {
        }
        }
    }

    private void change(Event event) {
        for (int i = 0; i < event.sectors().length; i++) {
            Unflushed sector = unflushed.computeIfAbsent(event.sectors()[i], _ -> new Unflushed());
            sector.versions.add(event.contents()[i]);
            sector.forgotten = false;
        }
    }

    private void harden() {
        unflushed.entrySet().removeIf(entry -> {
            Unflushed sector = entry.getValue();
            if (!sector.forgotten) {
                System.arraycopy(sector.versions.getLast(), 0, durable, offset(entry.getKey()),
                        SimulatedDisk.SECTOR_SIZE);
            }
            return !sector.forgotten;
        });
        if (!sizes.isEmpty()) {
            durableSize = sizes.getLast();
            sizes.clear();
        }
    }

    private void rot(Event event) {
        long sector = event.position() / SimulatedDisk.SECTOR_SIZE;
        int at = (int) (event.position() % SimulatedDisk.SECTOR_SIZE);
        durable[offset(sector) + at] ^= (byte) event.length();
        Unflushed changed = unflushed.get(sector);
        if (changed != null) {
            changed.versions.replaceAll(version -> {
                byte[] rotten = version.clone();
                rotten[at] ^= (byte) event.length();
                return rotten;
            });
        }
    }

    private static int offset(long sector) {
        return Math.toIntExact(sector * SimulatedDisk.SECTOR_SIZE);
    }

    /** The present point; shares the durable content with this replay. */
    CrashPoint point() {
        List<CrashPoint.Sector> sectors = new ArrayList<>();
        unflushed.forEach((number, changed) -> {
            List<byte[]> versions = versions(offset(number), changed.versions);
            if (versions.size() > 1) {
                sectors.add(new CrashPoint.Sector(number, versions));
            }
        });
        List<Long> allSizes = new ArrayList<>(sizes);
        allSizes.addFirst(durableSize);
        return new CrashPoint(position, durable, allSizes, sectors);
    }

    /** The durable content first, the latest last, and in between what differs from both and from each other. */
    private List<byte[]> versions(int from, List<byte[]> written) {
        List<byte[]> versions = new ArrayList<>();
        versions.add(Arrays.copyOfRange(durable, from, from + SimulatedDisk.SECTOR_SIZE));
        byte[] latest = written.getLast();
        for (byte[] version : written) {
            if (!Arrays.equals(version, latest) && versions.stream().noneMatch(v -> Arrays.equals(v, version))) {
                versions.add(version);
            }
        }
        if (versions.size() > 1 || !Arrays.equals(versions.getFirst(), latest)) {
            versions.add(latest);
        }
        return versions;
    }
}
