package io.pdata.replication;

import io.pdata.core.device.PersistentDataException;
import io.pdata.replication.VolumeSource.Kind;
import java.io.OutputStream;
import java.util.Arrays;

/**
 * Writes a volume, or what has changed since a snapshot that the receiver has, as a stream.
 *
 * <p>Cost: reads what is sent, once, and of the metadata what {@link VolumeSource#ranges} does. Memory: some 5 MiB. What is
 * zeroes is sent as a hole, or not at all if the receiver begins with an empty volume.
 */
public final class Sender {
    /** Zeroes are looked for in pieces of this size, in bytes. */
    private static final int PIECE = 16 << 10;
    private static final byte[] ZEROES = new byte[PIECE];

    private final VolumeSource source;
    private final boolean whole;
    private final StreamWriter stream;
    private final Progress progress;

    private Sender(VolumeSource source, StreamWriter stream, Progress progress) {
        this.source = source;
        this.whole = !source.about().incremental();
        this.stream = stream;
        this.progress = progress;
    }

    /**
     * Sends a volume.
     *
     * @param resume where to go on, as the receiver has said; null: from the beginning
     * @param compress whether by zstd
     * @param out gets the stream; it is flushed, not closed
     * @throws TransferException if the stream cannot be written, or {@code resume} is of something else; any other error is
     *         the source's, and the receiver has been told
     */
    public static TransferReport send(VolumeSource source, ResumeToken resume, boolean compress, OutputStream out,
            Progress progress) {
        SentVolume volume = source.about();
        if (resume != null && !resume.isOf(volume)) {
            throw new TransferException("'" + volume.name()
                    + "' cannot be sent from where that token says: the token is of another volume, or of other changes");
        }
        long position = resume == null ? 0 : resume.position();
        long total = source.dataBytes(position);
        progress.total(total);
        Header header = new Header(volume, position, resume == null ? Digest.START : resume.digest(), total);
        Sender sender = new Sender(source, new StreamWriter(out, header, compress), progress);
        return sender.run(position, resume == null);
    }

    private TransferReport run(long position, boolean fromBeginning) {
        try {
            if (fromBeginning) {
                source.baseSamples().forEach(stream::base);
            }
            source.ranges(position, this::range);
        } catch (PersistentDataException e) {
            tell(e);
            throw e;
        }
        return stream.end();
    }

    private void tell(PersistentDataException why) {
        if (why instanceof TransferException) {
            return; // the stream itself is what fails
        }
        try {
            stream.failed(why.getMessage());
        } catch (TransferException e) {
            why.addSuppressed(e);
        }
    }

    private boolean range(Kind kind, long position, long length) {
        switch (kind) {
        case DATA -> data(position, length);
        case HOLE -> hole(position, length);
        case LOST -> throw new TransferException(length + " bytes at " + position + " of '" + source.about().name()
                + "' cannot be read: what leads there is damaged");
        }
        return true;
    }

    private void data(long position, long length) {
        long end = position + length;
        for (long at = position; at < end;) {
            int n = (int) Math.min(end - at, Frame.MOST_DATA - at % Frame.MOST_DATA);
            source.read(at, stream.buffer(), StreamWriter.DATA, n);
            write(at, n);
            progress.done(n);
            at += n;
        }
    }

    /** Writes what is in the buffer as data and holes. */
    private void write(long position, int length) {
        byte[] buffer = stream.buffer();
        for (int from = 0; from < length;) {
            boolean zero = isZero(buffer, from, length);
            int to = Math.min(length, from + PIECE);
            while (to < length && isZero(buffer, to, length) == zero) {
                to = Math.min(length, to + PIECE);
            }
            if (zero) {
                hole(position + from, to - from);
            } else {
                part(position, from, to);
            }
            from = to;
        }
    }

    /** What lies behind the part in the buffer stays there. */
    private void part(long position, int from, int to) {
        byte[] buffer = stream.buffer();
        if (from > 0) {
            System.arraycopy(buffer, StreamWriter.DATA + from, buffer, StreamWriter.DATA, to - from);
        }
        stream.data(position + from, to - from);
    }

    private static boolean isZero(byte[] buffer, int from, int length) {
        int n = Math.min(PIECE, length - from);
        int begin = StreamWriter.DATA + from;
        return Arrays.equals(buffer, begin, begin + n, ZEROES, 0, n);
    }

    private void hole(long position, long length) {
        if (!whole) {
            stream.hole(position, length);
        }
    }
}
