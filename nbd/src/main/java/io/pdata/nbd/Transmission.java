package io.pdata.nbd;

import static io.pdata.nbd.Protocol.CMD_BLOCK_STATUS;
import static io.pdata.nbd.Protocol.CMD_CACHE;
import static io.pdata.nbd.Protocol.CMD_DISC;
import static io.pdata.nbd.Protocol.CMD_FLAG_FAST_ZERO;
import static io.pdata.nbd.Protocol.CMD_FLAG_FUA;
import static io.pdata.nbd.Protocol.CMD_FLAG_NO_HOLE;
import static io.pdata.nbd.Protocol.CMD_FLUSH;
import static io.pdata.nbd.Protocol.CMD_READ;
import static io.pdata.nbd.Protocol.CMD_TRIM;
import static io.pdata.nbd.Protocol.CMD_WRITE;
import static io.pdata.nbd.Protocol.CMD_WRITE_ZEROES;

import io.pdata.core.device.Device;
import io.pdata.core.device.DeviceFullException;
import io.pdata.core.device.PersistentDataException;
import io.pdata.core.device.ReadOnlyException;
import io.pdata.core.space.NoSpaceException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.function.BooleanSupplier;

/**
 * The second phase of a connection: requests and replies, one after the other, by the thread of the connection. Replies to
 * requests that have come together leave together.
 */
final class Transmission {
    /** More than this is not waited for when the request is refused. */
    private static final long MOST_SKIPPED = 1L << 26;

    private static final MemorySegment ZEROES = MemorySegment
            .ofBuffer(ByteBuffer.allocateDirect(Buffer.PIECE).asReadOnlyBuffer());

    private final Wire wire;
    private final Export export;
    private final Device device;
    private final Limits limits;
    private final BooleanSupplier draining;
    private final boolean hasContexts;
    private final Replies replies;
    private final Reads reads;
    private final StatusReplies statusReplies;
    private final Request request = new Request();
    private final Buffer buffer = new Buffer();

    /** @param draining whether new requests are refused, because the server is about to end */
    Transmission(Wire wire, Negotiation.Agreement agreement, Limits limits, BooleanSupplier draining) {
        this.wire = wire;
        this.export = agreement.export();
        this.device = export.device();
        this.limits = limits;
        this.draining = draining;
        this.hasContexts = !agreement.contexts().isEmpty();
        this.replies = new Replies(wire, agreement.structured());
        this.reads = new Reads(wire, replies, device, export.allocation(), buffer);
        this.statusReplies = new StatusReplies(replies, agreement.contexts());
    }

    /** Serves until the client takes its leave. */
    void run() throws IOException {
        wire.enlarge();
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
            perform();
            if (request.has(CMD_FLAG_FUA) && request.changes()) {
                device.flush();
            }
        } catch (PersistentDataException e) {
            replies.error(request.cookie, errorOf(e), e.getMessage());
            return;
        } catch (IndexOutOfBoundsException e) {
            replies.error(request.cookie, beyondTheEnd(), "the export has become smaller");
            return;
        }
        if (request.type != CMD_READ && request.type != CMD_BLOCK_STATUS) {
            replies.ok(request.cookie);
        }
    }

    private void perform() throws IOException {
        switch (request.type) {
        case CMD_READ -> reads.answer(request);
        case CMD_WRITE -> write();
        case CMD_FLUSH -> device.flush();
        case CMD_TRIM -> device.discard(request.offset, request.length);
        case CMD_CACHE -> cache();
        case CMD_WRITE_ZEROES -> writeZeroes();
        case CMD_BLOCK_STATUS -> statusReplies.answer(request);
        default -> throw new IllegalStateException("request " + request.type);
        }
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
            return new Refusal(beyondTheEnd(), "the request reaches beyond the end of the export");
        }
        boolean large = request.type == CMD_READ || request.type == CMD_WRITE;
        if (large && request.length > limits.requestBytes()) {
            return new Refusal(Protocol.EINVAL, "a request may be for " + limits.requestBytes() + " bytes");
        }
        if (request.type == CMD_BLOCK_STATUS && (!hasContexts || request.length == 0)) {
            return new Refusal(Protocol.EINVAL, "no metadata context has been agreed on, or no bytes asked for");
        }
        if (request.type == CMD_WRITE_ZEROES && request.has(CMD_FLAG_FAST_ZERO) && !fast()) {
            return new Refusal(Protocol.ENOTSUP, "this would not be faster than writing");
        }
        return null;
    }

    private int beyondTheEnd() {
        return request.type == CMD_WRITE || request.type == CMD_WRITE_ZEROES ? Protocol.ENOSPC : Protocol.EINVAL;
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

    private void write() throws IOException {
        boolean isLong = request.length > Wire.LONGEST_TAKEN;
        wire.expectLongPayloads(isLong);
        if (isLong) {
            writeInPieces();
        } else if (request.length > 0) {
            device.write(request.offset, wire.take((int) request.length));
        }
    }

    /** After an error the rest of what was sent is taken and forgotten: the next request comes behind it. */
    private void writeInPieces() throws IOException {
        for (long done = 0; done < request.length;) {
            MemorySegment piece = buffer.of(Math.min(Buffer.PIECE, request.length - done));
            wire.get(piece.asByteBuffer());
            done += piece.byteSize();
            try {
                device.write(request.offset + done - piece.byteSize(), piece);
            } catch (PersistentDataException | IndexOutOfBoundsException e) {
                wire.skip(request.length - done);
                throw e;
            }
        }
    }

    /** Reads what will be read soon, so that it is in memory; as much as one read may have. */
    private void cache() {
        long length = Math.min(request.length, limits.requestBytes());
        for (long done = 0; done < length;) {
            MemorySegment piece = buffer.of(Math.min(Buffer.PIECE, length - done));
            device.read(request.offset + done, piece);
            done += piece.byteSize();
        }
    }

    private void writeZeroes() {
        if (!request.has(CMD_FLAG_NO_HOLE)) {
            device.zero(request.offset, request.length);
            return;
        }
        for (long done = 0; done < request.length;) {
            long length = Math.min(Buffer.PIECE, request.length - done);
            device.write(request.offset + done, ZEROES.asSlice(0, length));
            done += length;
        }
    }

    private static int errorOf(PersistentDataException e) {
        return switch (e) {
        case NoSpaceException _,DeviceFullException _ -> Protocol.ENOSPC;
        case ReadOnlyException _ -> Protocol.EPERM;
        default -> Protocol.EIO;
        };
    }
}
