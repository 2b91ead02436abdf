package io.pdata.thin.pool;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * What is known of a volume beside the pool's metadata.
 *
 * @param name what people call it
 * @param id its number in the metadata, which after its end may be another's
 * @param transactionId the pool's transaction id when it was made: with the number, what no other volume has or will have
 * @param size in bytes
 * @param origin the volume that it was taken from, or if that has gone, the one that that was taken from; empty if there
 *        is none
 * @param externalOrigin the path of the file or device whose content it shows where nothing has been written; empty if there
 *        is none
 * @param created when it was made, to the second
 * @param readOnly whether it is not to be written to
 */
public record NamedVolume(String name, long id, long transactionId, long size, String origin, String externalOrigin,
        Instant created,
        boolean readOnly) {

    public NamedVolume {
        created = created.truncatedTo(ChronoUnit.SECONDS);
    }

    /** Whether this and another are one volume, whatever name and size it has now. */
    public boolean isSameVolume(NamedVolume other) {
        return id == other.id && transactionId == other.transactionId;
    }

    NamedVolume withSize(long bytes) {
        return new NamedVolume(name, id, transactionId, bytes, origin, externalOrigin, created, readOnly);
    }

    NamedVolume withOrigin(String newOrigin) {
        return new NamedVolume(name, id, transactionId, size, newOrigin, externalOrigin, created, readOnly);
    }

    NamedVolume withName(String newName) {
        return new NamedVolume(newName, id, transactionId, size, origin, externalOrigin, created, readOnly);
    }
}
