package io.pdata.nbd;

import static io.pdata.nbd.Protocol.CMD_BLOCK_STATUS;
import static io.pdata.nbd.Protocol.CMD_CACHE;
import static io.pdata.nbd.Protocol.CMD_FLAG_DF;
import static io.pdata.nbd.Protocol.CMD_FLAG_FAST_ZERO;
import static io.pdata.nbd.Protocol.CMD_FLAG_FUA;
import static io.pdata.nbd.Protocol.CMD_FLAG_NO_HOLE;
import static io.pdata.nbd.Protocol.CMD_FLAG_REQ_ONE;
import static io.pdata.nbd.Protocol.CMD_READ;
import static io.pdata.nbd.Protocol.CMD_TRIM;
import static io.pdata.nbd.Protocol.CMD_WRITE;
import static io.pdata.nbd.Protocol.CMD_WRITE_ZEROES;

import java.io.IOException;

/** A request of a client as it came over the wire, and how far it has been carried out; one object is used repeatedly. */
final class Request {
    int flags;
    int type;
    long cookie;
    long offset;
    /** Unsigned 32 bits. */
    long length;
    /** How many bytes of a change have been dealt with. */
    long done;

    void read(Wire wire) throws IOException {
        int magic = wire.getInt();
        if (magic != Protocol.REQUEST_MAGIC) {
            throw new ProtocolException("a request without its magic number");
        }
        flags = wire.getShort();
        type = Short.toUnsignedInt(wire.getShort());
        cookie = wire.getLong();
        offset = wire.getLong();
        length = Integer.toUnsignedLong(wire.getInt());
        done = 0;
    }

    Request copy() {
        Request copy = new Request();
        copy.flags = flags;
        copy.type = type;
        copy.cookie = cookie;
        copy.offset = offset;
        copy.length = length;
        copy.done = done;
        return copy;
    }

    boolean has(int flag) {
        return (flags & flag) != 0;
    }

    /** Whether all flags mean something in a request of this type; FUA does in all. */
    boolean flagsAreKnown() {
        int known = CMD_FLAG_FUA | switch (type) {
        case CMD_READ -> CMD_FLAG_DF;
        case CMD_WRITE_ZEROES -> CMD_FLAG_NO_HOLE | CMD_FLAG_FAST_ZERO;
        case CMD_BLOCK_STATUS -> CMD_FLAG_REQ_ONE;
        default -> 0;
        };
        return (flags & 0xFFFF & ~known) == 0;
    }

    /** Whether the range is within a device of {@code size} bytes. */
    boolean isWithin(long size) {
        return offset >= 0 && offset <= size && length <= size - offset;
    }

    boolean changes() {
        return type == CMD_WRITE || type == CMD_TRIM || type == CMD_WRITE_ZEROES;
    }

    boolean isAboutBytes() {
        return changes() || type == CMD_READ || type == CMD_CACHE || type == CMD_BLOCK_STATUS;
    }
}
