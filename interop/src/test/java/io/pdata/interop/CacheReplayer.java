package io.pdata.interop;

import io.pdata.cache.CacheMetadata;
import io.pdata.cache.CachePolicy;
import io.pdata.cache.CacheStats;
import io.pdata.cache.ShutdownState;
import io.pdata.core.block.Bytes;
import io.pdata.core.device.Device;
import io.pdata.core.device.MemoryDevice;
import io.pdata.core.store.MetadataStore;
import io.pdata.core.store.OpenOptions;
import java.nio.file.Path;
import java.util.List;

/** Replays recordings of caches in which nothing was mapped or dirty, and all hints were 0. */
final class CacheReplayer implements Replayer {
    private MemoryDevice device;

    /** Null while the cache is inactive. */
    private CacheMetadata metadata;

    CacheReplayer(Path folder) {}

    @Override
    public void apply(Operation operation) {
        switch (operation.verb()) {
        case "format" -> format(operation);
        case "open" -> open();
        case "close" -> close();
        case "resize" -> metadata.resize(operation.number(0));
        case "commit" -> metadata.commit();
        case "shutdown" -> shutdown(operation);
        // Both are implied by the arguments of "shutdown".
        case "origin", "discard" -> {
        }
        default -> throw new IllegalArgumentException(operation.toString());
        }
    }

    private void format(Operation operation) {
        close();
        device = new MemoryDevice(operation.number(0) * Bytes.BLOCK_SIZE);
        metadata = CacheMetadata.format(device, (int) operation.number(2), (int) operation.number(1),
                MetadataStore.DEFAULT_CACHE_BYTES);
    }

    /** A cache that was formatted, or suspended, is in memory still: allocation goes on where it was. */
    private void open() {
        if (metadata == null) {
            metadata = CacheMetadata.open(device.reopen(), OpenOptions.readWrite());
        } else {
            metadata.resume();
        }
    }

    private void shutdown(Operation operation) {
        List<Operation.Range> discarded = operation.ranges(2);
        metadata.cleanShutdown(new ShutdownState(_ -> false, operation.number(0), operation.number(1),
                block -> discarded.stream().anyMatch(range -> block >= range.first() && block <= range.last()),
                CacheStats.NONE, CachePolicy.SMQ, _ -> 0));
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
