package io.pdata.thin.pool;

import io.pdata.core.block.CorruptionException;
import io.pdata.core.device.DeviceException;
import java.io.IOException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

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
 * <p>The file is text: a line that says what it is, a line for each volume, and a line with the CRC-32C of all before it.
 * A path in it is encoded as in a URL, so that it has no blanks.
 */
final class NamesFile {
    private static final String PREFIX = "names.";
    private static final String SPARE = PREFIX + "new";
    private static final String TITLE = "pdata pool names 1";
    /** File systems rarely have smaller units. */
    private static final long PAGE = 4096;
    private static final String NONE = "-";
    /** What is hidden may have {@link NamedVolume#PASSING} for a receipt. */
    private static final String NO_RECEIPT = "0";
    private static final int FIELDS = 11;

    private final Path folder;

    NamesFile(Path folder) {
        this.folder = folder;
    }

    /** The names for a transaction id; empty if there is no file for it. */
    Optional<List<NamedVolume>> read(long transactionId) {
        Path file = file(transactionId);
        try {
            return Files.exists(file) ? Optional.of(parse(file, Files.readString(file))) : Optional.empty();
        } catch (IOException e) {
            throw failed(file, "read", e);
        }
    }

    /** The names that were written last, for whatever id: for a pool that somebody else has changed. */
    List<NamedVolume> readNewest() {
        long newest = ids().stream().mapToLong(Long::longValue).max().orElse(-1);
        return newest < 0 ? List.of() : read(newest).orElse(List.of());
    }

    /** Writes the names for a transaction id; they are durable on return. */
    void write(long transactionId, List<NamedVolume> volumes) {
        Path file = file(transactionId);
        try {
            byte[] text = format(volumes).getBytes(StandardCharsets.UTF_8);
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
        return FileChannel.open(spare(), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    }

    private static void write(FileChannel out, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            out.write(bytes);
        }
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
            return files.map(file -> file.getFileName().toString()).filter(name -> name.matches("names\\.\\d{1,18}"))
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

    private static String format(List<NamedVolume> volumes) {
        StringBuilder text = new StringBuilder(TITLE).append('\n');
        for (NamedVolume volume : volumes) {
            text.append("volume ").append(volume.id()).append(' ')
                    .append(Long.toUnsignedString(volume.transactionId())).append(' ').append(volume.size()).append(' ')
                    .append(volume.created().getEpochSecond()).append(' ').append(volume.readOnly() ? "ro" : "rw")
                    .append(' ').append(volume.name()).append(' ')
                    .append(orNone(volume.origin())).append(' ')
                    .append(orNone(URLEncoder.encode(volume.externalOrigin(), StandardCharsets.UTF_8))).append(' ')
                    .append(volume.content() == null ? NONE : volume.content()).append(' ')
                    .append(volume.receipt().isEmpty() ? NO_RECEIPT : volume.receipt()).append('\n');
        }
        return text + "crc32c " + checksum(text.toString()) + "\n";
    }

    private static List<NamedVolume> parse(Path file, String text) {
        int last = text.lastIndexOf("crc32c ");
        if (last < 0 || !text.substring(last).equals("crc32c " + checksum(text.substring(0, last)) + "\n")) {
            throw damaged(file, "its checksum is wrong");
        }
        List<String> lines = text.substring(0, last).lines().toList();
        if (lines.isEmpty() || !lines.getFirst().equals(TITLE)) {
            throw damaged(file, "it does not begin with '" + TITLE + "'");
        }
        List<NamedVolume> volumes = new ArrayList<>();
        for (String line : lines.subList(1, lines.size())) {
            volumes.add(volume(file, line));
        }
        return volumes;
    }

    private static NamedVolume volume(Path file, String line) {
        String[] fields = line.split(" ");
        if (fields.length != FIELDS || !fields[0].equals("volume")) {
            throw damaged(file, "it has a line '" + line + "'");
        }
        try {
            return new NamedVolume(fields[6], Long.parseLong(fields[1]), Long.parseUnsignedLong(fields[2]),
                    Long.parseLong(fields[3]), orEmpty(fields[7]),
                    URLDecoder.decode(orEmpty(fields[8]), StandardCharsets.UTF_8),
                    Instant.ofEpochSecond(Long.parseLong(fields[4])), fields[5].equals("ro"),
                    fields[9].equals(NONE) ? null : UUID.fromString(fields[9]),
                    fields[10].equals(NO_RECEIPT) ? "" : fields[10]);
        } catch (IllegalArgumentException e) {
            throw damaged(file, "it has a line '" + line + "'");
        }
    }

    private static String orNone(String text) {
        return text.isEmpty() ? NONE : text;
    }

    private static String orEmpty(String field) {
        return field.equals(NONE) ? "" : field;
    }

    private static String checksum(String text) {
        CRC32C crc = new CRC32C();
        crc.update(text.getBytes(StandardCharsets.UTF_8));
        return "%08x".formatted(crc.getValue());
    }

    private static CorruptionException damaged(Path file, String problem) {
        return new CorruptionException(-1, "file of names", file + ": " + problem);
    }

    private static DeviceException failed(Path file, String operation, IOException e) {
        // Of an error that is about a file the message is no more than its name.
        String why = e instanceof FileSystemException ? e.toString() : e.getMessage();
        return new DeviceException(file + ": " + operation + " failed: " + why, e);
    }
}
