package io.pdata.tools.cache;

import io.pdata.cache.CacheMapping;
import io.pdata.cache.CacheSuperblock;
import io.pdata.core.array.ArrayBlock;
import io.pdata.core.array.ArrayCursor;
import io.pdata.core.array.ArrayReader;
import io.pdata.core.block.Bytes;
import io.pdata.core.transaction.BlockReader;
import io.pdata.tools.Finding.Kind;
import io.pdata.tools.Finding;
import io.pdata.tools.Findings;
import io.pdata.tools.Severity;
import java.lang.foreign.MemorySegment;

/** Compares the dirty bitset, in order, with the mappings: after a clean shutdown only what is mapped can be dirty. */
final class DirtyCheck {
    private final CacheSuperblock superblock;
    private final ArrayCursor mappings;
    private final Findings findings;
    private long begin;
    private long length;

    DirtyCheck(BlockReader blocks, CacheSuperblock superblock, Findings findings) {
        this.superblock = superblock;
        this.mappings = new ArrayReader(blocks, CacheMapping.SIZE).cursor(superblock.mappingRoot(),
                superblock.cacheBlocks());
        this.findings = findings;
    }

    void values(long first, MemorySegment data, int count) {
        if (!superblock.cleanShutdown()) {
            return;
        }
        for (int i = 0; i < count; i++) {
            long word = data.get(Bytes.U64, ArrayBlock.valueOffset(i, Long.BYTES));
            for (; word != 0; word &= word - 1) {
                bit((first + i) * Long.SIZE + Long.numberOfTrailingZeros(word));
            }
        }
    }

    private void bit(long cacheBlock) {
        if (cacheBlock < superblock.cacheBlocks() && mappings.skip(cacheBlock - mappings.index())
                && !CacheMapping.valid(mappings.longValue())) {
            if (cacheBlock != begin + length) {
                finish();
                begin = cacheBlock;
            }
            length++;
        }
    }

    /** Reports the last run of dirty blocks that are not mapped. */
    void finish() {
        if (length > 0) {
            findings.add(Finding.of(Severity.FATAL, Kind.VALUE, "dirty bitset", "cache blocks " + begin + " to "
                    + (begin + length - 1) + ": dirty bit found on an unmapped block"));
        }
        length = 0;
    }
}
