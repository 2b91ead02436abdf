package io.pdata.nbd;

import static io.pdata.nbd.Protocol.CMD_FLAG_DF;
import static io.pdata.nbd.Protocol.STATE_ZERO;

import io.pdata.core.device.Device;
import io.pdata.core.device.PersistentDataException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * Answers reads. What is known to be zeroes is sent as a hole, where the client understands that and has not asked for one
 * piece.
 *
 * <p>However much is asked for, no more is kept in memory than the buffer holds: a longer reply begins before all of it has
 * been read. If reading fails after that, a structured reply goes on with zeroes and ends with the error; a simple one has
 * no way to say so, and the connection ends, as the protocol wants it. What fits a piece is read to where it is sent from.
 * For one thread.
 */
final class Reads implements MetadataContext.Extents {
    /** So much is read before a reply in one piece begins, so that nearly all errors can be told of. */
    private static final int WHOLE = Buffer.LARGE;
    private static final int MOST_EXTENTS = 256;
    /** Shorter holes cost more than they save. */
    private static final int SHORTEST_HOLE = 512;

    private final Wire wire;
    private final Replies replies;
    private final Device device;
    private final Buffer buffer;
    private final MetadataContext allocation;

    private final long[] lengths = new long[MOST_EXTENTS];
    private final boolean[] holes = new boolean[MOST_EXTENTS];
    private int extents;

    /** @param allocation what is a hole; null: nothing is */
    Reads(Wire wire, Replies replies, Device device, MetadataContext allocation, Buffer buffer) {
        this.wire = wire;
        this.replies = replies;
        this.device = device;
        this.allocation = allocation;
        this.buffer = buffer;
    }

    void answer(Request request) throws IOException {
        if (!replies.structured()) {
            simple(request);
        } else if (request.length == 0) {
            replies.ok(request.cookie);
        } else if (request.has(CMD_FLAG_DF)) {
            inOneChunk(request);
        } else if (allocation == null) {
            data(request, request.offset, request.length);
        } else {
            dataAndHoles(request);
        }
    }

    private void simple(Request request) throws IOException {
        if (request.length <= Buffer.PIECE) {
            int length = (int) request.length;
            device.read(request.offset, wire.ahead(Replies.SIMPLE_HEADER, length));
            replies.simpleHeader(request.cookie);
            wire.putAhead(length);
        } else {
            longSimple(request);
        }
    }

    private void longSimple(Request request) throws IOException {
        MemorySegment first = readFirst(request);
        replies.simpleHeader(request.cookie);
        wire.put(first.asByteBuffer());
        for (long done = first.byteSize(); done < request.length;) {
            MemorySegment piece = buffer.of(Math.min(Buffer.PIECE, request.length - done));
            try {
                device.read(request.offset + done, piece);
            } catch (PersistentDataException | IndexOutOfBoundsException e) {
                throw new IOException("reading failed in the middle of a reply: " + e.getMessage(), e);
            }
            wire.put(piece.asByteBuffer());
            done += piece.byteSize();
        }
    }

    private void inOneChunk(Request request) throws IOException {
        if (request.length <= Buffer.PIECE) {
            data(request, request.offset, request.length);
        } else {
            longChunk(request);
        }
    }

    private void longChunk(Request request) throws IOException {
        MemorySegment first = readFirst(request);
        boolean all = first.byteSize() == request.length;
        replies.dataHeader(request.cookie, request.offset, request.length, all);
        wire.put(first.asByteBuffer());
        RuntimeException failed = null;
        for (long done = first.byteSize(); done < request.length;) {
            MemorySegment piece = buffer.of(Math.min(Buffer.PIECE, request.length - done));
            if (failed == null) {
                try {
                    device.read(request.offset + done, piece);
                } catch (PersistentDataException | IndexOutOfBoundsException e) {
                    failed = e;
                }
            }
            wire.put(failed == null ? piece.asByteBuffer() : piece.fill((byte) 0).asByteBuffer());
            done += piece.byteSize();
        }
        if (failed != null) {
            throw failed;
        }
        if (!all) {
            replies.ok(request.cookie);
        }
    }

    private MemorySegment readFirst(Request request) {
        MemorySegment first = buffer.of(Math.min(WHOLE, request.length));
        device.read(request.offset, first);
        return first;
    }

    // ---- holes ----

    private void dataAndHoles(Request request) throws IOException {
        long end = request.offset + request.length;
        for (long at = request.offset; at < end;) {
            extents = 0;
            allocation.describe(at, end - at, this);
            if (extents == 0) {
                data(request, at, end - at);
                return;
            }
            for (int i = 0; i < extents && at < end; i++) {
                long length = Math.min(lengths[i], end - at);
                if (holes[i]) {
                    replies.hole(request.cookie, at, length, at + length == end);
                } else {
                    data(request, at, length);
                }
                at += length;
            }
        }
    }

    /** Gathers what is alike. */
    @Override
    public boolean extent(long length, int value) {
        boolean hole = (value & STATE_ZERO) != 0 && length >= SHORTEST_HOLE;
        if (extents > 0 && holes[extents - 1] == hole) {
            lengths[extents - 1] += length;
        } else if (extents < MOST_EXTENTS) {
            lengths[extents] = length;
            holes[extents] = hole;
            extents++;
        } else {
            return false;
        }
        return true;
    }

    private void data(Request request, long offset, long length) throws IOException {
        long end = request.offset + request.length;
        for (long at = offset; at < offset + length;) {
            int piece = (int) Math.min(Buffer.PIECE, offset + length - at);
            device.read(at, wire.ahead(Replies.DATA_HEADER, piece));
            replies.dataHeader(request.cookie, at, piece, at + piece == end);
            wire.putAhead(piece);
            at += piece;
        }
    }
}
