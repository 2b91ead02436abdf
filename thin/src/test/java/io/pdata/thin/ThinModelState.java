package io.pdata.thin;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.core.block.Bytes;
import io.pdata.core.device.Device;
import io.pdata.core.device.MemoryDevice;
import io.pdata.core.space.NoSpaceException;
import io.pdata.core.store.OpenOptions;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** A pool, and its content as plain maps: device id, then virtual block, to data block. */
final class ThinModelState {
    /** Hardly any: dirty blocks of a transaction do not all fit, so some are written before the commit. */
    private static final long CACHE_BYTES = 0;

    /** A view, and what it must show as long as it is open. */
    private record Watched(ThinView view, Map<Long, TreeMap<Long, Long>> content) {}

    private MemoryDevice device;
    private ThinMetadata pool;
    private Map<Long, TreeMap<Long, Long>> content = new HashMap<>();
    private Map<Long, TreeMap<Long, Long>> committed = new HashMap<>();
    private Map<Long, TreeMap<Long, Long>> held;
    private Map<Long, TreeMap<Long, Long>> heldCommitted;
    private final Deque<Watched> views = new ArrayDeque<>();

    ThinModelState(long metadataBlocks, long dataBlocks) {
        device = new MemoryDevice(metadataBlocks * Bytes.BLOCK_SIZE);
        pool = ThinMetadata.format(device, 128, CACHE_BYTES);
        pool.space().resizeData(dataBlocks);
        pool.commit();
    }

    Device device() {
        return device;
    }

    ThinMetadata pool() {
        return pool;
    }

    void create(long id) {
        if (!content.containsKey(id)) {
            pool.createThin(id);
            content.put(id, new TreeMap<>());
        }
    }

    void snapshot(long id, long origin) {
        if (!content.containsKey(id) && content.containsKey(origin)) {
            pool.createSnapshot(id, origin);
            content.put(id, new TreeMap<>(content.get(origin)));
        }
    }

    void delete(long id) {
        if (content.containsKey(id)) {
            pool.delete(id);
            content.remove(id);
        }
    }

    void write(long id, long block) {
        fill(id, block, 1);
    }

    /** Writes as a pool does: only what is not mapped or looks shared gets a new data block. */
    void fill(long id, long first, int count) {
        if (!content.containsKey(id)) {
            return;
        }
        Set<Long> inUse = new HashSet<>();
        committed.values().forEach(device -> inUse.addAll(device.values()));
        content.values().forEach(device -> inUse.addAll(device.values()));
        if (heldCommitted != null) {
            heldCommitted.values().forEach(device -> inUse.addAll(device.values()));
        }
        ThinDevice thin = pool.openDevice(id);
        try {
            for (long block = first; block < first + count; block++) {
                write(thin, block, inUse);
            }
        } finally {
            pool.closeDevice(thin);
        }
    }

    private void write(ThinDevice thin, long block, Set<Long> inUse) {
        TreeMap<Long, Long> blocks = content.get(thin.id());
        long mapping = pool.lookup(thin, block);
        if (mapping == BlockTime.UNMAPPED || thin.mayShare(BlockTime.time(mapping))) {
            long data = pool.allocateDataBlock();
            noteCommit();
            assertThat(inUse.add(data)).as("data block %d is free now and in the last commit", data).isTrue();
            boolean isNew = pool.insert(thin, block, data);
            assertThat(isNew).as("new").isEqualTo(blocks.put(block, data) == null);
        } else {
            assertNotShared(thin.id(), blocks.get(block));
        }
    }

    /** A mapping that does not look shared must not be: it would be overwritten in place. */
    private void assertNotShared(long id, long data) {
        content.forEach((other, blocks) -> {
            if (other != id) {
                assertThat(blocks.containsValue(data)).as("data block %d of device %d, also of %d", data, id, other)
                        .isFalse();
            }
        });
    }

    /** An allocation commits by itself when metadata gets short. */
    private void noteCommit() {
        if (!pool.changed()) {
            nowCommitted();
        }
    }

