package io.pdata.nbd;

import static io.pdata.nbd.Protocol.FLAG_FIXED_NEWSTYLE;
import static io.pdata.nbd.Protocol.FLAG_NO_ZEROES;
import static io.pdata.nbd.Protocol.INFO_BLOCK_SIZE;
import static io.pdata.nbd.Protocol.INFO_DESCRIPTION;
import static io.pdata.nbd.Protocol.INFO_EXPORT;
import static io.pdata.nbd.Protocol.INFO_NAME;
import static io.pdata.nbd.Protocol.INIT_MAGIC;
import static io.pdata.nbd.Protocol.MAX_STRING;
import static io.pdata.nbd.Protocol.OPTION_MAGIC;
import static io.pdata.nbd.Protocol.OPTION_REPLY_MAGIC;
import static io.pdata.nbd.Protocol.OPT_ABORT;
import static io.pdata.nbd.Protocol.OPT_EXPORT_NAME;
import static io.pdata.nbd.Protocol.OPT_GO;
import static io.pdata.nbd.Protocol.OPT_INFO;
import static io.pdata.nbd.Protocol.OPT_LIST;
import static io.pdata.nbd.Protocol.OPT_LIST_META_CONTEXT;
import static io.pdata.nbd.Protocol.OPT_SET_META_CONTEXT;
import static io.pdata.nbd.Protocol.OPT_STRUCTURED_REPLY;
import static io.pdata.nbd.Protocol.REP_ACK;
import static io.pdata.nbd.Protocol.REP_ERR_INVALID;
import static io.pdata.nbd.Protocol.REP_ERR_TOO_BIG;
import static io.pdata.nbd.Protocol.REP_ERR_UNKNOWN;
import static io.pdata.nbd.Protocol.REP_ERR_UNSUP;
import static io.pdata.nbd.Protocol.REP_INFO;
import static io.pdata.nbd.Protocol.REP_META_CONTEXT;
import static io.pdata.nbd.Protocol.REP_SERVER;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The first phase of a connection: client and server agree on an export and on how to speak about it.
 *
 * <p>Nothing that a client says is trusted: strings, lists and the number of options are bounded, and what does not fit is
 * answered with an error, not guessed at.
 */
final class Negotiation {
    private static final int EXPORT_NAME_PADDING = 124;

    private final Wire wire;
    private final Exports exports;
    private final Limits limits;
    private boolean noZeroes;
    private boolean structured;
    private String contextsOf;
    private List<MetadataContext> contexts = List.of();

    /**
     * What has been agreed on.
     *
     * @param export open; to be closed when the connection ends
     * @param structured whether replies are structured
     * @param contexts what the client may ask for; their ids are 1, 2, ...
     */
    record Agreement(Export export, boolean structured, List<MetadataContext> contexts) {}

    Negotiation(Wire wire, Exports exports, Limits limits) {
        this.wire = wire;
        this.exports = exports;
        this.limits = limits;
    }

    /** Negotiates; empty if the client only wanted to know something, and has taken its leave. */
    Optional<Agreement> run() throws IOException {
        wire.putLong(INIT_MAGIC).putLong(OPTION_MAGIC).putShort(FLAG_FIXED_NEWSTYLE | FLAG_NO_ZEROES);
        int flags = wire.getInt();
        if ((flags & ~(FLAG_FIXED_NEWSTYLE | FLAG_NO_ZEROES)) != 0) {
            throw new ProtocolException("unknown client flags " + Integer.toHexString(flags));
        }
        noZeroes = (flags & FLAG_NO_ZEROES) != 0;
        for (int i = 0; i < limits.options(); i++) {
            if (wire.getLong() != OPTION_MAGIC) {
                throw new ProtocolException("an option without its magic number");
            }
            int option = wire.getInt();
            int length = wire.getInt();
            if (option == OPT_ABORT) {
                takeLeave();
                return Optional.empty();
            }
            Optional<Agreement> agreed = option(option, length);
            if (agreed.isPresent()) {
                return agreed;
            }
        }
        throw new ProtocolException("more than " + limits.options() + " options");
    }

    private void takeLeave() throws IOException {
        reply(OPT_ABORT, REP_ACK);
        try {
            wire.flush();
        } catch (IOException e) {
            return; // a client need not wait for this: it is gone, as it has said it would be
        }
    }

    private Optional<Agreement> option(int option, int length) throws IOException {
        if (length < 0 || length > limits.optionBytes()) {
            return tooLong(option, length);
        }
        ByteBuffer data = ByteBuffer.wrap(wire.getBytes(length));
        switch (option) {
        case OPT_EXPORT_NAME -> {
            return Optional.of(exportName(data));
        }
        case OPT_GO, OPT_INFO -> {
            return goOrInfo(option, data);
        }
        case OPT_LIST -> list(data);
        case OPT_STRUCTURED_REPLY -> {
            if (length == 0) {
                structured = true;
                reply(option, REP_ACK);
            } else {
                error(option, REP_ERR_INVALID, "this option has no data");
            }
        }
        case OPT_LIST_META_CONTEXT, OPT_SET_META_CONTEXT -> metaContext(option, data);
        default -> error(option, REP_ERR_UNSUP, "this option is not known");
        }
        return Optional.empty();
    }

    private Optional<Agreement> tooLong(int option, int length) throws IOException {
        if (option == OPT_EXPORT_NAME || length < 0) {
            throw new ProtocolException("an option of " + Integer.toUnsignedString(length) + " bytes");
        }
        wire.skip(length);
        error(option, REP_ERR_TOO_BIG, "options may have " + limits.optionBytes() + " bytes");
        return Optional.empty();
    }

