package io.pdata.tools.era;

import io.pdata.core.array.ArrayBlock;
import io.pdata.core.array.ArrayCursor;
import io.pdata.core.array.ArrayReader;
import io.pdata.core.bitset.BitsetCursor;
import io.pdata.core.bitset.BitsetReader;
import io.pdata.core.block.CorruptionException;
import io.pdata.core.btree.BTreeReader;
import io.pdata.core.btree.Cursor;
import io.pdata.era.EraSuperblock;
import io.pdata.era.EraSuperblockLayout;
import io.pdata.era.Writeset;
import io.pdata.tools.MetadataFile;
import io.pdata.tools.ToolException;
import io.pdata.tools.text.TextOut;
import java.util.Arrays;
import java.util.function.Supplier;

/**
 * Dumps era metadata as XML, as {@code era_dump} of thin-provisioning-tools does.
 *
 * <p>Streams: memory is the {@linkplain MetadataFile#CACHE_BYTES block cache} and 256 KiB, whatever the size of the device
 * and the number of writesets. Damage is a {@link CorruptionException}. Source: format document "tools-xml", section 4.
 */
public final class EraDump {
    /** How many blocks are merged at a time: as many as one block of a bitset has bits. */
    private static final int WINDOW = ArrayBlock.capacity(Long.BYTES) * Long.SIZE;

    private final MetadataFile file;
    private final EraSuperblock superblock;
    private final EraSink sink;

    private EraDump(MetadataFile file, EraSuperblock superblock, EraSink sink) {
        this.file = file;
        this.superblock = superblock;
        this.sink = sink;
    }

    /**
     * Dumps metadata.
     *
     * @param logical whether to merge all writesets into the era array, instead of dumping both as they are
     * @param output is asked where to write to once the superblock has been read, and the era array is as long as it says; gets flushed, not closed
     * @throws ToolException if there is no superblock
     */
    public static void dump(MetadataFile file, boolean logical, Supplier<TextOut> output) {
        EraSuperblock superblock = file.superblock(EraSuperblockLayout.VALIDATOR, EraSuperblock::read);
        checkLength(file, superblock);
        TextOut out = output.get();
        new EraDump(file, superblock, new XmlSink(out)).write(logical);
        out.flush();
    }

    /** A number of blocks that lies would otherwise have lines written for blocks that there are not, by the thousand million. */
    private static void checkLength(MetadataFile file, EraSuperblock superblock) {
        if (superblock.blocks() > 0) {
            new ArrayReader(file, Integer.BYTES).getInt(superblock.eraArrayRoot(), superblock.blocks() - 1);
        }
    }

    private void write(boolean logical) {
        sink.beginEra(new EraHeader(superblock.dataBlockSectors(), superblock.blocks(), superblock.currentEra()));
        if (!logical) {
            forEachWriteset(this::writeBits);
        }
        sink.beginEraArray();
        writeEras(logical);
        sink.endEra();
    }

    private interface WritesetVisitor {
        void visit(long era, Writeset writeset);
    }

    /** Archived writesets by era, then the current one. */
    private void forEachWriteset(WritesetVisitor visitor) {
        long last = -1;
        try (Cursor cursor = new BTreeReader(file, 1, Writeset.SIZE).cursor(superblock.writesetTreeRoot())) {
            for (; cursor.valid(); cursor.next()) {
                last = cursor.key();
                visitor.visit(last, Writeset.read(cursor.block(), cursor.valueOffset()));
            }
        }
        if (superblock.currentWriteset().exists()) {
            if (last == superblock.currentEra()) {
                throw new ToolException("Duplicated era found in current_writeset and the writeset tree");
            }
            visitor.visit(superblock.currentEra(), superblock.currentWriteset());
        }
    }

    private void writeBits(long era, Writeset writeset) {
        sink.beginWriteset(era, writeset.bits());
        BitsetCursor bits = new BitsetReader(file).cursor(writeset.root(), writeset.bits());
        for (; bits.nextSet(); bits.next()) {
            sink.marked(bits.index(), 1);
        }
        sink.endWriteset();
    }

    private void writeEras(boolean logical) {
        ArrayCursor stored = new ArrayReader(file, Integer.BYTES).cursor(superblock.eraArrayRoot(),
                superblock.blocks());
        long[] written = new long[WINDOW];
        while (stored.valid()) {
            long begin = stored.index();
            int length = (int) Math.min(WINDOW, superblock.blocks() - begin);
            Arrays.fill(written, -1);
            if (logical) {
                forEachWriteset((era, writeset) -> merge(era, writeset, begin, length, written));
            }
            for (int i = 0; i < length; i++, stored.next()) {
                long era = written[i] >= 0 ? written[i] : Integer.toUnsignedLong(stored.intValue());
                sink.era(begin + i, era);
            }
        }
    }

    private void merge(long era, Writeset writeset, long begin, int length, long[] written) {
        BitsetCursor bits = new BitsetReader(file).cursor(writeset.root(),
                Math.min(writeset.bits(), begin + length));
        bits.skip(begin);
        for (; bits.nextSet(); bits.next()) {
            written[(int) (bits.index() - begin)] = era;
        }
    }
}
