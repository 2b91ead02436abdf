package io.pdata.replication;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;

/** Hands a stream on, frame by frame, and notices if it is not whole. Memory: some 2 MiB. */
public final class Relay {
    private Relay() {}

    /**
     * Copies one stream, up to its end; what is broken in it is handed on, so that whoever gets it sees it too.
     *
     * @throws TransferException if it cannot be read or written, is damaged, or its sender has given up
     */
    public static TransferReport copy(InputStream in, OutputStream out, Progress progress) {
        FrameReader frames = new FrameReader(in);
        Header header = null;
        long bytes = 0;
        while (true) {
            frames.nextUnread();
            write(frames, out);
            bytes += frames.wireLength();
            switch (frames.type()) {
            case BEGIN -> {
                header = Header.read(frames.decoded());
                progress.total(header.total());
            }
            case DATA -> progress.done(frames.plainLength() - Long.BYTES);
            case HOLE, BASE -> {
                // nothing that takes long
            }
            case FAILED -> throw StreamReader.givenUp(frames.decoded());
            case END -> {
                flush(out);
                return report(header, frames.decoded(), bytes);
            }
            }
        }
    }

    private static TransferReport report(Header header, ByteBuffer end, long bytes) {
        if (header == null || end.remaining() < 2 * Long.BYTES) {
            throw new TransferException("this is no stream of a volume: it has no header");
        }
        SentVolume volume = header.volume();
        return new TransferReport(volume.name(), volume.size(), volume.incremental(), end.getLong(), end.getLong(),
                bytes);
    }

    private static void write(FrameReader frames, OutputStream out) {
        try {
            out.write(frames.wire(), 0, frames.wireLength());
        } catch (IOException e) {
            throw new TransferException("the stream cannot be written: " + e.getMessage(), e);
        }
    }

    private static void flush(OutputStream out) {
        try {
            out.flush();
        } catch (IOException e) {
            throw new TransferException("the stream cannot be written: " + e.getMessage(), e);
        }
    }
}
