package io.pdata.server;

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
 */
record Request(int version, String command, String name, String other, Long size, Long metadataSize, Long position,
        Boolean force, Boolean readOnly) {

    static Request of(String command) {
        return new Request(Answer.VERSION, command, null, null, null, null, null, null, null);
    }

    static Request of(String command, String name) {
        return of(command, name, null);
    }

    static Request of(String command, String name, String other) {
        return new Request(Answer.VERSION, command, name, other, null, null, null, null, null);
    }

    Request withSize(long bytes) {
        return new Request(version, command, name, other, bytes, metadataSize, position, force, readOnly);
    }

    Request withMetadataSize(long bytes) {
        return new Request(version, command, name, other, size, bytes, position, force, readOnly);
    }

    Request withPosition(long bytes) {
        return new Request(version, command, name, other, size, metadataSize, bytes, force, readOnly);
    }

    Request withForce(boolean wanted) {
        return new Request(version, command, name, other, size, metadataSize, position, wanted, readOnly);
    }

    Request withReadOnly(boolean wanted) {
        return new Request(version, command, name, other, size, metadataSize, position, force, wanted);
    }
}
