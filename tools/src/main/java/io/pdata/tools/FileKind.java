package io.pdata.tools;

import io.pdata.cache.CacheSuperblockLayout;
import io.pdata.core.block.Bytes;
import io.pdata.era.EraSuperblockLayout;
import io.pdata.thin.ThinSuperblockLayout;
import io.pdata.tools.pack.Packer;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The kind of content of a file, device or folder, told by its first bytes, whether or not the rest is in order. It is for
 * messages about an input of the wrong kind; nothing is decided by it.
 */
public enum FileKind {
    THIN_METADATA("metadata of a thin pool", Form.BINARY),
    CACHE_METADATA("metadata of a cache", Form.BINARY),
    ERA_METADATA("metadata of an era device", Form.BINARY),
    THIN_DUMP("a dump of a thin pool's metadata (XML)", Form.XML),
    CACHE_DUMP("a dump of a cache's metadata (XML)", Form.XML),
    ERA_DUMP("a dump of an era device's metadata (XML)", Form.XML),
    PACK("metadata packed by thin_metadata_pack", Form.PACK),
    GZIP("compressed by gzip", Form.COMPRESSED, 0, "\u001f\u008b"),
    XZ("compressed by xz", Form.COMPRESSED, 0, "\u00fd7zXZ\u0000"),
    ZSTD("compressed by zstd", Form.COMPRESSED, 0, "\u0028\u00b5\u002f\u00fd"),
    BZIP2("compressed by bzip2", Form.COMPRESSED, 0, "BZh"),
    STREAM("a volume as pdata send writes it", Form.STREAM, 0, "PDS1"),
    QCOW2("a disk image of the form qcow2", Form.DISK, 0, "QFI\u00fb"),
    LUKS("a LUKS device", Form.DISK, 0, "LUKS\u00ba\u00be"),
    XFS("an XFS file system", Form.DISK, 0, "XFSB"),
    SQUASHFS("a squashfs file system", Form.DISK, 0, "hsqs"),
    EXT("an ext file system", Form.DISK, 0x438, "\u0053\u00ef"),
    BTRFS("a Btrfs file system", Form.DISK, 0x10040, "_BHRfS_M"),
    SWAP("swap space", Form.DISK, 4086, "SWAPSPACE2"),
    PHYSICAL_VOLUME("a physical volume of LVM", Form.PHYSICAL_VOLUME),
    PARTITIONS("a disk with partitions", Form.DISK),
    POOL_FOLDER("a folder with a pool of pdata", Form.POOL_FOLDER),
    XML("XML", Form.TEXT),
    TEXT("text", Form.TEXT),
    EMPTY("empty", Form.NOTHING),
    ZEROES("full of zeroes in its first 128 KiB", Form.NOTHING),
    UNKNOWN("something else", Form.UNKNOWN);

    /** The kinds that need the same treatment. */
    public enum Form {
        BINARY, XML, PACK, COMPRESSED, STREAM, DISK, PHYSICAL_VOLUME, POOL_FOLDER, TEXT, NOTHING, UNKNOWN
    }

    private static final int START = 128 << 10;
    private static final int SECTOR = 512;
    private static final int TEXT_PROBE = 4096;
    private static final byte[] LVM_LABEL = bytes("LABELONE");
    private static final byte[] GPT = bytes("EFI PART");
    private static final byte[] MBR = bytes("\u0055\u00aa");
    private static final Pattern SUPERBLOCK = Pattern.compile(
            "\\A\\s*(<\\?xml[^>]*>\\s*)?(<!DOCTYPE[^>]*>\\s*)?(<!--.*?-->\\s*)*<superblock([^>]*)", Pattern.DOTALL);

    private final String title;
    private final Form form;
    private final int position;
    private final byte[] mark;

    FileKind(String title, Form form) {
        this(title, form, 0, "");
    }

    /** @param mark the characters stand for bytes */
    FileKind(String title, Form form, int position, String mark) {
        this.title = title;
        this.form = form;
        this.position = position;
        this.mark = bytes(mark);
    }

