package io.pdata.server;

import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A request to a control socket: one line of JSON. Fields that a command does not use are left out.
 *
 * @param version {@link Answer#VERSION}
 * @param command a command of {@link Commands}
 * @param name the volume that it is about
 * @param other another volume, or a new name
 * @param size in bytes
 * @param metadataSize in bytes
 * @param position in bytes
 * @param force whether clients are disconnected
 * @param readOnly whether a snapshot is not to be written to
 * @param externalOrigin a path; empty if there is none
 * @param token where a stream goes on
 * @param compress whether a stream is made smaller
 * @param resumable whether what has come of a stream that breaks is kept
 */
record Request(int version, String command, String name, String other, Long size, Long metadataSize, Long position,
        Boolean force, Boolean readOnly, String externalOrigin, String token, Boolean compress, Boolean resumable) {

    private static final Set<String> FIELDS = Arrays.stream(Request.class.getRecordComponents())
            .map(RecordComponent::getName).collect(Collectors.toUnmodifiableSet());

    /**
     * Takes a request from the fields of a JSON object.
     *
     * @throws IOException if one is unknown, or is of another type than it should be: nothing is guessed
     */
    static Request of(Map<String, Object> fields) throws IOException {
        for (String name : fields.keySet()) {
            if (!FIELDS.contains(name)) {
                throw new IOException("unknown field '" + name + "'");
            }
        }
        Long version = number(fields, "version");
        return new Request(version == null ? 0 : Math.clamp(version, 0, Integer.MAX_VALUE),
                field(fields, "command", String.class), field(fields, "name", String.class),
                field(fields, "other", String.class), number(fields, "size"), number(fields, "metadataSize"),
                number(fields, "position"), field(fields, "force", Boolean.class),
                field(fields, "readOnly", Boolean.class), field(fields, "externalOrigin", String.class),
                field(fields, "token", String.class), field(fields, "compress", Boolean.class),
                field(fields, "resumable", Boolean.class));
    }

    private static Long number(Map<String, Object> fields, String name) throws IOException {
        return fields.get(name) instanceof Integer small ? Long.valueOf(small) : field(fields, name, Long.class);
    }

    private static <T> T field(Map<String, Object> fields, String name, Class<T> type) throws IOException {
        Object value = fields.get(name);
        if (value != null && !type.isInstance(value)) {
            throw new IOException("field '" + name + "' is not a " + type.getSimpleName());
        }
        return type.cast(value);
    }

    static Request of(String command) {
        return new Request(Answer.VERSION, command, null, null, null, null, null, null, null, null, null, null, null);
    }

    static Request of(String command, String name) {
        return of(command, name, null);
    }

    static Request of(String command, String name, String other) {
        return new Request(Answer.VERSION, command, name, other, null, null, null, null, null, null, null, null, null);
    }

    Request withSize(long bytes) {
        return new Request(version, command, name, other, bytes, metadataSize, position, force, readOnly,
                externalOrigin, token, compress, resumable);
    }

    Request withMetadataSize(long bytes) {
        return new Request(version, command, name, other, size, bytes, position, force, readOnly, externalOrigin, token,
                compress, resumable);
    }

    Request withPosition(long bytes) {
        return new Request(version, command, name, other, size, metadataSize, bytes, force, readOnly, externalOrigin,
                token, compress, resumable);
    }

    Request withForce(boolean wanted) {
        return new Request(version, command, name, other, size, metadataSize, position, wanted, readOnly,
                externalOrigin, token, compress, resumable);
    }

    Request withReadOnly(boolean wanted) {
        return new Request(version, command, name, other, size, metadataSize, position, force, wanted, externalOrigin,
                token, compress, resumable);
    }

    Request withExternalOrigin(String path) {
        return new Request(version, command, name, other, size, metadataSize, position, force, readOnly, path, token,
                compress,
                resumable);
    }

    Request withToken(String text) {
        return new Request(version, command, name, other, size, metadataSize, position, force, readOnly, externalOrigin,
                text, compress, resumable);
    }

    Request withCompress(boolean wanted) {
        return new Request(version, command, name, other, size, metadataSize, position, force, readOnly, externalOrigin,
                token, wanted, resumable);
    }

    Request withResumable(boolean wanted) {
        return new Request(version, command, name, other, size, metadataSize, position, force, readOnly, externalOrigin,
                token, compress, wanted);
    }
}