    /** The old way to choose an export, which has no way to say no. */
    private Agreement exportName(ByteBuffer data) throws IOException {
        Export export = exports.open(text(data, data.remaining()))
                .orElseThrow(() -> new ProtocolException("an export that does not exist was asked for"));
        wire.putLong(export.device().size()).putShort(TransmissionFlags.of(export, structured));
        if (!noZeroes) {
            wire.put(new byte[EXPORT_NAME_PADDING]);
        }
        return agreement(export);
    }

    private Agreement agreement(Export export) {
        boolean same = contextsOf != null && contextsOf.equals(export.name());
        return new Agreement(export, structured, same ? contexts : List.of());
    }

    private void list(ByteBuffer data) throws IOException {
        if (data.hasRemaining()) {
            error(Protocol.OPT_LIST, REP_ERR_INVALID, "this option has no data");
            return;
        }
        for (String name : exports.names()) {
            byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
            header(Protocol.OPT_LIST, REP_SERVER, Integer.BYTES + bytes.length);
            wire.putInt(bytes.length).put(bytes);
        }
        reply(Protocol.OPT_LIST, REP_ACK);
    }

    private Optional<Agreement> goOrInfo(int option, ByteBuffer data) throws IOException {
        String name = string(data);
        int count = name == null || data.remaining() < Short.BYTES ? -1 : Short.toUnsignedInt(data.getShort());
        if (count < 0 || data.remaining() != count * Short.BYTES) {
            error(option, REP_ERR_INVALID, "the lengths in this option do not add up");
            return Optional.empty();
        }
        boolean named = false;
        boolean described = false;
        for (int i = 0; i < count; i++) {
            int wanted = data.getShort();
            named |= wanted == INFO_NAME;
            described |= wanted == INFO_DESCRIPTION;
        }
        Export export = exports.open(name).orElse(null);
        if (export == null) {
            error(option, REP_ERR_UNKNOWN, "there is no export '" + name + "'");
            return Optional.empty();
        }
        boolean handedOver = false;
        try {
            info(option, export, named, described);
            reply(option, REP_ACK);
            handedOver = option == OPT_GO;
            return handedOver ? Optional.of(agreement(export)) : Optional.empty();
        } finally {
            if (!handedOver) {
                export.close();
            }
        }
    }

    private void info(int option, Export export, boolean named, boolean described) throws IOException {
        header(option, REP_INFO, 2 * Short.BYTES + Long.BYTES);
        wire.putShort(INFO_EXPORT).putLong(export.device().size())
                .putShort(TransmissionFlags.of(export, structured));
        if (named) {
            text(option, INFO_NAME, export.name());
        }
        if (described && !export.description().isEmpty()) {
            text(option, INFO_DESCRIPTION, export.description());
        }
        header(option, REP_INFO, Short.BYTES + 3 * Integer.BYTES);
        wire.putShort(INFO_BLOCK_SIZE).putInt(1).putInt(export.preferredBlockSize()).putInt(limits.requestBytes());
    }

    private void text(int option, int kind, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        header(option, REP_INFO, Short.BYTES + bytes.length);
        wire.putShort(kind).put(bytes);
    }

    private void metaContext(int option, ByteBuffer data) throws IOException {
        if (option == OPT_SET_META_CONTEXT) {
            contexts = List.of();
            contextsOf = null;
        }
        if (!structured && option == OPT_SET_META_CONTEXT) {
            error(option, REP_ERR_INVALID, "structured replies have to be agreed on first");
            return;
        }
        String name = string(data);
        List<String> queries = name == null ? null : queries(data);
        if (queries == null) {
            error(option, REP_ERR_INVALID, "the lengths in this option do not add up");
            return;
        }
        try (Export export = exports.open(name).orElse(null)) {
            if (export == null) {
                error(option, REP_ERR_UNKNOWN, "there is no export '" + name + "'");
                return;
            }
            List<MetadataContext> found = Contexts.matching(export, queries, option == OPT_LIST_META_CONTEXT);
            for (int i = 0; i < found.size(); i++) {
                byte[] bytes = found.get(i).name().getBytes(StandardCharsets.UTF_8);
                header(option, REP_META_CONTEXT, Integer.BYTES + bytes.length);
                wire.putInt(option == OPT_SET_META_CONTEXT ? i + 1 : 0).put(bytes);
            }
            if (option == OPT_SET_META_CONTEXT) {
                contexts = found;
                contextsOf = export.name();
            }
            reply(option, REP_ACK);
        }
    }

    private static List<String> queries(ByteBuffer data) {
        if (data.remaining() < Integer.BYTES) {
            return null;
        }
        int count = data.getInt();
        List<String> queries = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String query = string(data);
            if (query == null) {
                return null;
            }
            queries.add(query);
        }
        return count < 0 || data.hasRemaining() ? null : queries;
    }

    /** A string with its length before it; null if that cannot be. */
    private static String string(ByteBuffer data) {
        if (data.remaining() < Integer.BYTES) {
            return null;
        }
        int length = data.getInt();
        return length < 0 || length > MAX_STRING || length > data.remaining() ? null : text(data, length);
    }

    private static String text(ByteBuffer data, int length) {
        byte[] bytes = new byte[length];
        data.get(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private void reply(int option, int type) throws IOException {
        header(option, type, 0);
    }

    private void error(int option, int type, String message) throws IOException {
        byte[] bytes = message.getBytes(StandardCharsets.UTF_8);
        header(option, type, bytes.length);
        wire.put(bytes);
    }

    private void header(int option, int type, int length) throws IOException {
        wire.putLong(OPTION_REPLY_MAGIC).putInt(option).putInt(type).putInt(length);
    }
}
