package io.pdata.core.store;

/**
 * How metadata are to be opened.
 *
 * @param writable whether they are to be changed
 * @param dataBlockSectors the size of a data block that they must be for, in sectors of 512 bytes; 0: whatever they say
 * @param cacheBytes how much memory metadata blocks may take
 */
public record OpenOptions(boolean writable, int dataBlockSectors, long cacheBytes) {

    public static OpenOptions readWrite() {
        return new OpenOptions(true, 0, MetadataStore.DEFAULT_CACHE_BYTES);
    }

    /** Nothing at all is changed on disk. */
    public static OpenOptions readOnly() {
        return new OpenOptions(false, 0, MetadataStore.DEFAULT_CACHE_BYTES);
    }

    /** The same, but refusing metadata for blocks of another size. */
    public OpenOptions expecting(int sectors) {
        return new OpenOptions(writable, sectors, cacheBytes);
    }

    public OpenOptions withCache(long bytes) {
        return new OpenOptions(writable, dataBlockSectors, bytes);
    }
}
