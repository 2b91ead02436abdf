package io.pdata.nbd;

import static io.pdata.nbd.Protocol.CMD_BLOCK_STATUS;
import static io.pdata.nbd.Protocol.CMD_CACHE;
import static io.pdata.nbd.Protocol.CMD_DISC;
import static io.pdata.nbd.Protocol.CMD_FLAG_DF;
import static io.pdata.nbd.Protocol.CMD_FLAG_FAST_ZERO;
import static io.pdata.nbd.Protocol.CMD_FLAG_FUA;
import static io.pdata.nbd.Protocol.CMD_FLAG_NO_HOLE;
import static io.pdata.nbd.Protocol.CMD_FLAG_REQ_ONE;
import static io.pdata.nbd.Protocol.CMD_FLUSH;
import static io.pdata.nbd.Protocol.CMD_READ;
import static io.pdata.nbd.Protocol.CMD_TRIM;
import static io.pdata.nbd.Protocol.CMD_WRITE;
import static io.pdata.nbd.Protocol.CMD_WRITE_ZEROES;

import io.pdata.core.device.Device;
import io.pdata.core.device.DeviceException;
import io.pdata.core.device.PersistentDataException;
import io.pdata.core.device.ReadOnlyException;
import io.pdata.core.space.NoSpaceException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * The second phase of a connection: requests and replies, one after the other, by the thread of the connection. Replies to
 * requests that have come together leave together.
 *
 * <p>Memory: a buffer of {@value #PIECE} bytes; up to the size of the largest read where replies are simple, because they
 * cannot take back a beginning.
 */
final class Transmission {
    private static final int PIECE = 256 << 10;
    private static final int MOST_EXTENTS = 4096;
    private static final int EXTENT_BYTES = 2 * Integer.BYTES;
    /** More than this is not waited for when the request is refused. */
    private static final long MOST_SKIPPED = 1L << 26;

    private static final ByteBuffer ZEROES = ByteBuffer.allocateDirect(PIECE).asReadOnlyBuffer();

    private final Wire wire;
    private final Export export;
    private final Device device;
    private final List<MetadataContext> contexts;
    private final Limits limits;
    private final BooleanSupplier draining;
    private final Replies replies;
    private final Request request = new Request();
    private MemorySegment buffer = Arena.ofAuto().allocate(PIECE, 4096);

    /** @param draining whether new requests are refused, because the server is about to end */
    Transmission(Wire wire, Negotiation.Agreement agreement, Limits limits, BooleanSupplier draining) {
        this.wire = wire;
        this.export = agreement.export();
        this.device = export.device();
        this.contexts = agreement.contexts();
        this.limits = limits;
        this.draining = draining;
        this.replies = new Replies(wire, agreement.structured());
    }

    /** Serves until the client takes its leave. */
    void run() throws IOException {
        while (!wire.atEnd()) {
            request.read(wire);
            if (request.type == CMD_DISC) {
                break;
            }
            serve();
        }
        wire.flush();
    }

    private void serve() throws IOException {
        Refusal refusal = refusal();
        if (refusal != null) {
            if (request.type == CMD_WRITE) {
                skipPayload();
            }
            replies.error(request.cookie, refusal.error(), refusal.reason());
            return;
        }
        try {
            switch (request.type) {
            case CMD_READ -> read();
            case CMD_WRITE -> write();
            case CMD_FLUSH -> device.flush();
            case CMD_TRIM -> device.discard(request.offset, request.length);
            case CMD_WRITE_ZEROES -> writeZeroes();
            case CMD_BLOCK_STATUS -> blockStatus();
            default -> {
                // CMD_CACHE: what is read next is in the page cache soon enough
            }
            }
        } catch (PersistentDataException e) {
            replies.error(request.cookie, errorOf(e), e.getMessage());
            return;
        }
        if (request.type != CMD_READ && request.type != CMD_BLOCK_STATUS) {
            finish();
        }
    }

    private void finish() throws IOException {
        if (request.has(CMD_FLAG_FUA) && request.changes()) {
            try {
                device.flush();
            } catch (PersistentDataException e) {
                replies.error(request.cookie, errorOf(e), e.getMessage());
                return;
            }
        }
        replies.ok(request.cookie);
    }

    private record Refusal(int error, String reason) {}

    private Refusal refusal() {
        if (draining.getAsBoolean()) {
            return new Refusal(Protocol.ESHUTDOWN, "the server is about to end");
        }
        boolean known = request.isAboutBytes() || request.type == CMD_FLUSH;
        if (!known || !request.flagsAreKnown()) {
            return new Refusal(Protocol.EINVAL, "unknown request " + request.type + " with flags " + request.flags);
        }
        if (request.changes() && export.readOnly()) {
            return new Refusal(Protocol.EPERM, "the export is read-only");
        }
        if (request.isAboutBytes() && !request.isWithin(device.size())) {
            return new Refusal(request.type == CMD_WRITE || request.type == CMD_WRITE_ZEROES
                    ? Protocol.ENOSPC
                    : Protocol.EINVAL, "the request reaches beyond the end of the export");
        }
        boolean large = request.type == CMD_READ || request.type == CMD_WRITE;
        if (large && request.length > limits.requestBytes()) {
            return new Refusal(Protocol.EINVAL, "a request may be for " + limits.requestBytes() + " bytes");
        }
        if (request.type == CMD_BLOCK_STATUS && (contexts.isEmpty() || request.length == 0)) {
            return new Refusal(Protocol.EINVAL, "no metadata context has been agreed on, or no bytes asked for");
        }
        if (request.type == CMD_WRITE_ZEROES && request.has(CMD_FLAG_FAST_ZERO) && !fast()) {
            return new Refusal(Protocol.ENOTSUP, "this would not be faster than writing");
        }
        return null;
    }

    private boolean fast() {
        return export.zeroesFast() && !request.has(CMD_FLAG_NO_HOLE);
    }

    private void skipPayload() throws IOException {
        if (request.length > MOST_SKIPPED) {
            throw new ProtocolException("a write of " + request.length + " bytes");
        }
        wire.skip(request.length);
    }

    private void read() throws IOException {
        if (!replies.structured()) {
            MemorySegment all = room((int) request.length);
            device.read(request.offset, all);
            replies.simpleData(request.cookie, all.asByteBuffer());
        } else if (request.length == 0) {
            replies.ok(request.cookie);
        } else if (request.has(CMD_FLAG_DF)) {
            MemorySegment all = room((int) request.length);
            device.read(request.offset, all);
            replies.data(request.cookie, request.offset, all.asByteBuffer(), true);
        } else {
            readInPieces();
        }
    }

    private void readInPieces() throws IOException {
        for (long done = 0; done < request.length;) {
            long length = Math.min(PIECE, request.length - done);
            long offset = request.offset + done;
            done += length;
            MemorySegment piece = buffer.asSlice(0, length);
            device.read(offset, piece);
            replies.data(request.cookie, offset, piece.asByteBuffer(), done == request.length);
        }
    }

    private MemorySegment room(int length) {
        if (buffer.byteSize() < length) {
            buffer = Arena.ofAuto().allocate(length, 4096);
        }
        return buffer.asSlice(0, length);
    }

    /** After an error the rest of what was sent is taken and forgotten: the next request comes behind it. */
    private void write() throws IOException {
        for (long done = 0; done < request.length;) {
            long length = Math.min(PIECE, request.length - done);
            MemorySegment piece = buffer.asSlice(0, length);
            wire.get(piece.asByteBuffer());
            done += length;
            try {
                device.write(request.offset + done - length, piece);
            } catch (PersistentDataException e) {
                wire.skip(request.length - done);
                throw e;
            }
        }
    }

    private void writeZeroes() {
        if (!request.has(CMD_FLAG_NO_HOLE)) {
            device.zero(request.offset, request.length);
            return;
        }
        MemorySegment zeroes = MemorySegment.ofBuffer(ZEROES);
        for (long done = 0; done < request.length;) {
            long length = Math.min(PIECE, request.length - done);
            device.write(request.offset + done, zeroes.asSlice(0, length));
            done += length;
        }
    }

    private void blockStatus() throws IOException {
        int most = request.has(CMD_FLAG_REQ_ONE) ? 1 : MOST_EXTENTS;
        for (int i = 0; i < contexts.size(); i++) {
            ByteBuffer extents = ByteBuffer.allocate(most * EXTENT_BYTES);
            describe(contexts.get(i), extents);
            replies.blockStatus(request.cookie, i + 1, extents.flip(), i == contexts.size() - 1);
        }
    }

    /** Neighbours that are alike are one extent; none reaches beyond what was asked for, as some clients want it. */
    private void describe(MetadataContext context, ByteBuffer extents) {
        long[] left = {request.length};
        context.describe(request.offset, request.length, (length, value) -> {
            int bytes = (int) Math.min(length, left[0]);
            int last = extents.position() - EXTENT_BYTES;
            if (last >= 0 && extents.getInt(last + Integer.BYTES) == value) {
                extents.putInt(last, extents.getInt(last) + bytes);
            } else if (extents.hasRemaining()) {
                extents.putInt(bytes).putInt(value);
            } else {
                return false;
            }
            left[0] -= bytes;
            return left[0] > 0;
        });
    }

    private static int errorOf(PersistentDataException e) {
        return switch (e) {
        case NoSpaceException _ -> Protocol.ENOSPC;
        case ReadOnlyException _ -> Protocol.EPERM;
        case DeviceException _ -> Protocol.EIO;
        default -> Protocol.EIO;
        };
    }
}
