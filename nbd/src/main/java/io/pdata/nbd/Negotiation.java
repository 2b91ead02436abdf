package io.pdata.nbd;

import static io.pdata.nbd.Protocol.FLAG_FIXED_NEWSTYLE;
import static io.pdata.nbd.Protocol.FLAG_NO_ZEROES;
import static io.pdata.nbd.Protocol.INFO_DESCRIPTION;
import static io.pdata.nbd.Protocol.INFO_NAME;
import static io.pdata.nbd.Protocol.INIT_MAGIC;
import static io.pdata.nbd.Protocol.OPTION_MAGIC;
import static io.pdata.nbd.Protocol.OPT_ABORT;
import static io.pdata.nbd.Protocol.OPT_EXPORT_NAME;
import static io.pdata.nbd.Protocol.OPT_GO;
import static io.pdata.nbd.Protocol.OPT_INFO;
import static io.pdata.nbd.Protocol.OPT_LIST;
import static io.pdata.nbd.Protocol.OPT_LIST_META_CONTEXT;
import static io.pdata.nbd.Protocol.OPT_SET_META_CONTEXT;
import static io.pdata.nbd.Protocol.OPT_STARTTLS;
import static io.pdata.nbd.Protocol.OPT_STRUCTURED_REPLY;
import static io.pdata.nbd.Protocol.REP_ERR_INVALID;
import static io.pdata.nbd.Protocol.REP_ERR_POLICY;
import static io.pdata.nbd.Protocol.REP_ERR_SHUTDOWN;
import static io.pdata.nbd.Protocol.REP_ERR_TLS_REQD;
import static io.pdata.nbd.Protocol.REP_ERR_TOO_BIG;
import static io.pdata.nbd.Protocol.REP_ERR_UNKNOWN;
import static io.pdata.nbd.Protocol.REP_ERR_UNSUP;

import io.pdata.core.device.PersistentDataException;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The first phase of a connection: client and server agree on an export and on how to speak about it.
 *
 * <p>Nothing that a client says is trusted: strings, lists and the number of options are bounded, and what does not fit is
 * answered with an error, not guessed at. What has been agreed on before TLS begins is forgotten when it does.
 *
 * <p>Source: doc/proto.md, sections "Handshake", "TLS support" and "Option types".
 */
final class Negotiation {
    private static final int EXPORT_NAME_PADDING = 124;

    private final Wire wire;
    private final OptionReplies replies;
    private final Exports exports;
    private final Limits limits;
    private final Tls tls;
    private final BooleanSupplier draining;
    private final Supplier<Optional<String>> admission;
    private final Consumer<String> log;
    private int optionsAboutExports;
    private int mostAboutExports;
    private int otherOptions;
    private boolean fixedNewstyle;
    private boolean noZeroes;
    private boolean encrypted;
    private boolean structured;
    private String contextsOf;
    private List<String> contexts = List.of();

    /**
     * What has been agreed on.
     *
     * @param export open; to be closed when the connection ends
     * @param structured whether replies are structured
     * @param contexts what the client may ask for; their ids are 1, 2, ...
     */
    record Agreement(Export export, boolean structured, List<MetadataContext> contexts) {}

    /**
     * @param draining whether the server is about to end
     * @param admission gives the client a place to use an export, or a reason why there is none
     * @param log receives a line if the certificates have changed
     */
    Negotiation(Wire wire, Exports exports, Limits limits, Tls tls, BooleanSupplier draining,
            Supplier<Optional<String>> admission, Consumer<String> log) {
        this.wire = wire;
        this.replies = new OptionReplies(wire);
        this.exports = exports;
        this.limits = limits;
        this.tls = tls;
        this.draining = draining;
        this.admission = admission;
        this.log = log;
        this.mostAboutExports = limits.options();
    }

    /** Negotiates; empty if the client only wanted to know something, and has taken its leave. */
    Optional<Agreement> run() throws IOException {
        wire.putLong(INIT_MAGIC).putLong(OPTION_MAGIC).putShort(FLAG_FIXED_NEWSTYLE | FLAG_NO_ZEROES);
        if (wire.atEnd()) {
            return Optional.empty();
        }
        int flags = wire.getInt();
        if ((flags & ~(FLAG_FIXED_NEWSTYLE | FLAG_NO_ZEROES)) != 0) {
            throw new ProtocolException("unknown client flags " + Integer.toHexString(flags));
        }
        fixedNewstyle = (flags & FLAG_FIXED_NEWSTYLE) != 0;
        noZeroes = (flags & FLAG_NO_ZEROES) != 0;
        while (!wire.atEnd()) {
            if (wire.getLong() != OPTION_MAGIC) {
                throw new ProtocolException("an option without its magic number");
            }
            int option = wire.getInt();
            int length = wire.getInt();
            if (option == OPT_ABORT) {
                takeLeave(length);
                return Optional.empty();
            }
            count(option);
            Optional<Agreement> agreed = option(option, length);
            if (agreed.isPresent()) {
                return agreed;
            }
            wire.patience().earn();
        }
        return Optional.empty();
    }

