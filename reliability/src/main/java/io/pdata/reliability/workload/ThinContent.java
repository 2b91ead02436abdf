package io.pdata.reliability.workload;

import io.pdata.thin.BlockTime;
import io.pdata.thin.ThinMetadata;
import io.pdata.thin.ThinSuperblock;
import io.pdata.thin.ThinView;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * All that a pool's metadata say.
 *
 * @param time the clock
 * @param transactionId its user's number for this state
 * @param dataBlocks data blocks counted; 0 in a metadata snapshot
 * @param metadataBlocks metadata blocks counted; 0 in a metadata snapshot
 * @param volumes the thin devices
 * @param held the content of the metadata snapshot, or null
 */
public record ThinContent(int time, long transactionId, long dataBlocks, long metadataBlocks,
        SortedMap<Long, Volume> volumes, ThinContent held) {

    /**
     * A thin device.
     *
     * @param mapped how many blocks its details say are mapped
     * @param transactionId of the pool at its creation
     * @param created the time of its creation
     * @param snapshotted the time of the last snapshot
     * @param mappings for each virtual block a {@link BlockTime}
     */
    public record Volume(long mapped, long transactionId, int created, int snapshotted,
            SortedMap<Long, Long> mappings) {
        Volume copy() {
            return new Volume(mapped, transactionId, created, snapshotted, new TreeMap<>(mappings));
        }

        /** The same after the mappings have changed. */
        Volume counted() {
            return new Volume(mappings.size(), transactionId, created, snapshotted, mappings);
        }

        Volume snapshottedAt(int time) {
            return new Volume(mapped, transactionId, created, time, mappings);
        }
    }

    static SortedMap<Long, Volume> copy(SortedMap<Long, Volume> volumes) {
        SortedMap<Long, Volume> copy = new TreeMap<>();
        volumes.forEach((id, volume) -> copy.put(id, volume.copy()));
        return copy;
    }

    /** The same as a metadata snapshot keeps it. */
    ThinContent asHeld() {
        return new ThinContent(time, transactionId, 0, 0, volumes, null);
    }

    static ThinContent read(ThinMetadata metadata) {
        try (ThinView view = metadata.openView()) {
            ThinContent held = null;
            if (view.superblock().heldRoot() != 0) {
                try (ThinView heldView = metadata.openMetadataSnapshotView()) {
                    held = read(heldView, null);
                }
            }
            return read(view, held);
        }
    }

    private static ThinContent read(ThinView view, ThinContent held) {
        SortedMap<Long, Volume> volumes = new TreeMap<>();
        view.forEachDevice((id, details) -> {
            SortedMap<Long, Long> mappings = new TreeMap<>();
            view.forEachMapping(id, (virtualBlock, dataBlock, time) -> {
                mappings.put(virtualBlock, BlockTime.pack(dataBlock, time));
                return true;
            });
            volumes.put(id, new Volume(details.mappedBlocks(), details.transactionId(), details.creationTime(),
                    details.snapshottedTime(), mappings));
            return true;
        });
        ThinSuperblock superblock = view.superblock();
        return new ThinContent(superblock.time(), superblock.transactionId(), superblock.dataSpaceMap().blocks(),
                superblock.metadataSpaceMap().blocks(), volumes, held);
    }
}
