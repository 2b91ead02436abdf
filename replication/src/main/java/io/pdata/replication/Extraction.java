package io.pdata.replication;

import io.pdata.core.block.CorruptionException;
import io.pdata.core.device.DeviceException;
import io.pdata.replication.VolumeSource.Kind;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Copies a volume to a target. Where that cannot be read which is wanted, it fails before or while it copies; or, if asked
 * to, goes on with zeroes and tells of what is lost.
 *
 * <p>Memory: some 3 MiB, and the first {@value #MOST_LOST} lost ranges.
 */
public final class Extraction {
    /** So many lost ranges are told of one by one. */
    public static final int MOST_LOST = 10_000;

    private static final int BUFFER = 1 << 20;
    private static final int PIECE = 4096;
    private static final byte[] ZEROES = new byte[PIECE];

    private final Target target;
    private final boolean salvage;
    private final Progress progress;
    private final byte[] buffer = new byte[BUFFER];
    private final List<Lost> lost = new ArrayList<>();
    private long lostBytes;
    private long data;
    private long position;

    /** A range of which nobody knows what was there. In bytes. */
    public record Lost(long position, long length) {}

    /**
     * What was copied.
     *
     * @param size of the volume, in bytes
     * @param data how much of it was not zeroes, in bytes
     * @param lost where zeroes stand for what could not be read; the first {@value #MOST_LOST}
     * @param lostBytes how many there are in all
     */
    public record Report(long size, long data, List<Lost> lost, long lostBytes) {}

    private Extraction(Target target, boolean salvage, Progress progress) {
        this.target = target;
        this.salvage = salvage;
        this.progress = progress;
    }

    /**
     * Extracts a volume from a source.
     *
     * @param salvage whether to go on where something cannot be read
     */
    public static Report extract(VolumeSource source, Target target, boolean salvage, Progress progress) {
        Extraction extraction = new Extraction(target, salvage, progress);
        progress.total(extraction.dataBytes(source));
        long size = source.size();
        target.begin(size);
        source.ranges(0, (kind, at, length) -> {
            extraction.range(source, kind, at, length);
            return true;
        });
        return extraction.end(size);
    }

    /** Extracts a volume that comes as a stream, whole. What is in the target is not to be believed if this fails. */
    public static Report extract(InputStream in, Target target, Progress progress) {
        Extraction extraction = new Extraction(target, false, progress);
        StreamReader stream = new StreamReader(in);
        SentVolume volume = stream.header().volume();
        if (volume.incremental() || stream.header().goesOn()) {
            throw new TransferException("the stream does not have the whole volume");
        }
        progress.total(stream.header().total());
        target.begin(volume.size());
        StreamReader.Sink sink = new StreamReader.Sink() {
            @Override
            public void data(long at, byte[] bytes, int offset, int length) {
                extraction.zeroUpTo(at);
                extraction.write(at, bytes, offset, length);
                progress.done(length);
            }

            @Override
            public void hole(long at, long length) {
                extraction.zeroUpTo(at + length);
            }

            @Override
            public void base(BaseSample sample) {
                throw new TransferException("the stream has changes only, not a whole volume");
            }
        };
        boolean more = true;
        while (more) {
            more = stream.next(sink);
        }
        return extraction.end(volume.size());
    }

    /** How much there is to copy; refuses what is damaged, unless the rest is wanted. */
    private long dataBytes(VolumeSource source) {
        long[] bytes = new long[1];
        source.ranges(0, (kind, at, length) -> {
            if (kind == Kind.LOST && !salvage) {
                throw new TransferException(length + " bytes at " + at + " of '" + source.name()
                        + "' cannot be read, what leads there is damaged; --salvage extracts the rest");
            }
            bytes[0] += kind == Kind.DATA ? length : 0;
            return true;
        });
        return bytes[0];
    }

    private Report end(long size) {
        zeroUpTo(size);
        target.finish();
        return new Report(size, data, List.copyOf(lost), lostBytes);
    }

    private void range(VolumeSource source, Kind kind, long at, long length) {
        zeroUpTo(at);
        switch (kind) {
        case DATA -> copy(source, at, length);
        case LOST -> lose(at, length);
        case HOLE -> zeroUpTo(at + length);
        }
    }

    private void lose(long at, long length) {
        Lost last = lost.isEmpty() ? null : lost.getLast();
        if (last != null && last.position() + last.length() == at) {
            lost.set(lost.size() - 1, new Lost(last.position(), last.length() + length));
        } else if (lost.size() < MOST_LOST) {
            lost.add(new Lost(at, length));
        }
        lostBytes += length;
        zeroUpTo(at + length);
    }

    private void copy(VolumeSource source, long at, long length) {
        long end = at + length;
        for (long from = at; from < end;) {
            int n = (int) Math.min(end - from, BUFFER - from % BUFFER);
            if (read(source, from, n)) {
                write(from, buffer, 0, n);
            } else {
                copyPieces(source, from, n);
            }
            progress.done(n);
            from += n;
        }
    }

    private void copyPieces(VolumeSource source, long at, int length) {
        for (int done = 0; done < length; done += PIECE) {
            int n = Math.min(PIECE, length - done);
            if (read(source, at + done, n)) {
                write(at + done, buffer, 0, n);
            } else {
                lose(at + done, n);
            }
        }
    }

    private boolean read(VolumeSource source, long at, int length) {
        try {
            source.read(at, buffer, 0, length);
            return true;
        } catch (DeviceException | CorruptionException e) {
            if (!salvage) {
                throw e;
            }
            return false;
        }
    }

    /** Writes what is not zeroes; the rest waits until it is known how far it goes. */
    private void write(long at, byte[] bytes, int offset, int length) {
        for (int from = 0; from < length;) {
            boolean zero = isZero(bytes, offset + from, length - from);
            int to = Math.min(length, from + PIECE);
            while (to < length && isZero(bytes, offset + to, length - to) == zero) {
                to = Math.min(length, to + PIECE);
            }
            if (!zero) {
                zeroUpTo(at + from);
                target.write(at + from, bytes, offset + from, to - from);
                data += to - from;
                position = at + to;
            }
            from = to;
        }
    }

    private static boolean isZero(byte[] bytes, int from, int rest) {
        int n = Math.min(PIECE, rest);
        return Arrays.equals(bytes, from, from + n, ZEROES, 0, n);
    }

    private void zeroUpTo(long end) {
        if (end > position) {
            target.zero(position, end - position);
            position = end;
        }
    }
}
