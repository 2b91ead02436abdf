package io.pdata.replication;

import io.pdata.core.device.PersistentDataException;
import io.pdata.thin.ThinRequestException.Reason;
import io.pdata.thin.ThinRequestException;
import io.pdata.thin.pool.NamedPool;
import io.pdata.thin.pool.NamedVolume;
import io.pdata.thin.pool.Volume;
import java.lang.foreign.MemorySegment;

/** The reception of one stream: see {@link Receiver}. Used by one thread. */
final class Reception {
    private final NamedPool pool;
    private final StreamReader stream;
    private final ReceiveOptions options;
    private final String name;
    private final long noteEvery;
    private final Progress progress;
    private Volume volume;
    private long noted;

    Reception(NamedPool pool, StreamReader stream, ReceiveOptions options, long noteEvery, Progress progress) {
        this.noteEvery = noteEvery;
        this.pool = pool;
        this.stream = stream;
        this.options = options;
        this.progress = progress;
        this.name = options.name() == null ? stream.header().volume().name() : options.name();
    }

    /** What the volume is to be called. */
    String name() {
        return name;
    }

    Receiver.Received run() {
        Header header = stream.header();
        if (header.goesOn()) {
            resume(header);
        } else {
            begin(header.volume());
        }
        progress.total(header.total());
        try {
            copy();
            NamedVolume complete = pool.complete(name, options.writable() ? null : header.volume().content());
            return new Receiver.Received(complete, stream.report());
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
                if (options.resumable() && stream.report().data() - noted >= noteEvery) {
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

        /** Nothing has been written yet: the volume is a snapshot of the base. */
        @Override
        public void base(BaseSample sample) {
            byte[] present = new byte[sample.length()];
            volume.read(sample.position(), MemorySegment.ofArray(present));
            if (!sample.matches(present)) {
                SentVolume sent = stream.header().volume();
                throw TransferException.hopeless("the stream has what has changed since '" + sent.baseName()
                        + "', and the snapshot here that has the same content by its name (" + sent.base()
                        + ") holds something else: send the volume whole, without --since");
            }
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
