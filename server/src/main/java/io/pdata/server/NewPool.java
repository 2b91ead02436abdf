package io.pdata.server;

import io.pdata.thin.ThinRequestException.Reason;
import io.pdata.thin.ThinRequestException;
import io.pdata.thin.pool.NamedPool.Geometry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * How large a new pool is to be, in bytes.
 *
 * @param dataSize room for data; a rest that is no whole block is left out
 * @param metadataSize room for metadata; 0: what suits the data
 * @param blockSize what is provided and copied at a time
 */
public record NewPool(long dataSize, long metadataSize, long blockSize) {
    private static final long SECTOR = 512;
    private static final long METADATA_BLOCK = 4096;
    private static final long BLOCK_UNIT = 64 << 10;
    private static final long LARGEST_BLOCK = 1 << 30;
    private static final long MIB = 1 << 20;
    private static final long GIB = 1 << 30;
    private static final long MOST_BY_DEFAULT = 100 * GIB;
    /** Room for a mapping and then some: full nodes take 16 bytes for each, half-full ones twice that. */
    private static final long METADATA_PER_BLOCK = 64;
    private static final long LEAST_METADATA = 8 * MIB;
    /** A bitmap of a space map has two bits for each block, after a header of 16 bytes. */
    private static final long BLOCKS_PER_BITMAP = (METADATA_BLOCK - 16) * 4;
    /** The most that a metadata space map can count: 255 bitmaps of 16320 blocks. */
    private static final long MOST_METADATA = 255 * 16320 * METADATA_BLOCK;

    /** Four fifths of what a file system has free, at most 100 GiB, in whole GiB if there are any. */
    public static long roomAt(Path folder) throws IOException {
        Path there = folder.toAbsolutePath();
        while (!Files.exists(there)) {
            there = there.getParent();
        }
        long room = Math.min(Files.getFileStore(there).getUsableSpace() / 5 * 4, MOST_BY_DEFAULT);
        return room >= GIB ? room / GIB * GIB : room / MIB * MIB;
    }

    /** @throws ThinRequestException INVALID if there can be no such pool */
    public Geometry geometry() {
        if (blockSize <= 0 || blockSize % BLOCK_UNIT != 0 || blockSize > LARGEST_BLOCK) {
            throw invalid("a block size of " + blockSize + " bytes: it is a multiple of 64 KiB, up to 1 GiB");
        }
        if (dataSize < blockSize) {
            throw invalid("room for " + dataSize + " bytes of data: it takes at least a block of " + blockSize);
        }
        if (metadataSize < 0 || metadataSize > MOST_METADATA) {
            throw invalid("room for " + metadataSize + " bytes of metadata: there can be " + MOST_METADATA);
        }
        long blocks = dataSize / blockSize;
        long metadata = metadataSize > 0
                ? metadataSize
                : Math.clamp(blocks * METADATA_PER_BLOCK, LEAST_METADATA, MOST_METADATA);
        long counting = Math.ceilDiv(blocks, BLOCKS_PER_BITMAP) * METADATA_BLOCK;
        if (counting > metadata / 2) {
            throw invalid("room for " + dataSize + " bytes of data in blocks of " + blockSize + ": to count them takes "
                    + counting + " bytes, more than half of the metadata (" + metadata
                    + " bytes); choose larger blocks, more room for metadata, or less for data");
        }
        return new Geometry(blocks * blockSize, Math.ceilDiv(metadata, METADATA_BLOCK) * METADATA_BLOCK,
                (int) (blockSize / SECTOR));
    }

    private static ThinRequestException invalid(String message) {
        return new ThinRequestException(Reason.INVALID, message);
    }
}
