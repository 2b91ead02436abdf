package io.pdata.thin.pool;

import io.pdata.core.block.CorruptionException;
import io.pdata.core.device.DeviceException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The names of a pool's volumes, in a file for each state of the pool: {@code names.N} is for the metadata with transaction
 * id {@code N}.
 *
 * <p>So names and metadata always agree: the file for the next id is durable before the metadata are committed with that
 * id, and the file for the old one is given up after. Whatever a crash leaves, the id in the metadata says which to take.
 *
 * <p>A file that is given up stays as {@code names.new}, and the next one is written over it: a file system that is full has
 * room for it then, so that volumes can be deleted there.
 *
 * <p>A damaged file is kept as {@code names.damaged}, and the names before the last change are used instead.
 *
 * <p>Files are this user's alone, and never followed as links. Their text is {@link NamesText}'s.
 */
final class NamesFile {
    private static final String PREFIX = "names.";
    private static final String SPARE = PREFIX + "new";
    private static final String DAMAGED = PREFIX + "damaged";
    private static final Pattern NUMBERED = Pattern.compile("names\\.\\d{1,18}");
    /** Some 200 bytes for each of as many volumes as there can be would be more: nobody has these. */
    private static final long LARGEST = 256 << 20;
    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rw-------");
    private static final FileAttribute<?>[] NO_ATTRIBUTES = {};
    /** File systems rarely have smaller units. */
    private static final long PAGE = 4096;

    private final Path folder;

    NamesFile(Path folder) {
        this.folder = folder;
    }

    /**
     * Names that were read.
     *
     * @param volumes as a file has them
     * @param exact whether that was the file for the transaction id that was asked for
     * @param damaged why files that would have come first could not be used
     */
    record Found(List<NamedVolume> volumes, boolean exact, List<CorruptionException> damaged) {}