    void discard(long id, long begin, long end) {
        if (content.containsKey(id)) {
            ThinDevice thin = pool.openDevice(id);
            Map<Long, Long> range = content.get(id).subMap(begin, end);
            try {
                assertThat(pool.removeRange(thin, begin, end)).as("blocks removed").isEqualTo(range.size());
            } finally {
                pool.closeDevice(thin);
            }
            range.clear();
        }
    }

    void commit() {
        pool.commit();
        nowCommitted();
    }

    private void nowCommitted() {
        committed = copy(content);
        heldCommitted = held;
    }

    void commitOrRollBack() {
        try {
            commit();
        } catch (NoSpaceException e) {
            rollBack();
        }
    }

    void rollBack() {
        pool.abort();
        backToCommitted();
    }

    private void backToCommitted() {
        content = copy(committed);
        held = heldCommitted;
    }

    void reopen() {
        closeViews();
        pool.close();
        pool = ThinMetadata.open(device.reopen(), OpenOptions.readWrite().withCache(CACHE_BYTES));
        backToCommitted();
    }

    /** Goes on with what is on the device at this moment, in the middle of a transaction. */
    void crash() {
        MemoryDevice left = device.copy();
        closeViews();
        pool.close();
        device = left;
        pool = ThinMetadata.open(device, OpenOptions.readWrite().withCache(CACHE_BYTES));
        backToCommitted();
    }

    void openView() {
        views.addLast(new Watched(pool.openView(), committed));
    }

    void closeView() {
        Watched watched = views.pollFirst();
        if (watched != null) {
            try (ThinView view = watched.view()) {
                assertShows(view, watched.content());
            }
        }
    }

    private void closeViews() {
        while (!views.isEmpty()) {
            closeView();
        }
    }

    void reserve() {
        if (held == null) {
            commit();
            pool.reserveMetadataSnapshot();
            held = copy(content);
        }
    }

    void release() {
        if (held != null) {
            pool.releaseMetadataSnapshot();
            held = null;
        }
    }

    void growData(long blocks) {
        pool.space().resizeData(pool.space().dataBlocks() + blocks);
    }

    void growMetadata(long blocks) {
        long size = pool.space().metadataBlocks() + blocks;
        device.resize(Math.max(device.size(), size * Bytes.BLOCK_SIZE), false);
        pool.space().resizeMetadata(size);
    }

    void checkContent() {
        for (Map.Entry<Long, TreeMap<Long, Long>> entry : content.entrySet()) {
            ThinDevice thin = pool.openDevice(entry.getKey());
            assertThat(thin.mappedBlocks()).as("mapped blocks of %s", thin).isEqualTo(entry.getValue().size());
            entry.getValue().forEach(
                    (block, data) -> assertThat(BlockTime.block(pool.lookup(thin, block))).isEqualTo((long) data));
            assertThat(pool.highestMappedBlock(thin).isPresent()).isEqualTo(!entry.getValue().isEmpty());
            pool.closeDevice(thin);
        }
        try (ThinView view = pool.openView()) {
            assertShows(view, committed);
        }
        if (heldCommitted != null) {
            try (ThinView view = pool.openMetadataSnapshotView()) {
                assertShows(view, heldCommitted);
            }
        }
    }

    private static void assertShows(ThinView view, Map<Long, TreeMap<Long, Long>> expected) {
        Map<Long, TreeMap<Long, Long>> shown = new HashMap<>();
        view.forEachDevice((id, details) -> {
            TreeMap<Long, Long> blocks = new TreeMap<>();
            view.forEachMapping(id, (block, data, time) -> {
                blocks.put(block, data);
                return true;
            });
            shown.put(id, blocks);
            return true;
        });
        assertThat(shown).as("what a view shows").isEqualTo(expected);
    }

    void close() {
        closeViews();
        pool.close();
    }

    private static Map<Long, TreeMap<Long, Long>> copy(Map<Long, TreeMap<Long, Long>> original) {
        Map<Long, TreeMap<Long, Long>> copy = new HashMap<>();
        original.forEach((id, blocks) -> copy.put(id, new TreeMap<>(blocks)));
        return copy;
    }
}
