package io.pdata.thin.pool;

import io.pdata.thin.ThinMetadata;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.zip.CRC32C;

/**
 * The text of a file of names: a line that says what it is, a line for each volume, and a line with the CRC-32C of all before
 * it. A path in it is encoded as in a URL, so that it has no blanks.
 *
 * <p>Nothing is believed for its checksum alone: names, numbers and sizes are such as the pool could have given, and no two
 * volumes have the same name or number. Messages say which line is wrong, and do not repeat it.
 */
final class NamesText {
    private static final String TITLE = "pdata pool names 1";
    private static final String NONE = "-";
    /** An unfinished volume may have {@link NamedVolume#PASSING} for a receipt. */
    private static final String NO_RECEIPT = "0";
    private static final int FIELDS = 11;
    /** With the size of the external origin, which earlier versions did not record. */
    private static final int MOST_FIELDS = 12;
    private static final long SECTOR = 512;

    private NamesText() {}

    static String format(List<NamedVolume> volumes) {
        StringBuilder text = new StringBuilder(TITLE).append('\n');
        for (NamedVolume volume : volumes) {
            text.append("volume ").append(volume.id()).append(' ')
                    .append(Long.toUnsignedString(volume.transactionId())).append(' ').append(volume.size()).append(' ')
                    .append(volume.created().getEpochSecond()).append(' ').append(volume.readOnly() ? "ro" : "rw")
                    .append(' ').append(volume.name()).append(' ')
                    .append(orNone(volume.origin())).append(' ')
                    .append(orNone(URLEncoder.encode(volume.externalOrigin(), StandardCharsets.UTF_8))).append(' ')
                    .append(volume.content() == null ? NONE : volume.content()).append(' ')
                    .append(volume.receipt().isEmpty() ? NO_RECEIPT : volume.receipt());
            if (volume.externalOriginSize() > 0) {
                text.append(' ').append(volume.externalOriginSize());
            }
            text.append('\n');
        }
        return text + "crc32c " + checksum(text.toString()) + "\n";
    }

    /** @throws io.pdata.core.block.CorruptionException if anything in it cannot be */
    static List<NamedVolume> parse(Path file, String text) {
        int last = text.lastIndexOf("crc32c ");
        if (last < 0 || !text.substring(last).equals("crc32c " + checksum(text.substring(0, last)) + "\n")) {
            throw NamesFile.damaged(file, "its checksum is wrong");
        }
        List<String> lines = text.substring(0, last).lines().toList();
        if (lines.isEmpty() || !lines.getFirst().equals(TITLE)) {
            throw NamesFile.damaged(file, "it does not begin with '" + TITLE + "'");
        }
        List<NamedVolume> volumes = new ArrayList<>();
        Set<Object> seen = new HashSet<>();
        for (int i = 1; i < lines.size(); i++) {
            NamedVolume volume = volume(lines.get(i));
            if (volume == null || !seen.add(volume.name()) || !seen.add(volume.id())) {
                throw NamesFile.damaged(file, "its line " + (i + 1)
                        + (volume == null ? " does not describe a volume" : " has the name or id of another volume"));
            }
            volumes.add(volume);
        }
        return volumes;
    }

    /** The volume that a line describes; null if it describes none. */
    private static NamedVolume volume(String line) {
        String[] fields = line.split(" ", MOST_FIELDS + 1);
        if (fields.length < FIELDS || fields.length > MOST_FIELDS || !fields[0].equals("volume")) {
            return null;
        }
        try {
            NamedVolume volume = new NamedVolume(fields[6], Long.parseLong(fields[1]),
                    Long.parseUnsignedLong(fields[2]), Long.parseLong(fields[3]), orEmpty(fields[7]),
                    URLDecoder.decode(orEmpty(fields[8]), StandardCharsets.UTF_8),
                    Instant.ofEpochSecond(Long.parseLong(fields[4])), fields[5].equals("ro"),
                    fields[9].equals(NONE) ? null : UUID.fromString(fields[9]),
                    fields[10].equals(NO_RECEIPT) ? "" : fields[10],
                    fields.length == FIELDS ? 0 : Long.parseLong(fields[11]));
            return isPossible(volume) ? volume : null;
        } catch (IllegalArgumentException | DateTimeException e) {
            return null;
        }
    }

    private static boolean isPossible(NamedVolume volume) {
        String visible = volume.hidden() ? volume.name().substring(NamedVolume.HIDDEN.length()) : volume.name();
        return NamedVolume.isName(visible) && volume.id() >= 0 && volume.id() <= ThinMetadata.MAX_DEVICE_ID
                && volume.size() > 0 && volume.size() % SECTOR == 0
                && (volume.origin().isEmpty() || NamedVolume.isName(volume.origin()))
                && (volume.externalOrigin().isEmpty() || Path.of(volume.externalOrigin()).isAbsolute())
                && volume.externalOriginSize() >= 0 && volume.receipt().matches("[A-Za-z0-9._-]*");
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
}
