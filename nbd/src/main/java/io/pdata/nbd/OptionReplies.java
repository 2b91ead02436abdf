package io.pdata.nbd;

import static io.pdata.nbd.Protocol.INFO_BLOCK_SIZE;
import static io.pdata.nbd.Protocol.INFO_EXPORT;
import static io.pdata.nbd.Protocol.OPTION_REPLY_MAGIC;
import static io.pdata.nbd.Protocol.OPT_LIST;
import static io.pdata.nbd.Protocol.REP_ACK;
import static io.pdata.nbd.Protocol.REP_INFO;
import static io.pdata.nbd.Protocol.REP_META_CONTEXT;
import static io.pdata.nbd.Protocol.REP_SERVER;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Writes the replies to options. */
final class OptionReplies {
    private static final int MAX_MESSAGE = 4096;

    private final Wire wire;

    OptionReplies(Wire wire) {
        this.wire = wire;
    }

    void done(int option) throws IOException {
        header(option, REP_ACK, 0);
    }

    /** An error, and a line for people about it. */
    void error(int option, int type, String message) throws IOException {
        byte[] bytes = message.getBytes(StandardCharsets.UTF_8);
        int length = Math.min(bytes.length, MAX_MESSAGE);
        header(option, type, length);
        wire.put(ByteBuffer.wrap(bytes, 0, length));
    }

    /** An export in a list. */
    void server(String name, String description) throws IOException {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        byte[] details = description.getBytes(StandardCharsets.UTF_8);
        header(OPT_LIST, REP_SERVER, Integer.BYTES + bytes.length + details.length);
        wire.putInt(bytes.length).put(bytes).put(details);
    }

    void export(int option, long size, int transmissionFlags) throws IOException {
        header(option, REP_INFO, 2 * Short.BYTES + Long.BYTES);
        wire.putShort(INFO_EXPORT).putLong(size).putShort(transmissionFlags);
    }

    void blockSizes(int option, int preferred, int mostPayload) throws IOException {
        header(option, REP_INFO, Short.BYTES + 3 * Integer.BYTES);
        wire.putShort(INFO_BLOCK_SIZE).putInt(1).putInt(preferred).putInt(mostPayload);
    }

    /** Information that is a text. */
    void text(int option, int kind, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        header(option, REP_INFO, Short.BYTES + bytes.length);
        wire.putShort(kind).put(bytes);
    }

    void context(int option, int id, String name) throws IOException {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        header(option, REP_META_CONTEXT, Integer.BYTES + bytes.length);
        wire.putInt(id).put(bytes);
    }

    private void header(int option, int type, int length) throws IOException {
        wire.putLong(OPTION_REPLY_MAGIC).putInt(option).putInt(type).putInt(length);
    }
}
