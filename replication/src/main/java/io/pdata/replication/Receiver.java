package io.pdata.replication;

import io.pdata.core.device.PersistentDataException;
import io.pdata.thin.ThinRequestException.Reason;
import io.pdata.thin.ThinRequestException;
import io.pdata.thin.pool.NamedPool;
import io.pdata.thin.pool.NamedVolume;
import io.pdata.thin.pool.Volume;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;

/**
 * Makes a volume out of a stream. Nobody sees it before the stream has ended and all its checksums are right; otherwise
 * nothing of it stays, or what is needed to go on later if that is asked for. That holds if this process is killed, too.
 *
 * <p>Memory: some 3 MiB.
 */
public final class Receiver {
    /** After so many bytes it is noted how much there is, if the stream can be resumed. */
    private static final long NOTE_EVERY = 128L << 20;

    private final NamedPool pool;
    private final StreamReader stream;
    private final ReceiveOptions options;
    private final String name;
    private final Progress progress;
    private Volume volume;
    private long noted;

    /**
     * What came of it.
     *
     * @param volume as it is now
     * @param report what the stream held
     */
    public record Received(NamedVolume volume, TransferReport report) {}

    private Receiver(NamedPool pool, StreamReader stream, ReceiveOptions options, Progress progress) {
        this.pool = pool;
        this.stream = stream;
        this.options = options;
        this.progress = progress;
        this.name = options.name() == null ? stream.header().volume().name() : options.name();
    }

    /**
     * Receives a volume.
     *
     * @param in is read up to the end of the stream, and not closed
     * @throws TransferException if the stream is broken or does not fit; its message has the token to resume with, if that is
     *         possible
     * @throws ThinRequestException DEVICE_EXISTS; INVALID: it cannot be called that; UNKNOWN_DEVICE: the snapshot that the
     *         stream goes on from is not here
     */
    public static Received receive(NamedPool pool, InputStream in, ReceiveOptions options, Progress progress) {
        return new Receiver(pool, new StreamReader(in), options, progress).run();
    }

    private Received run() {
        Header header = stream.header();
        if (header.position() > 0) {
            resume(header);
        } else {
            begin(header.volume());
        }
        progress.total(header.total());
        try {
            copy();
            NamedVolume complete = pool.complete(name, options.writable() ? null : header.volume().content());
            return new Received(complete, stream.report());
        } catch (RuntimeException e) {
            throw settled(e);
        }
    }

    private void begin(SentVolume sent) {
        NamedVolume base = sent.incremental() ? base(sent) : null;
        pool.begin(name, sent.size(), base, receipt());
    }

    private NamedVolume base(SentVolume sent) {
        return pool.volumes().stream().filter(each -> sent.base().equals(each.content())).findFirst()
                .orElseThrow(() -> new ThinRequestException(Reason.UNKNOWN_DEVICE,
                        "the stream has what has changed since '"
                                + sent.baseName() + "', and there is no snapshot here with that content (" + sent.base()
                                + ")"));
    }

    private void resume(Header header) {
        ResumeToken wanted = header.resumedFrom();
        boolean waiting = pool.unfinished().stream()
                .anyMatch(each -> each.name().equals(name) && each.receipt().equals(wanted.text()));
        if (!waiting) {
            throw new TransferException("the stream goes on at byte " + header.position() + " of '" + name
                    + "', and nothing here waits for that: send it with the token that was printed last");
        }
        pool.resizeUnfinished(name, header.volume().size());
    }

    private String receipt() {
        return options.resumable() ? stream.token().text() : NamedVolume.PASSING;
    }

    private void copy() {
        try (Volume opened = pool.openUnfinished(name)) {
            volume = opened;
            boolean more = true;
            while (more) {
                more = stream.next(new Records());
                if (options.resumable() && stream.report().data() - noted >= NOTE_EVERY) {
                    note();
                }
            }
            volume.flush();
        }
    }

    private void note() {
        volume.flush();
        pool.note(name, receipt());
        noted = stream.report().data();
    }

    private final class Records implements StreamReader.Sink {
        @Override
        public void data(long position, byte[] bytes, int offset, int length) {
            volume.write(position, MemorySegment.ofArray(bytes).asSlice(offset, length));
            progress.done(length);
        }

        @Override
        public void hole(long position, long length) {
            volume.zero(position, length);
        }
    }

    /** Leaves nothing behind, or what is needed to go on; returns what to throw. */
    private RuntimeException settled(RuntimeException why) {
        try {
            if (options.resumable() && !(why instanceof TransferException transfer && transfer.isHopeless())) {
                try (Volume opened = pool.openUnfinished(name)) {
                    opened.flush();
                }
                pool.note(name, receipt());
                return new TransferException(why.getMessage() + "\nwhat has come is kept: send it again with --resume "
                        + receipt(), why);
            }
            pool.abandon(name);
        } catch (PersistentDataException e) {
            why.addSuppressed(e);
        }
        return why;
    }
}
