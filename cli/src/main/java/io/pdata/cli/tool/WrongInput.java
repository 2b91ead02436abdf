package io.pdata.cli.tool;

import io.pdata.tools.FileKind;
import java.nio.file.Path;
import java.util.Set;

/** Advice about an input of the wrong kind: the kind that it is, and the tool for that. */
final class WrongInput {
    /** The part of a tool's name after the family that all families have. */
    private static final Set<String> COMMON = Set.of("check", "dump", "repair", "restore");

    private final String family;
    private final String verb;
    private final Path path;
    private final FileKind kind;

    private WrongInput(String tool, Path path, FileKind kind) {
        int end = tool.indexOf('_');
        this.family = tool.substring(0, Math.max(end, 0));
        this.verb = tool.substring(end + 1);
        this.path = path;
        this.kind = kind;
    }

    /** A line of advice, or null if the input is of the right kind, or of none that is known. */
    static String advice(String tool, Needed needed, Path path) {
        if (path == null) {
            return null;
        }
        FileKind kind = FileKind.of(path);
        String remedy = new WrongInput(tool, path, kind).remedy(needed);
        return remedy == null ? null : "'" + path + "' is " + kind.title() + remedy;
    }

    private String remedy(Needed needed) {
        return switch (kind.form()) {
        case BINARY -> switch (needed) {
        case METADATA -> otherFamily();
        case ANY_METADATA -> null;
        case DUMP -> ", which is binary: " + kind.family() + "_dump " + path + " prints it as XML";
        case PACK -> ", not packed";
        };
        case XML -> needed == Needed.DUMP
                ? otherFamily()
                : ": " + kind.family() + "_restore -i " + path
                        + " -o NEW makes metadata of it";
        case PACK -> needed == Needed.PACK ? null : ": unpack it first: thin_metadata_unpack -i " + path + " -o NEW";
        case COMPRESSED -> ": decompress it first: " + decompressor() + " <" + path + " >NEW";
        case STREAM -> ": pdata receive makes a volume of it";
        case DISK -> ": that may be a volume, or the data of a pool; its metadata are on another device, of LVM's pools"
                + " POOL_tmeta";
        case PHYSICAL_VOLUME -> ": metadata are on one of its logical volumes: lvchange -ay VG/POOL_tmeta makes that"
                + " readable as /dev/mapper/VG-POOL_tmeta";
        case POOL_FOLDER -> ": its metadata are the file " + path.resolve("metadata");
        case TEXT -> kind == FileKind.XML ? null : ""; // a message about XML says more
        case NOTHING -> "";
        case UNKNOWN -> null;
        };
    }

    /** Null if the family is the tool's. */
    private String otherFamily() {
        if (kind.family().equals(family)) {
            return null;
        }
        return COMMON.contains(verb)
                ? ": use " + kind.family() + "_" + verb
                : ": no tool whose name begins with " + family + "_ is for it, but those with " + kind.family() + "_";
    }

    private String decompressor() {
        return switch (kind) {
        case GZIP -> "gunzip";
        case XZ -> "unxz";
        case ZSTD -> "unzstd";
        default -> "bunzip2";
        };
    }
}
