package io.pdata.interop.kernel;

import java.nio.file.Path;

/**
 * A pool of a test: its images on the host, and the numbers that both sides need.
 *
 * @param name the pool's device-mapper name in the guest
 * @param metadata image of the metadata device
 * @param data image of the data device
 * @param source image whose block {@code t} is {@code BlockContent.whole(t)}
 * @param blockSectors data block size in sectors
 */
record ThinPool(String name, Path metadata, Path data, Path source, int blockSectors) {
    /** The length of each volume. */
    static final long VOLUME_BLOCKS = 1 << 20;

    int blockBytes() {
        return blockSectors * 512;
    }
}
