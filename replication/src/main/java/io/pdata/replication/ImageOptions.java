package io.pdata.replication;

import java.nio.file.Path;

/**
 * How a volume is read out of images of a pool.
 *
 * @param lock whether others that write to the images are kept out, and it is refused if there are some
 * @param metadataSnapshot whether the held metadata snapshot is read, which stays as it is in a pool that is in use
 * @param size of the volume in bytes, which the metadata do not know; 0: as far as something is mapped
 * @param root the block with the root of the volume's mapping tree, where nothing sound leads there; -1: look it up
 * @param externalOrigin what the volume shows where nothing has been written; null: zeroes
 */
public record ImageOptions(boolean lock, boolean metadataSnapshot, long size, long root, Path externalOrigin) {
    public static final ImageOptions DEFAULT = new ImageOptions(true, false, 0, -1, null);
}
