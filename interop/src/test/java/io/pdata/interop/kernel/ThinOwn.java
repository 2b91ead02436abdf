package io.pdata.interop.kernel;

import io.pdata.core.block.BlockManager;
import io.pdata.core.device.FileDevice.Access;
import io.pdata.core.device.FileDevice;
import io.pdata.core.store.MetadataStore;
import io.pdata.core.store.OpenOptions;
import io.pdata.interop.kernel.BlockContent.Image;
import io.pdata.thin.BlockTime;
import io.pdata.thin.ThinDevice;
import io.pdata.thin.ThinMetadata;
import java.util.SplittableRandom;
import java.util.function.ToLongFunction;

/** Uses a pool as dm-thin would, with this project's metadata; commits now and then. */
final class ThinOwn implements ThinSide, AutoCloseable {
    private static final int CHANGES_PER_COMMIT = 5;

    private final ThinPool pool;
    private final SplittableRandom random;
    private final ThinMetadata metadata;
    private final Image data;

    private ThinOwn(ThinPool pool, SplittableRandom random, ThinMetadata metadata) {
        this.pool = pool;
        this.random = random;
        this.metadata = metadata;
        this.data = Image.open(pool.data());
    }

    /** Formats a new metadata image, and makes a new data image. */
    static ThinOwn format(ThinPool pool, SplittableRandom random, long dataBlocks, long metadataBlocks) {
        Image.create(pool.data(), dataBlocks * pool.blockBytes()).close();
        Image.create(pool.metadata(), metadataBlocks * BlockManager.BLOCK_SIZE).close();
        ThinMetadata metadata = ThinMetadata.format(FileDevice.open(pool.metadata(), Access.READ_WRITE),
                pool.blockSectors(), MetadataStore.DEFAULT_CACHE_BYTES);
        ThinOwn own = new ThinOwn(pool, random, metadata);
        own.metadata.space().resizeData(dataBlocks);
        own.metadata.commit();
        return own;
    }

    static ThinOwn open(ThinPool pool, SplittableRandom random) {
        return new ThinOwn(pool, random, ThinMetadata.open(FileDevice.open(pool.metadata(), Access.READ_WRITE),
                OpenOptions.readWrite().expecting(pool.blockSectors())));
    }

    ThinMetadata metadata() {
        return metadata;
    }

    /** Maps blocks that have no content worth writing. */
    void map(int id, long begin, int count) {
        onDevice(id, device -> {
            for (long block = begin; block < begin + count; block++) {
                metadata.insert(device, block, metadata.allocateDataBlock());
            }
            return count;
        });
    }

    @Override
    public void create(int id) {
        metadata.createThin(id);
        changed();
    }

    @Override
    public void snapshot(int id, int origin) {
        metadata.createSnapshot(id, origin);
        changed();
    }

    @Override
    public void delete(int id) {
        metadata.delete(id);
        changed();
    }

    @Override
    public void write(int id, long begin, int count, long tag) {
        onDevice(id, device -> {
            for (int i = 0; i < count; i++) {
                write(device, begin + i, BlockContent.whole(tag + i));
            }
            return count;
        });
    }

    @Override
    public void writePart(int id, long block, long tag) {
        onDevice(id, device -> {
            long mapping = metadata.lookup(device, block);
            BlockContent old = mapping == BlockTime.UNMAPPED
                    ? BlockContent.ZERO
                    : data.read(BlockTime.block(mapping), pool.blockBytes());
            write(device, block, old.withHead(tag));
            return 1;
        });
    }

    private void write(ThinDevice device, long block, BlockContent content) {
        long mapping = metadata.lookup(device, block);
        long target;
        if (mapping == BlockTime.UNMAPPED || device.mayShare(BlockTime.time(mapping))) {
            target = metadata.allocateDataBlock();
            metadata.insert(device, block, target);
        } else {
            target = BlockTime.block(mapping);
        }
        data.write(target, pool.blockBytes(), content);
    }

    @Override
    public void discard(int id, long begin, long count) {
        onDevice(id, device -> metadata.removeRange(device, begin, begin + count));
    }

    @Override
    public void reserveMetadataSnapshot() {
        metadata.reserveMetadataSnapshot();
        changed();
    }

    @Override
    public void releaseMetadataSnapshot() {
        metadata.releaseMetadataSnapshot();
        changed();
    }

    @Override
    public void setTransactionId(long current, long next) {
        metadata.setTransactionId(current, next);
        changed();
    }

    @Override
    public void grow(long dataBlocks, long metadataBlocks) {
        Image.create(pool.data(), dataBlocks * pool.blockBytes()).close();
        Image.create(pool.metadata(), metadataBlocks * BlockManager.BLOCK_SIZE).close();
        metadata.space().resizeData(dataBlocks);
        metadata.space().resizeMetadata(metadataBlocks);
        metadata.commit();
    }

    private void onDevice(int id, ToLongFunction<ThinDevice> work) {
        ThinDevice device = metadata.openDevice(id);
        work.applyAsLong(device);
        metadata.closeDevice(device);
        changed();
    }

    private void changed() {
        if (random.nextInt(CHANGES_PER_COMMIT) == 0) {
            metadata.commit();
        }
    }

    /** Commits first. */
    @Override
    public void close() {
        try (data; metadata) {
            metadata.commit();
        }
    }
}
