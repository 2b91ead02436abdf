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
import io.pdata.core.device.WouldWaitException;
import io.pdata.core.space.NoSpaceException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * The second phase of a connection: requests and replies, one after the other, by the thread of the connection. Replies to
 * requests that have come together and are served quickly leave together.
 *
 * <p>A change that finds no room for data is parked and tried again when there is room; requests after it are
 * served. If there is no memory to park it, the connection waits with it. The end of the client drops it.
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
    private final ClientChannel client;
    private final boolean hasContexts;
    private final Replies replies;
    private final Reads reads;
    private final StatusReplies statusReplies;
    private final Request request = new Request();
    private final Buffer buffer = new Buffer();
    private final ParkedRequests parked;
    private final Runnable retry = this::retryParked;
    /** Whether the present request waits, too. */
    private boolean holding;
    /** How much of a long payload has been received. */
    private long received;

    /**
     * @param client what {@code wire} goes over
     * @param device the device of the agreed export
     * @param parking memory for requests that wait
     */
    Transmission(Wire wire, ClientChannel client, Negotiation.Agreement agreement, Device device, Limits limits,
            ParkedRequests.Budget parking) {
        this.wire = wire;
        this.client = client;
        this.export = agreement.export();
        this.device = device;
        this.limits = limits;
        this.parked = new ParkedRequests(parking);
        this.hasContexts = !agreement.contexts().isEmpty();
        this.replies = new Replies(wire, agreement.structured());
        this.reads = new Reads(wire, replies, device, export.allocation(), buffer);
        this.statusReplies = new StatusReplies(replies, agreement.contexts());
    }

    /** Serves until the client or the server ends the connection. */
    void run() throws IOException {
        wire.enlarge();
        export.onRoom(client::wake);
        try (parked) {
            while (!wire.atEnd()) {
                request.read(wire);
                if (request.type == CMD_DISC) {
                    client.finishWaiting();
                    break;
                }
                serve();
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        wire.flush();
    }

    private void serve() throws IOException {
        if (isSlow() || wire.isHoldingReplies()) {
            wire.flush();
        }
        Refusal refusal = refusal();
        if (refusal != null) {
            if (request.type == CMD_WRITE) {
                skipPayload();
            }
            replies.error(request.cookie, refusal.error(), refusal.reason());
        } else if (request.type == CMD_WRITE) {
            write();
        } else if (!answer(request, null)) {
            park(null);
        }
    }

    /** Whether earlier replies should not wait for this request. */
    private boolean isSlow() {
        return request.type != CMD_READ && request.type != CMD_WRITE || request.has(CMD_FLAG_FUA);
    }

    /**
     * Carries out a request, from where it stopped, and answers it.
     *
     * @param payload the bytes that are left to write, for a write
     * @return false if it has to wait for room
     */
    private boolean answer(Request request, MemorySegment payload) throws IOException {
        try {
            perform(request, payload);
            if (request.has(CMD_FLAG_FUA) && request.changes()) {
                device.flush();
            }
        } catch (WouldWaitException e) {
            request.done += e.done();
            return false;
        } catch (PersistentDataException | IndexOutOfBoundsException e) {
            refuse(request, e);
            return true;
        }
        if (request.type != CMD_READ && request.type != CMD_BLOCK_STATUS) {
            replies.ok(request.cookie);
        }
        return true;
    }

    private void refuse(Request request, RuntimeException e) throws IOException {
        if (e instanceof PersistentDataException failed) {
            replies.error(request.cookie, errorOf(failed), failed.getMessage());
        } else {
            replies.error(request.cookie, beyondTheEnd(request), "the export has become smaller");
        }
    }

    private void perform(Request request, MemorySegment payload) throws IOException {
        switch (request.type) {
        case CMD_READ -> reads.answer(request);
        case CMD_WRITE -> writeRest(request, payload);
        case CMD_FLUSH -> device.flush();
        case CMD_TRIM -> device.discard(request.offset, request.length);
        case CMD_CACHE -> cache();
        case CMD_WRITE_ZEROES -> writeZeroes(request);
        case CMD_BLOCK_STATUS -> statusReplies.answer(request);
        default -> throw new IllegalStateException("request " + request.type);
        }
    }

    private static MemorySegment last(long bytes, MemorySegment payload) {
        return bytes == payload.byteSize() ? payload : payload.asSlice(payload.byteSize() - bytes);
    }

    // ---- requests that wait for room ----

    /** Puts the present request aside; if there is no memory for that, waits with it. */
    private void park(MemorySegment payload) throws IOException {
        long left = payload == null ? 0 : request.length - request.done;
        Optional<ParkedRequests.Place> place = parked.reserve(left);
        if (place.isPresent()) {
            if (left > 0) {
                place.get().payload().copyFrom(last(left, payload));
            }
            parked.park(request.copy(), place.get());
            client.attend(retry);
            return;
        }
        do {
            awaitRetry();
        } while (!answer(request, payload));
        wire.flush();
    }

    /** Waits with the present request, and with all after it, until there may be room for it. */
    private void awaitRetry() throws IOException {
        wire.flush();
        holding = true;
        client.attend(retry);
        try {
            client.awaitRetry();
        } finally {
            holding = false;
        }
    }

    private void retryParked() {
        try {
            parked.retry(this::answer);
            wire.flush();
            if (parked.isEmpty() && !holding) {
                client.relax();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private record Refusal(int error, String reason) {}

    private Refusal refusal() {
        boolean known = request.isAboutBytes() || request.type == CMD_FLUSH;
        if (!known || !request.flagsAreKnown()) {
            return new Refusal(Protocol.EINVAL, "unknown request " + request.type + " with flags " + request.flags);
        }
        if (request.changes() && export.readOnly()) {
            return new Refusal(Protocol.EPERM, "the export is read-only");
        }
        if (request.isAboutBytes() && !request.isWithin(device.size())) {
            return new Refusal(beyondTheEnd(request), "the request reaches beyond the end of the export");
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

    private static int beyondTheEnd(Request request) {
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
        } else {
            MemorySegment payload = wire.take((int) request.length);
            if (!answer(request, payload)) {
                park(payload);
            }
        }
    }

    /** After an error the rest of the payload is received and dropped: the next request comes after it. */
    private void writeInPieces() throws IOException {
        try {
            while (request.done < request.length) {
                MemorySegment piece = buffer.of(Math.min(Buffer.PIECE, request.length - request.done));
                wire.get(piece.asByteBuffer());
                if (!writePiece(piece)) {
                    return;
                }
            }
        } catch (PersistentDataException | IndexOutOfBoundsException e) {
            wire.skip(request.length - received);
            refuse(request, e);
            return;
        }
        answer(request, MemorySegment.NULL);
    }

    /** @return false if the whole request has been parked */
    private boolean writePiece(MemorySegment piece) throws IOException {
        received = request.done + piece.byteSize();
        while (request.done < received) {
            try {
                device.write(request.offset + request.done, last(received - request.done, piece));
                request.done = received;
            } catch (WouldWaitException e) {
                request.done += e.done();
                if (parkLong(last(received - request.done, piece))) {
                    return false;
                }
                awaitRetry();
            }
        }
        return true;
    }

    /** Receives the rest of a payload where there is memory for it; whether there is. */
    private boolean parkLong(MemorySegment begin) throws IOException {
        Optional<ParkedRequests.Place> place = parked.reserve(request.length - request.done);
        if (place.isEmpty()) {
            return false;
        }
        MemorySegment payload = place.get().payload();
        payload.copyFrom(begin);
        try {
            wire.get(payload.asSlice(begin.byteSize()).asByteBuffer());
        } catch (IOException | RuntimeException e) {
            parked.release(place.get());
            throw e;
        }
        parked.park(request.copy(), place.get());
        client.attend(retry);
        return true;
    }

    private void writeRest(Request request, MemorySegment payload) {
        long left = request.length - request.done;
        if (left > 0) {
            device.write(request.offset + request.done, last(left, payload));
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

    private void writeZeroes(Request request) {
        if (!request.has(CMD_FLAG_NO_HOLE)) {
            device.zero(request.offset + request.done, request.length - request.done);
            return;
        }
        while (request.done < request.length) {
            long length = Math.min(Buffer.PIECE, request.length - request.done);
            device.write(request.offset + request.done, ZEROES.asSlice(0, length));
            request.done += length;
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
