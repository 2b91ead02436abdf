package io.pdata.tools.era;

import io.pdata.core.array.ArrayBlock;
import io.pdata.core.block.Bytes;
import io.pdata.core.btree.WalkedNode;
import io.pdata.core.device.Device;
import io.pdata.era.EraSuperblock;
import io.pdata.era.Writeset;
import io.pdata.tools.LossReport;
import io.pdata.tools.MetadataFile;
import io.pdata.tools.ToolException;
import io.pdata.tools.salvage.ArraySalvage;
import io.pdata.tools.salvage.TreeSalvage;
import io.pdata.tools.text.TextOut;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Salvages damaged era metadata, which are only read. Without a superblock whose
 * {@linkplain EraSuperblockSalvage fields can be used} nothing can be saved.
 *
 * <p>Era metadata exist to tell what may have changed since. So whatever is lost is taken for changed: a bit of a
 * writeset counts as set, a value of the era array as the current era, and where writesets are lost there is one, of
 * the last era that they can have been of, with all its bits set. Nobody who relies on the result misses a change.
 *
 * <p>Memory: the {@linkplain MetadataFile#CACHE_BYTES block cache}, some 100 bytes for each writeset, and, where
 * writesets are merged into the era array, 8 bytes for each of up to {@value #WINDOW} blocks.
 */
public final class EraRepair {
    /** How many blocks are merged at a time; for each time, all writesets are read once more. */
    private static final int WINDOW = 1 << 23;

    private final MetadataFile file;
    private final EraSuperblock superblock;
    private final LossReport losses = new LossReport();
    private final TreeMap<Long, Writeset> writesets = new TreeMap<>();
    private final ArraySalvage eras;
    private long blocks;

    /** An era that is not known; less than all others. */
    private static final long LOST = -1;

    private EraRepair(MetadataFile file, EraSuperblockSalvage found) {
        this.file = file;
        this.superblock = found.superblock();
        found.notes().forEach(losses::note);
        this.eras = new ArraySalvage(file, Integer.BYTES);
    }

    /**
     * As {@link #save}, to new metadata.
     *
     * @param output is overwritten once it is clear that something can be saved, and closed in any case
     */
    public static LossReport repair(MetadataFile file, Device output) {
        try (EraWriter writer = new EraWriter(output)) {
            return save(file, false, () -> writer);
        }
    }

    /** As {@link #save}, to XML. The output gets flushed, not closed. */
    public static LossReport dump(MetadataFile file, boolean logical, Supplier<TextOut> output) {
        TextOut[] out = new TextOut[1];
        LossReport losses = save(file, logical, () -> {
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
        return save(file, false, Nowhere::new);
    }

    /**
     * Saves era metadata.
     *
     * @param logical whether to merge all writesets into the era array, instead of saving both as they are
     * @param sink is asked for once it is clear that something can be saved
     * @return what could not be saved
     * @throws ToolException if there is nothing to be saved
     */
    public static LossReport save(MetadataFile file, boolean logical, Supplier<EraSink> sink) {
        EraRepair repair = new EraRepair(file, EraSuperblockSalvage.of(file));
        repair.look();
        repair.write(logical, sink.get());
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
        writesets.put(era, new Writeset(blocks, EraSuperblockSalvage.LOST_WRITESET));
    }

    private void write(boolean logical, EraSink sink) {
        sink.beginEra(new EraHeader(superblock.dataBlockSectors(), blocks, superblock.currentEra()));
        if (!logical) {
            writesets.forEach((era, writeset) -> {
                sink.beginWriteset(era, bits(writeset));
                forEachRun(era, writeset, losses::lost, sink::marked);
                sink.endWriteset();
            });
        }
        sink.beginEraArray();
        writeEras(logical ? new Merging() : (_, stored) -> stored, sink);
        sink.endEra();
    }

    /** How many blocks there were in a writeset's era. */
    private long bits(Writeset writeset) {
        return Math.min(writeset.bits(), blocks);
    }

    /** Blocks that follow each other. */
    private interface RunVisitor {
        void visit(long first, long count);
    }

    /** Shows the blocks that are in a writeset, or may have been. */
    private void forEachRun(long era, Writeset writeset, Consumer<LossReport.Range> report, RunVisitor visitor) {
        long bits = bits(writeset);
        if (writeset.root() == EraSuperblockSalvage.LOST_WRITESET) {
            visit(visitor, 0, bits);
            return;
        }
        new ArraySalvage(file, Long.BYTES).visit(writeset.root(), Math.ceilDiv(bits, Long.SIZE),
                new ArraySalvage.Visitor() {
                    @Override
                    public void values(long first, MemorySegment block, int count) {
                        for (int i = 0; i < count; i++) {
                            long word = block.get(Bytes.U64, ArrayBlock.valueOffset(i, Long.BYTES));
                            for (; word != 0; word &= word - 1) {
                                long bit = (first + i) * Long.SIZE + Long.numberOfTrailingZeros(word);
                                visit(visitor, bit, bit < bits ? 1 : 0);
                            }
                        }
                    }

                    @Override
                    public void lost(long first, long count, long block, String problem) {
                        long begin = first * Long.SIZE;
                        long end = Math.min(bits, (first + count) * Long.SIZE);
                        report.accept(new LossReport.Range("bits of the writeset of era " + era + ",", begin, end - 1,
                                block, problem + "; taken for written"));
                        visit(visitor, begin, end - begin);
                    }
                });
    }

    private static void visit(RunVisitor visitor, long first, long count) {
        if (count > 0) {
            visitor.visit(first, count);
        }
    }

    /** Says in which era a block was last written, if the era array says {@code stored}. Both may be {@link #LOST}. */
    private interface Dating {
        long of(long block, long stored);
    }

    /** Goes through the era array, from the first block to the last. */
    private void writeEras(Dating dating, EraSink sink) {
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
                    write(first + i, era > current ? LOST : era);
                }
            }

            @Override
            public void lost(long first, long count, long block, String problem) {
                losses.lost(new LossReport.Range("eras of blocks", first, first + count - 1, block,
                        problem + "; taken for written in era " + current));
                for (long i = first; i < first + count; i++) {
                    write(i, LOST);
                }
            }

            private void write(long block, long stored) {
                long era = dating.of(block, stored);
                sink.era(block, era == LOST ? current : era);
            }
        });
    }

    /**
     * Merges writesets into the era array as it goes by. A block whose value is lost but that is in a writeset was last
     * written in the era of that: the array only ever has what is older.
     */
    private final class Merging implements Dating {
        private final long[] written = new long[(int) Math.min(WINDOW, blocks)];
        private long begin;

        @Override
        public long of(long block, long stored) {
            if (block % WINDOW == 0) {
                begin = block;
                Arrays.fill(written, LOST);
                writesets.forEach(this::merge);
            }
            return Math.max(stored, written[(int) (block - begin)]);
        }

        private void merge(long era, Writeset writeset) {
            forEachRun(era, writeset, begin == 0 ? losses::lost : _ -> {}, (first, count) -> {
                long from = Math.max(first, begin);
                long to = Math.min(first + count, begin + written.length);
                if (from < to) {
                    Arrays.fill(written, (int) (from - begin), (int) (to - begin), era);
                }
            });
        }
    }
}
