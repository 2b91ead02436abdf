package io.pdata.tools.cache;

import io.pdata.cache.CacheMapping;
import io.pdata.cache.CachePolicy;
import io.pdata.cache.CacheSuperblock;
import io.pdata.core.array.ArrayBlock;
import io.pdata.core.block.Bytes;
import io.pdata.core.device.Device;
import io.pdata.tools.LossReport;
import io.pdata.tools.MetadataFile;
import io.pdata.tools.ToolException;
import io.pdata.tools.salvage.ArraySalvage;
import io.pdata.tools.text.TextOut;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Salvages damaged metadata of a cache, which are only read. Without a
 * superblock whose {@linkplain CacheSuperblockSalvage fields can be used} nothing can be saved; all other damage is left out,
 * block by block.
 *
 * <p>What is not certain is decided on the safe side: a cache block whose dirty bit is lost counts as dirty, and so do all
 * after an unclean shutdown, when dirty bits on the device mean nothing. Of several cache blocks with one origin block
 * the first is kept. Hints that are lost are left out.
 *
 * <p>Memory: the {@linkplain MetadataFile#CACHE_BYTES block cache}, what {@link OriginBlocks} takes, a bit for each
 * cache block, and 50 bytes for each mapping that is there twice.
 */
public final class CacheRepair {
    private static final String MAPPINGS = "mappings of cache blocks";
    /** More than fit into the largest metadata there can be. */
    private static final long MOST_CACHE_BLOCKS = Integer.MAX_VALUE;

    private final MetadataFile file;
    private final CacheSuperblock superblock;
    private final LossReport losses = new LossReport();
    private final ArraySalvage mappings;
    private final Set<Long> twice = new HashSet<>();
    private final BitSet kept = new BitSet();
    private long cacheBlocks;
    private long found;

    private CacheRepair(MetadataFile file, CacheSuperblockSalvage found) {
        this.file = file;
        this.superblock = found.superblock();
        found.notes().forEach(losses::note);
        this.mappings = new ArraySalvage(file, CacheMapping.SIZE);
    }

    /**
     * As {@link #save}, to new metadata of the same version, which say what is dirty for certain.
     *
     * @param output is overwritten once it is clear that something can be saved, and closed in any case
     */
    public static LossReport repair(MetadataFile file, Device output) {
        try (output) {
            CacheSuperblockSalvage found = CacheSuperblockSalvage.of(file);
            try (CacheWriter writer = new CacheWriter(output,
                    new CacheWriter.Options(found.superblock().version(), true))) {
                return save(file, found, () -> writer);
            }
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
     * Saves a cache.
     *
     * @param sink is asked for once it is clear that something can be saved
     * @return what could not be saved
     * @throws ToolException if there is nothing to be saved
     */
    public static LossReport save(MetadataFile file, Supplier<CacheSink> sink) {
        return save(file, CacheSuperblockSalvage.of(file), sink);
    }

    private static LossReport save(MetadataFile file, CacheSuperblockSalvage found, Supplier<CacheSink> sink) {
        CacheRepair repair = new CacheRepair(file, found);
        repair.look();
        repair.write(sink.get());
        return repair.losses;
    }

    /** Finds out how much there is, and what is mapped twice. */
    private void look() {
        long limit = Math.min(superblock.cacheBlocks(), MOST_CACHE_BLOCKS);
        cacheBlocks = mappings.reach(superblock.mappingRoot(), limit);
        if (cacheBlocks < superblock.cacheBlocks()) {
            losses.note("the superblock says that there are " + superblock.cacheBlocks()
                    + " cache blocks, but there are mappings for " + cacheBlocks);
        }
        long[] read = new long[1];
        forEachMapping((_, _) -> found++, (first, count, block, problem) -> {
            read[0] += count;
            losses.lost(new LossReport.Range(MAPPINGS, first, first + count - 1, block, problem));
        });
        if (cacheBlocks > 0 && read[0] == cacheBlocks) {
            throw new ToolException("no mapping can be read: " + losses.text().getLast());
        }
        OriginBlocks origins = new OriginBlocks(found);
        for (int pass = 0; pass < origins.passes(); pass++) {
            origins.begin(pass);
            forEachMapping((cacheBlock, value) -> {
                if (!origins.add(CacheMapping.origin(value)) && twice.add(cacheBlock)) {
                    losses.lost(new LossReport.Range(MAPPINGS, cacheBlock, cacheBlock, -1,
                            "origin block " + CacheMapping.origin(value) + " is mapped before"));
                }
            }, (_, _, _, _) -> {});
        }
    }

    private void write(CacheSink sink) {
        CachePolicy policy = policy();
        sink.beginCache(
                new CacheHeader(superblock.dataBlockSectors(), cacheBlocks, policy.name(), policy.hintSize()));
        DirtyBits bits = superblock.separateDirtyBits()
                ? new DirtyBits(file, superblock.dirtyRoot(), losses)
                : null;
        if (!superblock.cleanShutdown()) {
            losses.note("the cache was not shut down cleanly: all its blocks are taken for dirty");
        }
        forEachMapping((cacheBlock, value) -> {
            if (!twice.contains(cacheBlock)) {
                boolean dirty = !superblock.cleanShutdown()
                        || (bits == null ? CacheMapping.dirty(value) : bits.get(cacheBlock));
                sink.mapping(cacheBlock, CacheMapping.origin(value), dirty);
                kept.set((int) cacheBlock);
            }
        }, (_, _, _, _) -> {});
        sink.beginHints();
        if (superblock.hintRoot() != 0 && superblock.policy().hintSize() == CachePolicy.HINT_SIZE) {
            writeHints(sink);
        }
        sink.endCache();
    }

    /**
     * A cache that was never shut down names no policy, and has no hints. The reference tools can neither dump such a
     * cache, nor does it pass their check if there are hints all the same.
     */
    private CachePolicy policy() {
        CachePolicy named = superblock.policy();
        boolean usable = named.name().matches("[\\x21-\\x7e]{1,15}")
                && (named.hintSize() == 0 || named.hintSize() == CachePolicy.HINT_SIZE);
        if (!usable) {
            losses.note("the superblock names no policy that can be used: it becomes " + CachePolicy.SMQ.name());
        }
        return usable ? named : CachePolicy.SMQ;
    }

    private interface MappingVisitor {
        void visit(long cacheBlock, long value);
    }

    private interface LossVisitor {
        void visit(long first, long count, long block, String problem);
    }

    /** Shows all cache blocks that hold something. */
    private void forEachMapping(MappingVisitor visitor, LossVisitor lost) {
        mappings.visit(superblock.mappingRoot(), cacheBlocks, new ArraySalvage.Visitor() {
            @Override
            public void values(long first, MemorySegment block, int count) {
                for (int i = 0; i < count; i++) {
                    long value = block.get(Bytes.U64, ArrayBlock.valueOffset(i, CacheMapping.SIZE));
                    if (CacheMapping.valid(value)) {
                        visitor.visit(first + i, value);
                    }
                }
            }

            @Override
            public void lost(long first, long count, long block, String problem) {
                lost.visit(first, count, block, problem);
            }
        });
    }

    /** Only of what is mapped. */
    private void writeHints(CacheSink sink) {
        ArraySalvage hints = new ArraySalvage(file, CachePolicy.HINT_SIZE);
        hints.visit(superblock.hintRoot(), hints.reach(superblock.hintRoot(), cacheBlocks), new ArraySalvage.Visitor() {
            @Override
            public void values(long first, MemorySegment block, int count) {
                for (int i = 0; i < count; i++) {
                    if (kept.get((int) first + i)) {
                        sink.hint(first + i, block.get(Bytes.U32, ArrayBlock.valueOffset(i, CachePolicy.HINT_SIZE)));
                    }
                }
            }

            @Override
            public void lost(long first, long count, long block, String problem) {
                losses.lost(new LossReport.Range("hints of cache blocks", first, first + count - 1, block, problem));
            }
        });
    }
}
