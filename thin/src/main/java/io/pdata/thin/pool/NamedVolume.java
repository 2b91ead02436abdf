package io.pdata.thin.pool;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.UUID;
import java.util.regex.Pattern;

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
 * @param content what it holds, as a name that no other content has: of one that is not written to, also in other pools
 *        that have received a copy; null if it may change
 * @param receipt empty for a volume that is there for everybody; otherwise it is hidden, and this says how much of it has
 *        been received ({@link #PASSING}: of no use to whoever opens the pool next); without spaces
 * @param externalOriginSize the size of the external origin when the volume was created, in bytes; 0 if that is not known
 */
public record NamedVolume(String name, long id, long transactionId, long size, String origin, String externalOrigin,
        Instant created, boolean readOnly, UUID content, String receipt, long externalOriginSize) {
    /** A receipt of what is deleted when the pool is opened the next time. */
    public static final String PASSING = "-";
    /** What the names of hidden volumes begin with, and those of others cannot. */
    static final String HIDDEN = ".";
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.@:+-]{0,127}");

    public NamedVolume {
        created = created.truncatedTo(ChronoUnit.SECONDS);
    }

    /** A volume that is visible; a read-only one has a content of its own. */
    NamedVolume(String name, long id, long transactionId, long size, String origin, String externalOrigin,
            long externalOriginSize, Instant created, boolean readOnly) {
        this(name, id, transactionId, size, origin, externalOrigin, created, readOnly,
                readOnly ? UUID.randomUUID() : null, "", externalOriginSize);
    }

    /** Whether a volume can have a name: it is safe in file names, lists and messages. */
    static boolean isName(String name) {
        return NAME.matcher(name).matches();
    }

    /** Whether this and another are one volume, whatever name and size it has now. */
    public boolean isSameVolume(NamedVolume other) {
        return id == other.id && transactionId == other.transactionId;
    }

    boolean hidden() {
        return name.startsWith(HIDDEN);
    }

    /** Another size is another content. */
    NamedVolume withSize(long bytes) {
        return new NamedVolume(name, id, transactionId, bytes, origin, externalOrigin, created, readOnly,
                content == null || bytes == size ? content : UUID.randomUUID(), receipt,
                externalOriginSize);
    }

    NamedVolume withOrigin(String newOrigin) {
        return new NamedVolume(name, id, transactionId, size, newOrigin, externalOrigin, created, readOnly, content,
                receipt, externalOriginSize);
    }

    NamedVolume withName(String newName) {
        return new NamedVolume(newName, id, transactionId, size, origin, externalOrigin, created, readOnly, content,
                receipt, externalOriginSize);
    }

    NamedVolume withReceipt(String newReceipt) {
        return new NamedVolume(name, id, transactionId, size, origin, externalOrigin, created, readOnly, content,
                newReceipt, externalOriginSize);
    }

    /** For everybody from now on; not to be written to if it is known what it holds. */
    NamedVolume received(String newName, UUID newContent) {
        return new NamedVolume(newName, id, transactionId, size, origin, externalOrigin, created, newContent != null,
                newContent, "", externalOriginSize);
    }
}
