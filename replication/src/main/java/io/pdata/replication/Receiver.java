package io.pdata.replication;

import io.pdata.thin.ThinRequestException.Reason;
import io.pdata.thin.ThinRequestException;
import io.pdata.thin.pool.NamedPool;
import io.pdata.thin.pool.NamedVolume;
import java.io.InputStream;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Makes volumes of a pool out of streams. Nobody sees a volume before its stream has ended and all checksums are right;
 * otherwise nothing of it stays, or what is needed to go on later if that is asked for. That holds if this process is
 * killed, too.
 *
 * <p>Any number of threads, each with a stream of another volume. Memory: some 3 MiB for each.
 */
public final class Receiver {
    /** After so many bytes it is noted how much there is, if the stream can be resumed. */
    private static final long NOTE_EVERY = 128L << 20;

    private final NamedPool pool;
    private final long noteEvery;
    private final Set<String> receiving = ConcurrentHashMap.newKeySet();

    /**
     * What came of a stream.
     *
     * @param volume as it is now
     * @param report what the stream held
     */
    public record Received(NamedVolume volume, TransferReport report) {}

    public Receiver(NamedPool pool) {
        this(pool, NOTE_EVERY);
    }

    Receiver(NamedPool pool, long noteEvery) {
        this.pool = pool;
        this.noteEvery = noteEvery;
    }

    /**
     * Receives a volume.
     *
     * @param in is read up to the end of the stream, and not closed
     * @throws TransferException if the stream is broken or does not fit; its message has the token to resume with, if that is
     *         possible
     * @throws ThinRequestException DEVICE_EXISTS; BUSY: it is just being received; INVALID: it cannot be called that;
     *         UNKNOWN_DEVICE: the snapshot that the stream goes on from is not here
     */
    public Received receive(InputStream in, ReceiveOptions options, Progress progress) {
        Reception reception = new Reception(pool, new StreamReader(in), options, noteEvery, progress);
        if (!receiving.add(reception.name())) {
            throw new ThinRequestException(Reason.BUSY, "'" + reception.name() + "' is just being received");
        }
        try {
            return reception.run();
        } finally {
            receiving.remove(reception.name());
        }
    }
}
