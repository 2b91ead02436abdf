package io.pdata.nbd;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Set;

/**
 * Unix sockets that only this user can connect to, whatever the umask: a socket is bound in a new folder that is closed to
 * others, gets its permissions there, and is moved to its path. There is no moment when others can connect.
 */
public final class PrivateSocket {
    private static final Set<PosixFilePermission> OWNER = PosixFilePermissions.fromString("rwx------");
    private static final Set<PosixFilePermission> OWNER_CONNECTS = PosixFilePermissions.fromString("rw-------");

    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int MOST_TRIES = 100;

    private PrivateSocket() {}

    /**
     * Listens on a path; replaces a file that is there.
     *
     * @param backlog how many clients may wait to be accepted
     * @throws IOException if that is not possible; the message begins with the path
     */
    public static ServerSocketChannel listen(Path path, int backlog) throws IOException {
        Path parent = path.toAbsolutePath().getParent();
        if (!Files.isDirectory(parent) || !Files.isWritable(parent)) {
            throw new IOException(
                    path + (Files.isDirectory(parent) ? ": permission denied" : ": there is no folder " + parent));
        }
        Path folder = newFolder(parent);
        Path made = folder.resolve("s");
        ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            Files.setPosixFilePermissions(folder, OWNER);
            socket.bind(UnixDomainSocketAddress.of(made), backlog);
            Files.setPosixFilePermissions(made, OWNER_CONNECTS);
            Files.move(made, path, StandardCopyOption.ATOMIC_MOVE);
            return socket;
        } catch (IOException e) {
            socket.close();
            Files.deleteIfExists(made);
            throw new IOException(path + ": " + e.getMessage(), e);
        } finally {
            Files.delete(folder);
        }
    }

    /** Its name is short: the path of a socket may have 107 bytes, and this one must not need more than the final one. */
    private static Path newFolder(Path parent) throws IOException {
        for (int tries = 1;; tries++) {
            String name = ".s" + Integer.toString(RANDOM.nextInt(36 * 36 * 36), 36);
            try {
                return Files.createDirectory(parent.resolve(name), PosixFilePermissions.asFileAttribute(OWNER));
            } catch (FileAlreadyExistsException e) {
                if (tries == MOST_TRIES) {
                    throw e;
                }
            }
        }
    }
}