    /** Programs that list all exports ask several things about each. */
    private void count(int option) throws ProtocolException {
        switch (option) {
        case OPT_INFO, OPT_GO, OPT_LIST_META_CONTEXT, OPT_SET_META_CONTEXT -> optionsAboutExports++;
        default -> otherOptions++;
        }
        if (optionsAboutExports > mostAboutExports) {
            mostAboutExports = limits.options() + Limits.OPTIONS_PER_EXPORT * exports.names().size();
        }
        if (otherOptions > limits.options() || optionsAboutExports > mostAboutExports) {
            throw new ProtocolException("more than " + (optionsAboutExports + otherOptions - 1) + " options");
        }
    }

    private void takeLeave(int length) throws IOException {
        if (length < 0 || length > limits.optionBytes()) {
            throw new ProtocolException("an option of " + Integer.toUnsignedString(length) + " bytes");
        }
        try {
            wire.skip(length);
            replies.done(OPT_ABORT);
            wire.flush();
        } catch (IOException e) {
            return; // a client need not wait for this: it is gone, as it has said it would be
        }
    }

    private Optional<Agreement> option(int option, int length) throws IOException {
        if (length < 0 || length > limits.optionBytes()) {
            return tooLong(option, length);
        }
        OptionData data = new OptionData(wire.getBytes(length));
        try {
            return allowed(option) ? answer(option, data) : Optional.empty();
        } catch (OptionData.Malformed e) {
            refuse(option, REP_ERR_INVALID, e.getMessage());
        } catch (OptionData.TooMuch e) {
            refuse(option, REP_ERR_TOO_BIG, e.getMessage());
        } catch (PersistentDataException e) {
            refuse(option, REP_ERR_UNKNOWN, e.getMessage());
        }
        return Optional.empty();
    }

    private Optional<Agreement> tooLong(int option, int length) throws IOException {
        if (option == OPT_EXPORT_NAME || length < 0) {
            throw new ProtocolException("an option of " + Integer.toUnsignedString(length) + " bytes");
        }
        wire.skip(length);
        replies.error(option, REP_ERR_TOO_BIG, "options may have " + limits.optionBytes() + " bytes");
        return Optional.empty();
    }

    private boolean allowed(int option) throws IOException {
        if (draining.getAsBoolean()) {
            refuse(option, REP_ERR_SHUTDOWN, "the server is about to end");
            return false;
        }
        if (tls.mode() == Tls.Mode.FORCED && !encrypted && option != OPT_STARTTLS) {
            refuse(option, REP_ERR_TLS_REQD, "this server wants TLS");
            return false;
        }
        return true;
    }

    /** Says no. The old way to choose an export has no way to be told so: then the connection ends. */
    private void refuse(int option, int type, String reason) throws IOException {
        if (option == OPT_EXPORT_NAME) {
            throw new ProtocolException("an export was asked for, and cannot be had: " + reason);
        }
        replies.error(option, type, reason);
    }

    private Optional<Agreement> answer(int option, OptionData data)
            throws IOException, OptionData.Malformed, OptionData.TooMuch {
        switch (option) {
        case OPT_EXPORT_NAME -> {
            return exportName(data);
        }
        case OPT_GO, OPT_INFO -> {
            return goOrInfo(option, data);
        }
        case OPT_LIST -> list(data);
        case OPT_STARTTLS -> startTls(data);
        case OPT_STRUCTURED_REPLY -> {
            data.requireEnd();
            structured = true;
            replies.done(option);
        }
        case OPT_LIST_META_CONTEXT -> listContexts(data);
        case OPT_SET_META_CONTEXT -> setContexts(data);
        default -> replies.error(option, REP_ERR_UNSUP, "this option is not known");
        }
        return Optional.empty();
    }

    // ---- TLS ----

    private void startTls(OptionData data) throws IOException, OptionData.Malformed {
        data.requireEnd();
        if (tls.mode() == Tls.Mode.NOTLS || !fixedNewstyle) {
            replies.error(OPT_STARTTLS, REP_ERR_POLICY, "this server has no TLS");
        } else if (encrypted) {
            replies.error(OPT_STARTTLS, REP_ERR_INVALID, "TLS has begun already");
        } else {
            replies.done(OPT_STARTTLS);
            TlsChannel secure = tls.over(wire.channel(), log);
            wire.changeTo(secure);
            wire.patience().begin();
            try {
                secure.handshake();
            } finally {
                wire.patience().end();
            }
            encrypted = true;
            structured = false;
            contextsOf = null;
            contexts = List.of();
        }
    }

