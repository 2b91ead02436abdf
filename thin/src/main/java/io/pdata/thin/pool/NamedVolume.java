package io.pdata.thin.pool;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * What is known of a volume beside the pool's metadata.
 *
 * @param name what people call it
 * @param id its number in the metadata
 * @param size in bytes
 * @param origin the volume that it was taken from, or if that has gone, the one that that was taken from; empty if there
 *        is none
 * @param created when it was made, to the second
 * @param readOnly whether it is not to be written to
 */
public record NamedVolume(String name, long id, long size, String origin, Instant created, boolean readOnly) {

    public NamedVolume {
        created = created.truncatedTo(ChronoUnit.SECONDS);
    }

    NamedVolume withSize(long bytes) {
        return new NamedVolume(name, id, bytes, origin, created, readOnly);
    }

    NamedVolume withOrigin(String newOrigin) {
        return new NamedVolume(name, id, size, newOrigin, created, readOnly);
    }

    NamedVolume withName(String newName) {
        return new NamedVolume(newName, id, size, origin, created, readOnly);
    }
}
