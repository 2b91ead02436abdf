package io.pdata.tools.inspect;

import io.pdata.core.block.Block;
import io.pdata.core.block.Bytes;
import io.pdata.core.btree.BTreeReader;
import io.pdata.core.device.Device;
import io.pdata.core.space.SpaceMapRoot;
import io.pdata.core.spacemap.BitmapBlock;
import io.pdata.core.spacemap.IndexEntry;
import io.pdata.core.transaction.BlockReader;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * A map of what is used: each cell stands for as many blocks, in their order.
 *
 * @param blocksInCell how many blocks a cell stands for; the last one for the rest
 * @param cells a sign for each
 * @param totals how many blocks there are of each sort
 * @param problem why it is not known of all blocks whether they are in use; empty if it is
 */
public record UsageMap(long blocksInCell, String cells, Map<String, Long> totals, String problem) {
    private static final int READ_AT_A_TIME = 256;
    private static final long MOST_DATA_BLOCKS = 1L << 40;
    /** Signs of data blocks: nothing, a part, all; and the same where more than half of what is used is shared. */
    private static final char FREE = '.';
    private static final char PARTLY = '-';
    private static final char FULL = '#';
    private static final char SHARED = '%';

    /**
     * What the blocks of a metadata device are used for; every block is read that may have something stored in it. A cell
     * shows that of which it has most; what is free only if it has nothing else.
     *
     * @param root of the metadata space map, null if it is not known
     * @param cells how many cells there may be
     */
    static UsageMap ofMetadata(Device device, BlockReader metadata, SpaceMapRoot root, int cells) {
        long blocks = device.size() / Bytes.BLOCK_SIZE;
        long inCell = Math.max(1, Math.ceilDiv(blocks, cells));
        SpaceMapCounts counts = new SpaceMapCounts(metadata, root);
        StringBuilder signs = new StringBuilder();
        Map<MetadataUse, Long> totals = new TreeMap<>();
        Map<MetadataUse, Long> cell = new TreeMap<>();
        try (Arena arena = Arena.ofShared()) {
            MemorySegment buffer = arena.allocate((long) READ_AT_A_TIME * Bytes.BLOCK_SIZE, Bytes.BLOCK_SIZE);
            boolean hole = false;
            for (long block = 0; block < blocks; block++) {
                int at = (int) (block % READ_AT_A_TIME);
                if (at == 0) {
                    hole = isHole(device, block, Math.min(blocks, block + READ_AT_A_TIME), buffer);
                }
                BlockKind kind = hole
                        ? BlockKind.BLANK
                        : BlockKind.of(buffer.asSlice((long) at * Bytes.BLOCK_SIZE, Bytes.BLOCK_SIZE), block);
                MetadataUse use = MetadataUse.of(kind, counts.count(block));
                totals.merge(use, 1L, Long::sum);
                cell.merge(use, 1L, Long::sum);
                if ((block + 1) % inCell == 0 || block + 1 == blocks) {
                    signs.append(MetadataUse.most(cell).sign());
                    cell.clear();
                }
            }
        }
        Map<String, Long> named = new LinkedHashMap<>();
        totals.forEach((use, n) -> named.put(use.title(), n));
        return new UsageMap(inCell, signs.toString(), named, counts.problem());
    }

    /** Whether nothing is stored in some blocks; otherwise they are read. */
    private static boolean isHole(Device device, long first, long end, MemorySegment buffer) {
        long begin = first * Bytes.BLOCK_SIZE;
        long length = end * Bytes.BLOCK_SIZE - begin;
        if (device.nextData(begin) >= begin + length) {
            return true;
        }
        device.read(begin, buffer.asSlice(0, length));
        return false;
    }

    /**
     * Which data blocks of a pool are used, and which several times, as its space map says.
     *
     * @param cells how many cells there may be
     */
    static UsageMap ofData(BlockReader metadata, SpaceMapRoot root, int cells) {
        long blocks = Math.clamp(root.blocks(), 0, MOST_DATA_BLOCKS);
        long inCell = Math.max(1, Math.ceilDiv(blocks, cells));
        int count = (int) Math.ceilDiv(blocks, inCell);
        long[] used = new long[count];
        long[] shared = new long[count];
        new BTreeReader(metadata, 1, IndexEntry.SIZE).walk(root.bitmapRoot(), (bitmap, entry, offset) -> {
            if (Long.compareUnsigned(bitmap, MOST_DATA_BLOCKS / BitmapBlock.ENTRIES) > 0) {
                return true; // there are no such data blocks
            }
            try (Block block = metadata.readLock(IndexEntry.location(entry, offset), BitmapBlock.VALIDATOR)) {
                for (int i = 0; i < BitmapBlock.ENTRIES; i++) {
                    long number = bitmap * BitmapBlock.ENTRIES + i;
                    int references = BitmapBlock.count(block.data(), i);
                    if (references > 0 && number < blocks) {
                        used[(int) (number / inCell)]++;
                        shared[(int) (number / inCell)] += references > 1 ? 1 : 0;
                    }
                }
            }
            return true;
        });
        StringBuilder signs = new StringBuilder();
        long usedInAll = 0;
        long sharedInAll = 0;
        for (int i = 0; i < count; i++) {
            signs.append(sign(used[i], shared[i], Math.min(inCell, blocks - i * inCell)));
            usedInAll += used[i];
            sharedInAll += shared[i];
        }
        Map<String, Long> totals = new LinkedHashMap<>();
        totals.put("used once", usedInAll - sharedInAll);
        totals.put("shared", sharedInAll);
        totals.put("free", blocks - usedInAll);
        return new UsageMap(inCell, signs.toString(), totals, "");
    }

    private static char sign(long used, long shared, long blocks) {
        if (used == 0) {
            return FREE;
        }
        if (2 * shared > used) {
            return SHARED;
        }
        return used == blocks ? FULL : PARTLY;
    }
}