    /**
     * The names for a transaction id, or else those that were written last, for a pool that somebody else has changed or
     * whose file is damaged; none if there are none.
     */
    Found find(long transactionId) {
        List<CorruptionException> damaged = new ArrayList<>();
        List<Path> files = new ArrayList<>(List.of(file(transactionId)));
        ids().stream().sorted(Comparator.reverseOrder()).filter(id -> id != transactionId).map(this::file)
                .forEach(files::add);
        for (Path file : files) {
            try {
                if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
                    return new Found(read(file), file.equals(file(transactionId)), damaged);
                }
            } catch (CorruptionException e) {
                damaged.add(e);
            }
        }
        return new Found(damaged.isEmpty() ? List.of() : previous(), false, damaged);
    }

    /** The names before the last change, if they have not been overwritten. */
    private List<NamedVolume> previous() {
        try {
            return Files.exists(spare(), LinkOption.NOFOLLOW_LINKS) ? read(spare()) : List.of();
        } catch (CorruptionException e) {
            return List.of();
        }
    }

    /**
     * The names that were written last, for whatever id.
     *
     * @throws CorruptionException if there are files and all are damaged
     */
    List<NamedVolume> readNewest() {
        Found found = find(ids().stream().mapToLong(Long::longValue).max().orElse(0));
        if (found.volumes().isEmpty() && !found.damaged().isEmpty()) {
            throw found.damaged().getFirst();
        }
        return found.volumes();
    }

    private static List<NamedVolume> read(Path file) {
        try {
            requireRegular(file);
            long size = Files.size(file);
            if (size > LARGEST) {
                throw damaged(file, "it has " + size + " bytes");
            }
            try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
                return NamesText.parse(file, new String(in.readNBytes((int) size), StandardCharsets.UTF_8));
            }
        } catch (IOException e) {
            throw failed(file, "read", e);
        }
    }

    /** Keeps a damaged file of names under a name that is not used again, for the person who knows what stood in it. */
    void setAside(long transactionId) {
        try {
            if (Files.exists(file(transactionId), LinkOption.NOFOLLOW_LINKS)) {
                Files.move(file(transactionId), folder.resolve(DAMAGED), StandardCopyOption.ATOMIC_MOVE);
            }
        } catch (IOException e) {
            throw failed(file(transactionId), "rename", e);
        }
    }

    /** Writes the names for a transaction id; they are durable on return. */
    void write(long transactionId, List<NamedVolume> volumes) {
        Path file = file(transactionId);
        try {
            byte[] text = NamesText.format(volumes).getBytes(StandardCharsets.UTF_8);
            try (FileChannel out = openSpare()) {
                write(out, ByteBuffer.wrap(text));
                out.truncate(text.length); // not before: what was there has the room
                out.force(true);
            }
            Files.move(spare(), file, StandardCopyOption.ATOMIC_MOVE);
            try (FileChannel directory = FileChannel.open(folder, StandardOpenOption.READ)) {
                directory.force(true);
            }
        } catch (IOException e) {
            throw failed(file, "write", e);
        }
    }

    private FileChannel openSpare() throws IOException {
        if (Files.exists(spare(), LinkOption.NOFOLLOW_LINKS)) {
            requireRegular(spare());
        }
        boolean posix = folder.getFileSystem().supportedFileAttributeViews().contains("posix");
        FileChannel out = FileChannel.open(spare(),
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS),
                posix ? new FileAttribute<?>[]{PosixFilePermissions.asFileAttribute(OWNER_ONLY)} : NO_ATTRIBUTES);
        if (posix) {
            Files.setPosixFilePermissions(spare(), OWNER_ONLY); // a file of an older version may be open to others
        }
        return out;
    }

    /** Nothing else is opened: a pipe would wait, and a link may lead anywhere. */
    private static void requireRegular(Path file) {
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            throw damaged(file, "it is not a regular file");
        }
    }

    private static void write(FileChannel out, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            out.write(bytes);
        }
    }

    /** Whether a file is one of these, by its name. */
    static boolean isName(String name) {
        return NUMBERED.matcher(name).matches() || name.equals(SPARE);
    }

    /** Gives up the files for all other ids, and sees to it that the next one has room. */
    void keepOnly(long transactionId) {
        giveUpOthers(transactionId);
        try {
            long wanted = pages(file(transactionId));
            if (pages(spare()) < wanted) {
                try (FileChannel out = openSpare()) {
                    write(out, ByteBuffer.allocate(Math.toIntExact(wanted * PAGE)));
                }
            }
        } catch (IOException e) {
            // Nothing is lost: a request that needs the room and does not find it says so.
        }
    }

    /** How much room a file has, by its size; 0 if there is none. */
    private static long pages(Path file) throws IOException {
        return Files.exists(file) ? Math.ceilDiv(Files.size(file), PAGE) : 0;
    }

    private void giveUpOthers(long transactionId) {
        for (long id : ids()) {
            if (id != transactionId) {
                try {
                    Files.move(file(id), spare(), StandardCopyOption.ATOMIC_MOVE);
                } catch (IOException e) {
                    throw failed(file(id), "rename", e);
                }
            }
        }
    }

    /** Deletes all files. */
    void deleteAll() {
        giveUpOthers(-1);
        try {
            Files.deleteIfExists(spare());
        } catch (IOException e) {
            throw failed(spare(), "delete", e);
        }
    }

    private List<Long> ids() {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).filter(name -> NUMBERED.matcher(name).matches())
                    .map(name -> Long.valueOf(name.substring(PREFIX.length()))).toList();
        } catch (IOException e) {
            throw failed(folder, "list", e);
        }
    }

    private Path file(long transactionId) {
        return folder.resolve(PREFIX + Long.toUnsignedString(transactionId));
    }

    private Path spare() {
        return folder.resolve(SPARE);
    }

    static CorruptionException damaged(Path file, String problem) {
        return new CorruptionException(-1, "file of names", file + ": " + problem);
    }

    private static DeviceException failed(Path file, String operation, IOException e) {
        // Of an error that is about a file the message is no more than its name.
        String why = e instanceof FileSystemException ? e.toString() : e.getMessage();
        return new DeviceException(file + ": " + operation + " failed: " + why, e);
    }
}
