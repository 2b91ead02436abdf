package io.pdata.tools.thin;

import io.pdata.core.btree.BTreeReader;
import io.pdata.thin.Difference;
import io.pdata.thin.ThinSuperblock;
import io.pdata.tools.MetadataFile;
import io.pdata.tools.ToolException;
import io.pdata.tools.text.TextOut;
import io.pdata.tools.text.XmlOut;
import java.util.Locale;
import java.util.function.Supplier;

/**
 * Compares the mappings of two volumes, and writes what is found as XML, as {@code thin_delta} of thin-provisioning-tools
 * does. Blocks are the same if they are mapped to the same data block, whenever that was.
 *
 * <p>Streams: memory is the {@linkplain MetadataFile#CACHE_BYTES block cache}. Time: O(mappings), as what is the same has to
 * be told of too; without that, O(what has changed), as parts that the trees share are left out.
 *
 * <p>Damage is a {@link io.pdata.core.block.CorruptionException}, after what comes before it has been written.
 */
public final class ThinDelta {
    private static final long NO_TREE = -1;
    private static final long LAST_BLOCK = -1;

    private final XmlOut xml;
    private final boolean verbose;
    private Difference kind;
    private long begin;
    private long length;

    /** A volume: its number, or the root of its mappings. Unsigned. */
    public record Side(boolean isRoot, long number) {}

    /**
     * What to compare, and what to write.
     *
     * @param metadataSnapshot whether to look for the volumes in the held metadata snapshot
     * @param verbose whether to write data blocks too
     * @param changesOnly whether to leave out what is the same
     */
    public record Options(Side left, Side right, boolean metadataSnapshot, boolean verbose, boolean changesOnly) {}

    private ThinDelta(TextOut out, boolean verbose) {
        this.xml = new XmlOut(out);
        this.verbose = verbose;
    }

    /**
     * Compares two volumes.
     *
     * @param output is asked where to write to once both have been found; gets flushed, not closed
     * @throws ToolException if there is no superblock, no metadata snapshot or no such volume
     */
    public static void compare(MetadataFile file, Options options, Supplier<TextOut> output) {
        ThinSuperblock superblock = PoolState.read(file, options.metadataSnapshot());
        long left = root(file, superblock, options.left(), "snap1");
        long right = root(file, superblock, options.right(), "snap2");
        TextOut out = output.get();
        new ThinDelta(out, options.verbose()).write(file, superblock, left, right, options);
        out.flush();
    }

    private static long root(MetadataFile file, ThinSuperblock superblock, Side side, String name) {
        if (side.isRoot()) {
            return side.number();
        }
        long root = new BTreeReader(file, 1, Long.BYTES).lookupLong(superblock.mappingRoot(), side.number(), NO_TREE);
        if (root == NO_TREE) {
            throw new ToolException(
                    "Unable to find mapping tree for " + name + " (" + Long.toUnsignedString(side.number()) + ")");
        }
        return root;
    }

    private void write(MetadataFile file, ThinSuperblock superblock, long left, long right, Options options) {
        xml.element("superblock").attribute("uuid", "")
                .attribute("time", Integer.toUnsignedLong(superblock.time()))
                .attribute("transaction", superblock.transactionId());
        if (superblock.needsCheck()) {
            xml.attribute("flags", 1);
        }
        xml.attribute("data_block_size", Integer.toUnsignedLong(superblock.dataBlockSectors()))
                .attribute("nr_data_blocks", superblock.dataSpaceMap().blocks()).open();
        xml.element("diff").attribute(options.left().isRoot() ? "left_root" : "left", options.left().number())
                .attribute(options.right().isRoot() ? "right_root" : "right", options.right().number()).open();
        Difference.between(file, left, right, 0, LAST_BLOCK, !options.changesOnly(),
                verbose ? this::range : this::join);
        end();
        xml.end();
        xml.end();
    }

    /** One range with its data blocks, below an element that says how they compare. */
    private boolean range(Difference difference, long from, long count, long left, long right) {
        if (difference != kind) {
            end();
            kind = difference;
            xml.element(name()).open();
        }
        xml.element("range").attribute("begin", from);
        if (difference == Difference.DIFFERENT) {
            xml.attribute("left_data_begin", left).attribute("right_data_begin", right);
        } else {
            xml.attribute("data_begin", difference == Difference.RIGHT_ONLY ? right : left);
        }
        xml.attribute("length", count).empty();
        return true;
    }

    /** Where data blocks are not written, it makes no difference whether they follow each other. */
    private boolean join(Difference difference, long from, long count, long left, long right) {
        if (difference == kind && from == begin + length) {
            length += count;
            return true;
        }
        end();
        kind = difference;
        begin = from;
        length = count;
        return true;
    }

    private void end() {
        if (kind != null && verbose) {
            xml.end();
        } else if (kind != null) {
            xml.element(name()).attribute("begin", begin).attribute("length", length).empty();
        }
    }

    private String name() {
        return kind.name().toLowerCase(Locale.ROOT);
    }
}
