package io.pdata.tools.cache;

import io.pdata.cache.CacheMapping;
import io.pdata.cache.CacheSuperblock;
import io.pdata.core.array.ArrayBlock;
import io.pdata.core.block.Bytes;
import io.pdata.tools.Finding.Kind;
import io.pdata.tools.Finding;
import io.pdata.tools.Findings;
import io.pdata.tools.Severity;
import io.pdata.tools.check.ArrayCheck.BlockVisitor;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;

/** Checks the values of the mapping array. Used by one thread. */
final class MappingCheck {
    private static final String STRUCTURE = "mapping array";

    private final Findings findings;
    private final int knownFlags;
    private final long originBlocks;
    private long mapped;

    MappingCheck(CacheSuperblock superblock, Findings findings) {
        this.findings = findings;
        this.knownFlags = superblock.separateDirtyBits()
                ? CacheMapping.VALID
                : CacheMapping.VALID | CacheMapping.DIRTY;
        this.originBlocks = originBlocks(superblock);
    }

    /** How many blocks the origin has: known only from the discard bitset, and only after a clean shutdown. */
    private static long originBlocks(CacheSuperblock superblock) {
        long sectors = superblock.discardBlockSectors() * superblock.discardBlocks();
        return superblock.cleanShutdown() && sectors > 0 && superblock.dataBlockSectors() > 0
                ? sectors / superblock.dataBlockSectors()
                : CacheMapping.ORIGIN_LIMIT;
    }

    void values(long first, MemorySegment data, int count) {
        for (int i = 0; i < count; i++) {
            long value = value(data, i);
            if (CacheMapping.valid(value)) {
                mapped++;
            }
            String problem = problem(value);
            if (problem != null) {
                fatal("cache block " + (first + i) + ": " + problem);
            }
        }
    }

    private static long value(MemorySegment data, int i) {
        return data.get(Bytes.U64, ArrayBlock.valueOffset(i, CacheMapping.SIZE));
    }

    private String problem(long value) {
        int flags = CacheMapping.flags(value);
        if ((flags & ~knownFlags) != 0) {
            return "unknown flags in mapping: " + flags;
        }
        if (!CacheMapping.valid(value)) {
            if (CacheMapping.dirty(value)) {
                return "dirty bit found on an unmapped block";
            }
            return value == 0 ? null : "invalid block is mapped";
        }
        return CacheMapping.origin(value) < originBlocks ? null : "mapping beyond end of the origin device";
    }

    /**
     * Looks for origin blocks that are mapped twice.
     *
     * @param mappings shows the mapping array again, as often as it is asked to
     */
    void findDuplicates(Consumer<BlockVisitor> mappings) {
        OriginBlocks blocks = new OriginBlocks(mapped);
        for (int pass = 0; pass < blocks.passes(); pass++) {
            blocks.begin(pass);
            mappings.accept((first, data, count) -> {
                for (int i = 0; i < count; i++) {
                    long value = value(data, i);
                    if (CacheMapping.valid(value) && !blocks.add(CacheMapping.origin(value))) {
                        fatal("cache block " + (first + i) + ": origin block " + CacheMapping.origin(value)
                                + " already mapped");
                    }
                }
            });
        }
    }

    private void fatal(String problem) {
        findings.add(Finding.of(Severity.FATAL, Kind.VALUE, STRUCTURE, problem));
    }
}
