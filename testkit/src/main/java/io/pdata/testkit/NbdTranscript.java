package io.pdata.testkit;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Takes apart what an NBD server has sent, and finds fault with what cannot be: it knows the protocol by itself. For
 * negotiations that end with GO, and structured replies.
 */
public final class NbdTranscript {
    private static final long INIT_MAGIC = 0x4e42444d41474943L;
    private static final long OPTION_MAGIC = 0x49484156454F5054L;
    private static final long OPTION_REPLY_MAGIC = 0x0003e889045565a9L;
    private static final int CHUNK_MAGIC = 0x668e33ef;

    private final List<Reply> replies = new ArrayList<>();
    private final List<Chunk> chunks = new ArrayList<>();
    private final ByteBuffer rest;

    /** A reply to an option. */
    public record Reply(int option, int type, byte[] data) {
        public boolean isError() {
            return type < 0;
        }

        public String text() {
            return new String(data, StandardCharsets.UTF_8);
        }
    }

    /** A chunk of a reply to a request. */
    public record Chunk(boolean done, int type, long cookie, ByteBuffer payload) {
        /** The error number; 0 if this is no error. */
        public int error() {
            return (type & 0x8000) == 0 ? 0 : payload.getInt(0);
        }

        /** What is said of an error. */
        public String message() {
            byte[] text = new byte[payload.getShort(4)];
            payload.get(6, text);
            return new String(text, StandardCharsets.UTF_8);
        }
    }

    /** @throws AssertionError if a server cannot send this */
    public NbdTranscript(byte[] output) {
        rest = ByteBuffer.wrap(output);
        try {
            require(rest.getLong() == INIT_MAGIC && rest.getLong() == OPTION_MAGIC && rest.getShort() == 3,
                    "a greeting");
            boolean going = false;
            while (!going && rest.remaining() >= 8 && rest.getLong(rest.position()) == OPTION_REPLY_MAGIC) {
                Reply reply = reply();
                replies.add(reply);
                going = reply.option == 7 && reply.type == 1;
            }
            while (going && rest.hasRemaining()) {
                chunks.add(chunk());
            }
        } catch (BufferUnderflowException | IndexOutOfBoundsException e) {
            throw new AssertionError("it ends in the middle of something, after " + replies.size() + " replies and "
                    + chunks.size() + " chunks", e);
        }
    }

    private Reply reply() {
        rest.getLong();
        int option = rest.getInt();
        int type = rest.getInt();
        byte[] data = new byte[rest.getInt()];
        rest.get(data);
        require(type >= 1 && type <= 4 || type >= 0x80000001 && type <= 0x80000009, "a type of option replies");
        require(type != 1 || data.length == 0, "an acknowledgement without data");
        return new Reply(option, type, data);
    }

    private Chunk chunk() {
        require(rest.getInt() == CHUNK_MAGIC, "a chunk");
        int flags = rest.getShort();
        int type = Short.toUnsignedInt(rest.getShort());
        long cookie = rest.getLong();
        int length = rest.getInt();
        ByteBuffer payload = rest.slice(rest.position(), length);
        rest.position(rest.position() + length);
        require((flags & ~1) == 0, "flags of chunks");
        require(switch (type) {
        case 0 -> flags == 1 && length == 0;
        case 1 -> length >= 9;
        case 2 -> length == 12 && payload.getInt(8) != 0;
        case 5 -> length >= 12 && length % 8 == 4;
        case 0x8001 -> payload.getInt(0) != 0 && payload.getShort(4) == length - 6;
        default -> false;
        }, "a chunk of type " + type + " with " + length + " bytes");
        return new Chunk(flags == 1, type, cookie, payload);
    }

    private static void require(boolean holds, String expected) {
        if (!holds) {
            throw new AssertionError("expected " + expected);
        }
    }

    /** All replies to options. */
    public List<Reply> replies() {
        return replies;
    }

    /** All chunks, of all replies. */
    public List<Chunk> chunks() {
        return chunks;
    }

    /** The error numbers of all replies to requests, in order; 0 for those without. */
    public List<Integer> results() {
        List<Integer> results = new ArrayList<>();
        int error = 0;
        for (Chunk chunk : chunks) {
            error = error == 0 ? chunk.error() : error;
            if (chunk.done) {
                results.add(error);
                error = 0;
            }
        }
        return results;
    }

    /**
     * What a read has brought.
     *
     * @param offset where it began
     * @param length how much it asked for
     * @throws AssertionError if the parts do not make up the whole
     */
    public byte[] content(long cookie, long offset, int length) {
        byte[] content = new byte[length];
        boolean[] covered = new boolean[length];
        for (Chunk chunk : chunks) {
            if (chunk.cookie == cookie && chunk.type <= 2 && chunk.type > 0) {
                int at = Math.toIntExact(chunk.payload.getLong(0) - offset);
                int bytes = chunk.type == 1 ? chunk.payload.capacity() - 8 : chunk.payload.getInt(8);
                for (int i = 0; i < bytes; i++) {
                    require(!covered[at + i], "every byte once");
                    covered[at + i] = true;
                    content[at + i] = chunk.type == 1 ? chunk.payload.get(8 + i) : 0;
                }
            }
        }
        for (boolean there : covered) {
            require(there, "all that was asked for");
        }
        return content;
    }

    /** What was sent after the option replies, if no GO was among them. */
    public int bytesLeft() {
        return rest.remaining();
    }
}
