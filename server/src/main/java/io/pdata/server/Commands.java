package io.pdata.server;

import io.pdata.core.device.PersistentDataException;
import io.pdata.replication.ReceiveOptions;
import java.util.Objects;

/** The commands of the control socket, by their names there: each is one method of {@link PoolService}. */
final class Commands {
    /** Answered at once, without the pool: tells a client that the server is there while it waits for something else. */
    static final String PING = "ping";
    static final String STATUS = "status";
    static final String RESIZE = "resize";
    static final String CHECK = "check";
    static final String VOLUMES = "volumes";
    static final String VOLUME = "volume";
    static final String CREATE_VOLUME = "create-volume";
    static final String CREATE_SNAPSHOT = "create-snapshot";
    static final String RESIZE_VOLUME = "resize-volume";
    static final String RENAME_VOLUME = "rename-volume";
    static final String DELETE_VOLUME = "delete-volume";
    static final String REVERT = "revert";
    static final String DIFF = "diff";

    static final String SEND = "send";
    static final String RECEIVE = "receive";
    static final String UNFINISHED = "unfinished";
    static final String DISCARD_UNFINISHED = "discard-unfinished";

    private Commands() {}

    /** Does what a request asks for; what the pool refuses becomes the answer. */
    static Answer run(PoolService pool, Request request) {
        try {
            checkVersion(request);
            return answer(pool, request);
        } catch (PersistentDataException e) {
            return Answer.of(ErrorReport.of(e));
        }
    }

    private static void checkVersion(Request request) {
        if (request.version() != Answer.VERSION) {
            throw invalid("this server speaks version " + Answer.VERSION + " of its protocol, not "
                    + request.version());
        }
    }

    /** Whether a request is the last of its connection, which becomes a stream: see {@link Streams}. */
    static boolean isStream(Request request) {
        return SEND.equals(request.command()) || RECEIVE.equals(request.command());
    }

    /** What is to be sent. */
    static SendRequest toSend(Request request) {
        checkVersion(request);
        return new SendRequest(name(request), request.other(), request.token(), isTrue(request.compress()));
    }

    /** How something is to be received. */
    static ReceiveOptions toReceive(Request request) {
        checkVersion(request);
        return new ReceiveOptions(request.name(), !isTrue(request.readOnly()), isTrue(request.resumable()));
    }

    private static Answer answer(PoolService pool, Request request) {
        return switch (request.command()) {
        case PING -> Answer.DONE;
        case STATUS -> Answer.of(pool.status());
        case RESIZE -> Answer.of(pool.resize(orZero(request.size()), orZero(request.metadataSize())));
        case CHECK -> Answer.of(pool.check());
        case VOLUMES -> Answer.of(pool.volumes());
        case VOLUME -> Answer.of(pool.volume(name(request)));
        case CREATE_VOLUME -> Answer.of(pool.createVolume(name(request), size(request),
                Objects.requireNonNullElse(request.externalOrigin(), "")));
        case CREATE_SNAPSHOT -> Answer.of(pool.createSnapshot(name(request), other(request),
                isTrue(request.readOnly())));
        case RESIZE_VOLUME -> Answer.of(pool.resizeVolume(name(request), size(request), isTrue(request.force())));
        case RENAME_VOLUME -> Answer.of(pool.renameVolume(name(request), other(request)));
        case DELETE_VOLUME -> {
            pool.deleteVolume(name(request), isTrue(request.force()));
            yield Answer.DONE;
        }
        case REVERT -> Answer.of(pool.revert(name(request), other(request), isTrue(request.force())));
        case DIFF -> Answer.of(pool.diff(name(request), other(request), orZero(request.position())));
        case UNFINISHED -> Answer.ofUnfinished(pool.unfinished());
        case DISCARD_UNFINISHED -> {
            pool.discardUnfinished(name(request));
            yield Answer.DONE;
        }
        case null -> throw invalid("a request needs a 'command'");
        default -> throw invalid("there is no command '" + request.command() + "'");
        };
    }

    private static String name(Request request) {
        return required(request.name(), "name");
    }

    private static String other(Request request) {
        return required(request.other(), "other");
    }

    private static long size(Request request) {
        return required(request.size(), "size");
    }

    private static <T> T required(T value, String field) {
        if (value == null) {
            throw invalid("this command needs a '" + field + "'");
        }
        return value;
    }

    private static long orZero(Long value) {
        return value == null ? 0 : value;
    }

    private static boolean isTrue(Boolean value) {
        return value != null && value;
    }

    private static ServiceException invalid(String message) {
        return new ServiceException("INVALID", message);
    }
}
