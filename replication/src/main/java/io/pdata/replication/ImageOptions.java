package io.pdata.replication;

import io.pdata.tools.thin.VolumeSearch;
import java.nio.file.Path;

/**
 * How a volume is read out of images of a pool.
 *
 * @param lock whether others that write to the images are kept out, and it is refused if there are some
 * @param metadataSnapshot whether the held metadata snapshot is read, which stays as it is in a pool that is in use
 * @param size of the volume in bytes, which the metadata do not know; 0: as far as something is mapped
 * @param externalOrigin what the volume shows where nothing has been written; null: zeroes
 * @param around whether the volume is looked for {@linkplain VolumeSearch around damage}, and what is known of where it
 *     is; null: by sound metadata only
 */
public record ImageOptions(boolean lock, boolean metadataSnapshot, long size, Path externalOrigin,
        VolumeSearch.Known around) {
    public static final ImageOptions DEFAULT = new ImageOptions(true, false, 0, null);

    /** By sound metadata. */
    public ImageOptions(boolean lock, boolean metadataSnapshot, long size, Path externalOrigin) {
        this(lock, metadataSnapshot, size, externalOrigin, null);
    }
}
