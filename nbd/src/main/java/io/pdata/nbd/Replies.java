package io.pdata.nbd;

import static io.pdata.nbd.Protocol.REPLY_BLOCK_STATUS;
import static io.pdata.nbd.Protocol.REPLY_ERROR;
import static io.pdata.nbd.Protocol.REPLY_FLAG_DONE;
import static io.pdata.nbd.Protocol.REPLY_NONE;
import static io.pdata.nbd.Protocol.REPLY_OFFSET_DATA;
import static io.pdata.nbd.Protocol.REPLY_OFFSET_HOLE;
import static io.pdata.nbd.Protocol.SIMPLE_REPLY_MAGIC;
import static io.pdata.nbd.Protocol.STRUCTURED_REPLY_MAGIC;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Writes replies, simple or structured as was agreed on. */
final class Replies {
    /** How long {@link #simpleHeader} is. */
    static final int SIMPLE_HEADER = 16;
    /** How long {@link #dataHeader} is. */
    static final int DATA_HEADER = 28;

    private static final int MAX_MESSAGE = 4096;

    private final Wire wire;
    private final boolean structured;

    Replies(Wire wire, boolean structured) {
        this.wire = wire;
        this.structured = structured;
    }

    boolean structured() {
        return structured;
    }

    /** Done, with nothing to say. */
    void ok(long cookie) throws IOException {
        if (structured) {
            chunk(REPLY_FLAG_DONE, REPLY_NONE, cookie, 0);
        } else {
            simple(0, cookie);
        }
    }

    /** Failed. Simple replies have no room for the reason. */
    void error(long cookie, int error, String reason) throws IOException {
        if (!structured) {
            simple(error, cookie);
            return;
        }
        byte[] bytes = reason.getBytes(StandardCharsets.UTF_8);
        int length = Math.min(bytes.length, MAX_MESSAGE);
        chunk(REPLY_FLAG_DONE, REPLY_ERROR, cookie, Integer.BYTES + Short.BYTES + length);
        wire.putInt(error).putShort(length).put(ByteBuffer.wrap(bytes, 0, length));
    }

    /** All that was asked for follows. */
    void simpleHeader(long cookie) throws IOException {
        simple(0, cookie);
    }

    /** So much of what was asked for follows. */
    void dataHeader(long cookie, long offset, long length, boolean last) throws IOException {
        chunk(last ? REPLY_FLAG_DONE : 0, REPLY_OFFSET_DATA, cookie, Long.BYTES + (int) length);
        wire.putLong(offset);
    }

    /** A part of what was read, all zeroes. */
    void hole(long cookie, long offset, long length, boolean last) throws IOException {
        chunk(last ? REPLY_FLAG_DONE : 0, REPLY_OFFSET_HOLE, cookie, Long.BYTES + Integer.BYTES);
        wire.putLong(offset).putInt((int) length);
    }

    /** The extents of one context, as pairs of length and status. */
    void blockStatus(long cookie, int context, ByteBuffer extents, boolean last) throws IOException {
        chunk(last ? REPLY_FLAG_DONE : 0, REPLY_BLOCK_STATUS, cookie, Integer.BYTES + extents.remaining());
        wire.putInt(context).put(extents);
    }

    private void simple(int error, long cookie) throws IOException {
        wire.putInt(SIMPLE_REPLY_MAGIC).putInt(error).putLong(cookie);
    }

    private void chunk(int flags, int type, long cookie, int length) throws IOException {
        wire.putInt(STRUCTURED_REPLY_MAGIC).putShort(flags).putShort(type).putLong(cookie).putInt(length);
    }
}
