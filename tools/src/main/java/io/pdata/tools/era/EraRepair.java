package io.pdata.tools.era;

import io.pdata.core.array.ArrayBlock;
import io.pdata.core.block.Bytes;
import io.pdata.core.btree.WalkedNode;
import io.pdata.core.device.Device;
import io.pdata.era.EraSuperblock;
import io.pdata.era.EraSuperblockLayout;
import io.pdata.era.Writeset;
import io.pdata.tools.LossReport;
import io.pdata.tools.MetadataFile;
import io.pdata.tools.ToolException;
import io.pdata.tools.salvage.ArraySalvage;
import io.pdata.tools.salvage.TreeSalvage;
import io.pdata.tools.text.TextOut;
import java.lang.foreign.MemorySegment;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * Saves what can be saved of era metadata, which are only read. There is one superblock, and without it nothing can be
 * saved.
 *
 * <p>Era metadata exist to tell what may have changed since. So whatever is lost is taken for changed: a bit of a
 * writeset counts as set, a value of the era array as the current era, and where writesets are lost there is one, of the last
 * era that they can have been of, with all its bits set. Nobody who relies on the result misses a change.
 *
 * <p>Memory: the {@linkplain MetadataFile#CACHE_BYTES block cache}, and some 100 bytes for each writeset.
 */
public final class EraRepair {
    private final MetadataFile file;
    private final EraSuperblock superblock;
    private final LossReport losses = new LossReport();
    private final TreeMap<Long, Writeset> writesets = new TreeMap<>();
    private final ArraySalvage eras;
    private long blocks;

    /** A writeset of which nothing is left. */
    private static final long NOWHERE = -1;

    private EraRepair(MetadataFile file, EraSuperblock superblock) {
        this.file = file;
        this.superblock = superblock;
        this.eras = new ArraySalvage(file, Integer.BYTES);
    }

    /**
     * As {@link #save}, to new metadata.
     *
     * @param output is overwritten once it is clear that something can be saved, and closed in any case
     */
    public static LossReport repair(MetadataFile file, Device output) {
        try (EraWriter writer = new EraWriter(output)) {
            return save(file, () -> writer);
        }
    }

    /** As {@link #save}, to XML. The output gets flushed, not closed. */
    public static LossReport dump(MetadataFile file, Supplier<TextOut> output) {
        TextOut[] out = new TextOut[1];
        LossReport losses = save(file, () -> {
            out[0] = output.get();
            return new XmlSink(out[0]);
        });
        out[0].flush();
        return losses;
    }

    /**
     * What a repair would lose.
     *
     * @throws ToolException if there is nothing to be saved
     */
    public static LossReport preview(MetadataFile file) {
        return save(file, Nowhere::new);
    }

    /**
     * Saves era metadata.
     *
     * @param sink is asked for once it is clear that something can be saved
     * @return what could not be saved
     * @throws ToolException if there is nothing to be saved
     */
    public static LossReport save(MetadataFile file, Supplier<EraSink> sink) {
        EraSuperblock superblock = file.superblock(EraSuperblockLayout.VALIDATOR, EraSuperblock::read);
        EraRepair repair = new EraRepair(file, superblock);
        repair.look();
        repair.write(sink.get());
        return repair.losses;
    }

    private void look() {
        blocks = eras.reach(superblock.eraArrayRoot(), superblock.blocks());
        if (blocks < superblock.blocks()) {
            losses.note("the superblock says that there are " + superblock.blocks() + " blocks, but the era array has "
                    + blocks);
        }
        new TreeSalvage(file, Writeset.SIZE, null).visit(superblock.writesetTreeRoot(), new TreeSalvage.Visitor() {
            @Override
            public void entry(WalkedNode leaf, int index) {
                addWriteset(leaf.key(index), Writeset.read(leaf.data(), leaf.valueOffset(index)));
            }

            @Override
            public void lost(long first, long last, long block, String problem) {
                loseWritesets(first, last, block, problem);
            }
        });
        if (superblock.currentWriteset().exists()) {
            if (writesets.put(superblock.currentEra(), superblock.currentWriteset()) != null) {
                losses.note("there was another writeset of the current era " + superblock.currentEra());
            }
        }
    }

    private void addWriteset(long era, Writeset writeset) {
        if (era < 0 || era > superblock.currentEra()) {
            losses.note("left out: a writeset of era " + Long.toUnsignedString(era) + ", where the current one is "
                    + superblock.currentEra());
        } else {
            writesets.put(era, writeset);
        }
    }

    /** Those that were lost can have been of any of the eras, so the blocks count as written in the last of them. */
    private void loseWritesets(long first, long last, long block, String problem) {
        long newest = superblock.currentWriteset().exists() ? superblock.currentEra() - 1 : superblock.currentEra();
        long era = last < 0 || last > newest ? newest : last;
        if (first < 0 || first > era) {
            return; // there was none of these eras
        }
        losses.lost(new LossReport.Range("writesets of eras", first, era, block,
                problem + "; all blocks are taken for written in era " + era));
        writesets.put(era, new Writeset(blocks, NOWHERE));
    }

    private void write(EraSink sink) {
        sink.beginEra(new EraHeader(superblock.dataBlockSectors(), blocks, superblock.currentEra()));
        writesets.forEach((era, writeset) -> {
            long bits = Math.min(writeset.bits(), blocks);
            sink.beginWriteset(era, bits);
            if (writeset.root() == NOWHERE) {
                mark(sink, 0, bits);
            } else {
                writeBits(sink, era, writeset.root(), bits);
            }
            sink.endWriteset();
        });
        sink.beginEraArray();
        writeEras(sink);
        sink.endEra();
    }

    private static void mark(EraSink sink, long first, long count) {
        if (count > 0) {
            sink.marked(first, count);
        }
    }

    private void writeBits(EraSink sink, long era, long root, long bits) {
        new ArraySalvage(file, Long.BYTES).visit(root, Math.ceilDiv(bits, Long.SIZE), new ArraySalvage.Visitor() {
            @Override
            public void values(long first, MemorySegment block, int count) {
                for (int i = 0; i < count; i++) {
                    long word = block.get(Bytes.U64, ArrayBlock.valueOffset(i, Long.BYTES));
                    for (; word != 0; word &= word - 1) {
                        long bit = (first + i) * Long.SIZE + Long.numberOfTrailingZeros(word);
                        mark(sink, bit, bit < bits ? 1 : 0);
                    }
                }
            }

            @Override
            public void lost(long first, long count, long block, String problem) {
                long begin = first * Long.SIZE;
                long end = Math.min(bits, (first + count) * Long.SIZE);
                losses.lost(new LossReport.Range("bits of the writeset of era " + era + ",", begin, end - 1, block,
                        problem + "; taken for written"));
                mark(sink, begin, end - begin);
            }
        });
    }

    private void writeEras(EraSink sink) {
        long current = superblock.currentEra();
        eras.visit(superblock.eraArrayRoot(), blocks, new ArraySalvage.Visitor() {
            @Override
            public void values(long first, MemorySegment block, int count) {
                for (int i = 0; i < count; i++) {
                    long era = Integer.toUnsignedLong(block.get(Bytes.U32, ArrayBlock.valueOffset(i, Integer.BYTES)));
                    if (era > current) {
                        losses.lost(new LossReport.Range("eras of blocks", first + i, first + i, -1,
                                "era " + era + " is still to come; taken for written in era " + current));
                    }
                    sink.era(first + i, Math.min(era, current));
                }
            }

            @Override
            public void lost(long first, long count, long block, String problem) {
                losses.lost(new LossReport.Range("eras of blocks", first, first + count - 1, block,
                        problem + "; taken for written in era " + current));
                for (long i = first; i < first + count; i++) {
                    sink.era(i, current);
                }
            }
        });
    }
}
