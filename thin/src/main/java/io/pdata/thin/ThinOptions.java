package io.pdata.thin;

import io.pdata.core.store.MetadataStore;

/**
 * How a pool's metadata is to be opened.
 *
 * @param writable whether it is to be changed
 * @param dataBlockSectors the size of a data block that the metadata must be for, in sectors of 512 bytes; 0: whatever
 *        it says
 * @param cacheBytes how much memory cached blocks may take
 */
public record ThinOptions(boolean writable, int dataBlockSectors, long cacheBytes) {

    public static ThinOptions readWrite() {
        return new ThinOptions(true, 0, MetadataStore.DEFAULT_CACHE_BYTES);
    }

    public static ThinOptions readOnly() {
        return new ThinOptions(false, 0, MetadataStore.DEFAULT_CACHE_BYTES);
    }

    /** The same, but refusing metadata for blocks of another size. */
    public ThinOptions expecting(int sectors) {
        return new ThinOptions(writable, sectors, cacheBytes);
    }

    public ThinOptions withCache(long bytes) {
        return new ThinOptions(writable, dataBlockSectors, bytes);
    }
}
