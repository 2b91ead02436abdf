package io.pdata.cli.pool;

import io.pdata.server.NewPool;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** How large the parts of a new pool are to be. */
final class NewPoolOptions {
    @Option(names = "--data-size", paramLabel = "SIZE", converter = Sizes.class, description = "Room for data in a new pool; otherwise most of what the file system has free, up to 100 GiB.")
    private Long data;

    @Option(names = "--metadata-size", paramLabel = "SIZE", converter = Sizes.class, description = "Room for metadata in a new pool, set aside at once; otherwise 64 bytes for each block of data.")
    private Long metadata;

    @Option(names = "--block-size", paramLabel = "SIZE", converter = Sizes.class, defaultValue = "64K", description = "What is provided and copied at a time in a new pool: a multiple of 64K, up to 1G. Default: ${DEFAULT-VALUE}.")
    private long block;

    NewPool newPool(Path folder) throws IOException {
        return new NewPool(data == null ? NewPool.roomAt(folder) : data, metadata == null ? 0 : metadata, block);
    }
}
