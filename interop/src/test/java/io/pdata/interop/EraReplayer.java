package io.pdata.interop;

import io.pdata.core.block.Bytes;
import io.pdata.core.device.Device;
import io.pdata.core.device.MemoryDevice;
import io.pdata.core.store.MetadataStore;
import io.pdata.core.store.OpenOptions;
import io.pdata.era.EraMetadata;
import java.nio.file.Path;

/**
 * Replays recordings of era devices, doing the steps of digestion where the kernel's worker did them on a quiet device:
 * one before each request, the rest after it.
 */
final class EraReplayer implements Replayer {
    private MemoryDevice device;
    private EraMetadata metadata;

    EraReplayer(Path folder) {}

    @Override
    public void apply(Operation operation) {
        switch (operation.verb()) {
        case "format" -> format(operation);
        case "resume" -> resume(operation.number(0));
        case "write" -> write(operation.number(0));
        case "checkpoint" -> request(metadata::rollOver);
        case "take_metadata_snap" -> request(metadata::takeSnapshot);
        case "drop_metadata_snap" -> request(metadata::dropSnapshot);
        case "status" -> request(() -> {});
        case "suspend" -> {
            request(metadata::archive);
            metadata.commit();
        }
        case "reopen" -> {
            close();
            metadata = EraMetadata.open(device.reopen(), OpenOptions.readWrite());
        }
        default -> throw new IllegalArgumentException(operation.toString());
        }
    }

    private void format(Operation operation) {
        close();
        device = new MemoryDevice(operation.number(0) * Bytes.BLOCK_SIZE);
        metadata = EraMetadata.format(device, (int) operation.number(1), MetadataStore.DEFAULT_CACHE_BYTES);
    }

    private void resume(long blocks) {
        if (metadata.resize(blocks)) {
            metadata.commit();
        }
        request(metadata::rollOver);
    }

    private void write(long block) {
        if (!metadata.isMarked(block)) {
            request(() -> metadata.mark(block));
        }
    }

    private void request(Runnable work) {
        if (metadata.startDigestion()) {
            metadata.digestStep();
        }
        work.run();
        metadata.commit();
        while (metadata.digesting()) {
            metadata.digestStep();
        }
    }

    /** The device keeps its content, and can still be read after the metadata have closed it. */
    @Override
    public Device device() {
        return device.reopen();
    }

    @Override
    public void close() {
        if (metadata != null) {
            metadata.close();
            metadata = null;
        }
    }
}
