package io.pdata.interop.kernel;

import java.util.TreeMap;

/** What a thin pool ought to hold: for each device, what each mapped block contains. */
final class ThinWorld implements ThinSide {

    /** A volume: its blocks, and the pool's transaction id when it was made. */
    record Volume(TreeMap<Long, BlockContent> blocks, long transaction) {}

    final TreeMap<Integer, Volume> volumes = new TreeMap<>();
    /** The volumes when the held metadata snapshot was taken, or null. */
    TreeMap<Integer, Volume> held;
    long transaction;
    long dataBlocks;
    long metadataBlocks;

    ThinWorld(long dataBlocks, long metadataBlocks) {
        this.dataBlocks = dataBlocks;
        this.metadataBlocks = metadataBlocks;
    }

    @Override
    public void create(int id) {
        volumes.put(id, new Volume(new TreeMap<>(), transaction));
    }

    @Override
    public void snapshot(int id, int origin) {
        volumes.put(id, new Volume(new TreeMap<>(volumes.get(origin).blocks), transaction));
    }

    @Override
    public void delete(int id) {
        volumes.remove(id);
    }

    @Override
    public void write(int id, long begin, int count, long tag) {
        for (int i = 0; i < count; i++) {
            volumes.get(id).blocks.put(begin + i, BlockContent.whole(tag + i));
        }
    }

    /** Maps blocks without writing anything into them. */
    void map(int id, long begin, int count) {
        for (long block = begin; block < begin + count; block++) {
            volumes.get(id).blocks.put(block, BlockContent.ZERO);
        }
    }

    @Override
    public void writePart(int id, long block, long tag) {
        volumes.get(id).blocks.merge(block, BlockContent.ZERO.withHead(tag), (old, _) -> old.withHead(tag));
    }

    @Override
    public void discard(int id, long begin, long count) {
        volumes.get(id).blocks.subMap(begin, begin + count).clear();
    }

    @Override
    public void reserveMetadataSnapshot() {
        held = new TreeMap<>();
        volumes.forEach((id, volume) -> held.put(id, new Volume(new TreeMap<>(volume.blocks), volume.transaction)));
    }

    @Override
    public void releaseMetadataSnapshot() {
        held = null;
    }

    @Override
    public void setTransactionId(long current, long next) {
        transaction = next;
    }

    @Override
    public void grow(long newDataBlocks, long newMetadataBlocks) {
        dataBlocks = newDataBlocks;
        metadataBlocks = newMetadataBlocks;
    }
}
