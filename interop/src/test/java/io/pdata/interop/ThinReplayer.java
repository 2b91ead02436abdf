package io.pdata.interop;

import io.pdata.core.block.BlockManager;
import io.pdata.core.device.Device;
import io.pdata.core.device.MemoryDevice;
import io.pdata.core.spacemap.MetadataSpaceMap;
import io.pdata.core.store.MetadataStore;
import io.pdata.core.store.OpenOptions;
import io.pdata.testkit.Golden;
import io.pdata.thin.BlockTime;
import io.pdata.thin.ThinDevice;
import io.pdata.thin.ThinMetadata;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** A thin pool as the kernel runs it, without the data: each operation ends with a commit if it changes anything. */
final class ThinReplayer implements Replayer {
    private final Path folder;
    private final Map<Long, ThinDevice> open = new HashMap<>();
    private MemoryDevice device;
    private ThinMetadata metadata;

    ThinReplayer(Path folder) {
        this.folder = folder;
    }

    @Override
    public void apply(Operation operation) {
        switch (operation.verb()) {
        case "format" -> format(operation.number(0), (int) operation.number(1));
        case "load" -> load(operation.word(0), operation.number(1));
        case "reopen" -> reopen();
        case "open" -> open.put(operation.number(0), metadata.openDevice(operation.number(0)));
        case "close" -> metadata.closeDevice(open.remove(operation.number(0)));
        case "write" -> write(opened(operation), operation.number(1));
        default -> {
            change(operation);
            metadata.commit();
        }
        }
    }

    private void change(Operation operation) {
        switch (operation.verb()) {
        case "resize_data" -> metadata.space().resizeData(operation.number(0));
        case "grow" -> grow(operation.number(0), operation.number(1));
        case "create_thin" -> metadata.createThin(operation.number(0));
        case "create_snap" -> metadata.createSnapshot(operation.number(0), operation.number(1));
        case "delete" -> metadata.delete(operation.number(0));
        case "discard" -> metadata.removeRange(opened(operation), operation.number(1),
                operation.number(1) + operation.number(2));
        case "reserve_metadata_snap" -> metadata.reserveMetadataSnapshot();
        case "release_metadata_snap" -> metadata.releaseMetadataSnapshot();
        case "set_transaction_id" -> metadata.setTransactionId(operation.number(0), operation.number(1));
        default -> throw new IllegalArgumentException(operation + ": not an operation of thin pools");
        }
    }

    private ThinDevice opened(Operation operation) {
        ThinDevice thin = open.get(operation.number(0));
        if (thin == null) {
            throw new IllegalArgumentException(operation + ": the device is not open");
        }
        return thin;
    }

    private void format(long blocks, int dataBlockSectors) {
        close();
        device = new MemoryDevice(blocks * BlockManager.BLOCK_SIZE);
        metadata = ThinMetadata.format(device, dataBlockSectors, MetadataStore.DEFAULT_CACHE_BYTES);
    }

    private void load(String image, long dataBlocks) {
        close();
        byte[] content = Golden.bytes(folder, image + ".img");
        device = new MemoryDevice(content.length);
        device.write(0, MemorySegment.ofArray(content));
        activate();
        metadata.space().resizeData(dataBlocks);
        growMetadataToDevice();
        metadata.commit();
    }

    private void activate() {
        metadata = ThinMetadata.open(device.reopen(), OpenOptions.readWrite());
    }

    private void reopen() {
        close();
        activate();
    }

    private void grow(long metadataBlocks, long dataBlocks) {
        device.resize(metadataBlocks * BlockManager.BLOCK_SIZE, false);
        metadata.space().resizeData(dataBlocks);
        growMetadataToDevice();
    }

    private void growMetadataToDevice() {
        metadata.space().resizeMetadata(Math.min(device.size() / BlockManager.BLOCK_SIZE, MetadataSpaceMap.MAX_BLOCKS));
    }

    private void write(ThinDevice thin, long virtualBlock) {
        long mapping = metadata.lookup(thin, virtualBlock);
        if (mapping == BlockTime.UNMAPPED || thin.mayShare(BlockTime.time(mapping))) {
            metadata.insert(thin, virtualBlock, metadata.allocateDataBlock());
            metadata.commit();
        }
    }

    @Override
    public Device device() {
        return device;
    }

    @Override
    public void close() {
        open.clear();
        if (metadata != null) {
            metadata.close();
            metadata = null;
        }
    }
}