    private static byte[] bytes(String mark) {
        return mark.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** Completes the sentence "it is ...". */
    public String title() {
        return title;
    }

    public Form form() {
        return form;
    }

    /** How the names of the tools for it begin; null if it is neither metadata nor a dump. */
    public String family() {
        return form == Form.BINARY || form == Form.XML
                ? name().substring(0, name().indexOf('_')).toLowerCase(Locale.ROOT)
                : null;
    }

    /** The kind of a path; {@link #UNKNOWN} also if it cannot be read, or is neither file, nor block device, nor folder. */
    public static FileKind of(Path path) {
        if (Files.isDirectory(path)) {
            boolean pool = Files.exists(path.resolve("metadata")) && (Files.exists(path.resolve("names.0"))
                    || Files.exists(path.resolve("names.1")));
            return pool && !path.toString().isEmpty() ? POOL_FOLDER : UNKNOWN;
        }
        try {
            if (!MetadataFile.isFileOrBlockDevice(path)) {
                return UNKNOWN; // bytes read from a pipe would be missing later
            }
            try (InputStream in = Files.newInputStream(path)) {
                return of(in.readNBytes(START));
            }
        } catch (IOException e) {
            return UNKNOWN; // a message about it has been written by then
        }
    }

    /** The kind of content that begins with these bytes. */
    static FileKind of(byte[] start) {
        if (start.length == 0) {
            return EMPTY;
        }
        FileKind kind = metadata(start);
        for (FileKind each : values()) {
            if (kind == null && each.mark.length > 0 && each.isMarkedIn(start)) {
                kind = each;
            }
        }
        return kind != null ? kind : isZero(start) ? ZEROES : disk(start);
    }

    /** Metadata have the mark of their kind in the superblock, packed metadata at the very beginning. */
    private static FileKind metadata(byte[] start) {
        if (Packer.beginsPack(start)) {
            return PACK;
        }
        if (start.length < Bytes.BLOCK_SIZE) {
            return null;
        }
        MemorySegment block = MemorySegment.ofArray(start);
        if (block.get(Bytes.U64, ThinSuperblockLayout.MAGIC) == ThinSuperblockLayout.MAGIC_NUMBER) {
            return THIN_METADATA;
        }
        if (block.get(Bytes.U64, CacheSuperblockLayout.MAGIC) == CacheSuperblockLayout.MAGIC_NUMBER) {
            return CACHE_METADATA;
        }
        return block.get(Bytes.U64, EraSuperblockLayout.MAGIC) == EraSuperblockLayout.MAGIC_NUMBER
                ? ERA_METADATA
                : null;
    }

    private boolean isMarkedIn(byte[] start) {
        return contains(start, position, mark);
    }

    private static FileKind disk(byte[] start) {
        for (int sector = 0; sector < 4; sector++) {
            if (contains(start, sector * SECTOR, LVM_LABEL)) {
                return PHYSICAL_VOLUME;
            }
        }
        if (contains(start, SECTOR, GPT) || contains(start, SECTOR - MBR.length, MBR)) {
            return PARTITIONS;
        }
        return text(start);
    }

    private static boolean contains(byte[] start, int position, byte[] mark) {
        return start.length >= position + mark.length
                && Arrays.equals(start, position, position + mark.length, mark, 0, mark.length);
    }

    private static FileKind text(byte[] start) {
        int length = Math.min(start.length, TEXT_PROBE);
        for (int i = 0; i < length; i++) {
            if (start[i] >= 0 && start[i] < ' ' && !Character.isWhitespace(start[i])) {
                return UNKNOWN;
            }
        }
        String text = new String(start, 0, length, StandardCharsets.UTF_8).replaceFirst("^\ufeff", "");
        if (text.indexOf('\ufffd') >= 0 && text.indexOf('\ufffd') < text.length() - 1) {
            return UNKNOWN;
        }
        Matcher superblock = SUPERBLOCK.matcher(text);
        if (superblock.find()) {
            return dump(superblock.group(4));
        }
        return text.stripLeading().startsWith("<") ? XML : TEXT;
    }

    private static FileKind dump(String attributes) {
        if (attributes.contains("data_block_size=")) {
            return THIN_DUMP;
        }
        return attributes.contains("nr_cache_blocks=")
                ? CACHE_DUMP
                : attributes.contains("current_era=") ? ERA_DUMP : XML;
    }

    private static boolean isZero(byte[] start) {
        for (byte each : start) {
            if (each != 0) {
                return false;
            }
        }
        return true;
    }
}
