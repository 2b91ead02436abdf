package io.pdata.testkit;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** What an NBD client sends, byte by byte: right or wrong, as it is told. Knows the protocol by itself. */
public final class NbdScript {
    private static final long OPTION_MAGIC = 0x49484156454F5054L;
    private static final int REQUEST_MAGIC = 0x25609513;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    /** Begins with the client's flags: 1 fixed newstyle, 2 no zeroes. */
    public NbdScript(int flags) {
        raw(ByteBuffer.allocate(4).putInt(flags).array());
    }

    public NbdScript raw(byte... more) {
        bytes.writeBytes(more);
        return this;
    }

    public NbdScript option(int option, byte... data) {
        return raw(ByteBuffer.allocate(16).putLong(OPTION_MAGIC).putInt(option).putInt(data.length).array()).raw(data);
    }

    public NbdScript structured() {
        return option(8);
    }

    /** INFO (6) or GO (7), with the kinds of information that are wanted. */
    public NbdScript choose(int option, String name, int... wanted) {
        byte[] text = name.getBytes(StandardCharsets.UTF_8);
        ByteBuffer data = ByteBuffer.allocate(6 + text.length + 2 * wanted.length);
        data.putInt(text.length).put(text).putShort((short) wanted.length);
        for (int one : wanted) {
            data.putShort((short) one);
        }
        return option(option, data.array());
    }

    public NbdScript go(String name) {
        return choose(7, name);
    }

    /** LIST_META_CONTEXT (9) or SET_META_CONTEXT (10). */
    public NbdScript contexts(int option, String name, String... queries) {
        ByteArrayOutputStream data = new ByteArrayOutputStream();
        data.writeBytes(string(name));
        data.writeBytes(ByteBuffer.allocate(4).putInt(queries.length).array());
        for (String query : queries) {
            data.writeBytes(string(query));
        }
        return option(option, data.toByteArray());
    }

    private static byte[] string(String text) {
        byte[] content = text.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(4 + content.length).putInt(content.length).put(content).array();
    }

    /** A request, without the payload that a write has. */
    public NbdScript request(int flags, int type, long cookie, long offset, long length) {
        return raw(ByteBuffer.allocate(28).putInt(REQUEST_MAGIC).putShort((short) flags).putShort((short) type)
                .putLong(cookie).putLong(offset).putInt((int) length).array());
    }

    public byte[] bytes() {
        return bytes.toByteArray();
    }
}