    private boolean hidden(String name) {
        return tls.mode() == Tls.Mode.SELECTIVE && !encrypted && exports.needsTls(name);
    }

    // ---- choosing an export ----

    private Optional<Agreement> exportName(OptionData data) throws IOException, OptionData.Malformed {
        String name = data.text();
        if (hidden(name)) {
            throw new ProtocolException("an export was asked for that wants TLS");
        }
        Export export = exports.open(name).orElseThrow(
                () -> new ProtocolException("an export was asked for that does not exist: '" + name + "'"));
        boolean agreed = false;
        try {
            Optional<String> refused = admission.get();
            if (refused.isPresent()) {
                throw new ProtocolException("an export was asked for, and cannot be had: " + refused.get());
            }
            wire.putLong(export.device().size()).putShort(TransmissionFlags.of(export, structured));
            if (!noZeroes) {
                wire.put(new byte[EXPORT_NAME_PADDING]);
            }
            agreed = true;
            return Optional.of(agreement(export));
        } finally {
            closeUnless(agreed, export);
        }
    }

    private Optional<Agreement> goOrInfo(int option, OptionData data) throws IOException, OptionData.Malformed {
        String name = data.string();
        List<Integer> wanted = data.informationWanted();
        if (hidden(name)) {
            replies.error(option, REP_ERR_TLS_REQD, "this export wants TLS");
            return Optional.empty();
        }
        Export export = exports.open(name).orElse(null);
        if (export == null) {
            unknown(option, name);
            return Optional.empty();
        }
        boolean agreed = false;
        try {
            Optional<String> refused = option == OPT_GO ? admission.get() : Optional.empty();
            if (refused.isPresent()) {
                replies.error(option, REP_ERR_POLICY, refused.get());
                return Optional.empty();
            }
            replies.export(option, export.device().size(), TransmissionFlags.of(export, structured));
            if (wanted.contains(INFO_NAME)) {
                replies.text(option, INFO_NAME, export.name());
            }
            if (wanted.contains(INFO_DESCRIPTION) && !export.description().isEmpty()) {
                replies.text(option, INFO_DESCRIPTION, export.description());
            }
            replies.blockSizes(option, export.preferredBlockSize(), limits.requestBytes());
            replies.done(option);
            agreed = option == OPT_GO;
            return agreed ? Optional.of(agreement(export)) : Optional.empty();
        } finally {
            closeUnless(agreed, export);
        }
    }

    private static void closeUnless(boolean agreed, Export export) {
        if (!agreed) {
            export.close();
        }
    }

    /** Contexts are of the export that is used; if one of them has gone since it was chosen, there are none. */
    private Agreement agreement(Export export) {
        boolean same = export.name().equals(contextsOf);
        return new Agreement(export, structured, same ? Contexts.named(export, contexts) : List.of());
    }

    private void unknown(int option, String name) throws IOException {
        replies.error(option, REP_ERR_UNKNOWN, "there is no export '" + name + "'");
    }

    private void list(OptionData data) throws IOException, OptionData.Malformed {
        data.requireEnd();
        for (String name : exports.names()) {
            if (!hidden(name)) {
                replies.server(name, exports.description(name));
            }
        }
        replies.done(OPT_LIST);
    }

    // ---- metadata contexts ----

    private void listContexts(OptionData data) throws IOException, OptionData.Malformed, OptionData.TooMuch {
        String name = data.string();
        List<String> queries = data.queries(limits.queries());
        try (Export export = hidden(name) ? null : exports.open(name).orElse(null)) {
            if (export == null) {
                unknown(OPT_LIST_META_CONTEXT, name);
                return;
            }
            for (String context : Contexts.listed(export, queries)) {
                replies.context(OPT_LIST_META_CONTEXT, 0, context);
            }
        }
        replies.done(OPT_LIST_META_CONTEXT);
    }

    private void setContexts(OptionData data) throws IOException, OptionData.Malformed, OptionData.TooMuch {
        contextsOf = null;
        contexts = List.of();
        if (!structured) {
            throw new OptionData.Malformed("structured replies have to be agreed on first");
        }
        String name = data.string();
        List<String> queries = data.queries(limits.queries());
        try (Export export = hidden(name) ? null : exports.open(name).orElse(null)) {
            if (export == null) {
                unknown(OPT_SET_META_CONTEXT, name);
                return;
            }
            List<String> found = Contexts.selected(export, queries);
            if (found.size() > limits.contexts()) {
                throw new OptionData.TooMuch(
                        found.size() + " metadata contexts: " + limits.contexts() + " are the most");
            }
            for (int i = 0; i < found.size(); i++) {
                replies.context(OPT_SET_META_CONTEXT, i + 1, found.get(i));
            }
            contexts = found;
            contextsOf = export.name();
        }
        replies.done(OPT_SET_META_CONTEXT);
    }
}
