package io.pdata.tools.cache;

import io.pdata.core.array.ArrayBlock;
import io.pdata.core.block.Block;
import io.pdata.core.block.Bytes;
import io.pdata.core.block.CorruptionException;
import io.pdata.core.btree.BTreeReader;
import io.pdata.core.device.DeviceException;
import io.pdata.core.transaction.BlockReader;
import io.pdata.tools.LossReport;
import java.util.Arrays;

/**
 * The dirty bits of a cache, asked for in ascending order. Those that are lost count as set: what the cache holds is never
 * older than what the origin does, so that writing it back does no harm. Memory: one block of the bitset.
 */
final class DirtyBits {
    private static final long NOWHERE = -1;
    private static final int WORDS = ArrayBlock.capacity(Long.BYTES);

    private final BlockReader blocks;
    private final BTreeReader positions;
    private final long root;
    private final LossReport losses;
    private final long[] words = new long[WORDS];
    private long loaded = -1;

    DirtyBits(BlockReader blocks, long root, LossReport losses) {
        this.blocks = blocks;
        this.positions = new BTreeReader(blocks, 1, Long.BYTES);
        this.root = root;
        this.losses = losses;
    }

    boolean get(long cacheBlock) {
        long word = cacheBlock / Long.SIZE;
        if (word / WORDS != loaded) {
            load(word / WORDS);
        }
        return (words[(int) (word % WORDS)] >>> cacheBlock & 1) != 0;
    }

    private void load(long index) {
        loaded = index;
        Arrays.fill(words, -1);
        long location = NOWHERE;
        try {
            location = positions.lookupLong(root, index, NOWHERE);
            if (location == NOWHERE) {
                lost(index, location, "nothing leads there");
                return;
            }
            try (Block block = blocks.readLock(location, ArrayBlock.VALIDATOR)) {
                if (ArrayBlock.valueSize(block.data()) != Long.BYTES) {
                    lost(index, location, "has values of " + ArrayBlock.valueSize(block.data()) + " bytes");
                    return;
                }
                for (int i = 0; i < ArrayBlock.entries(block.data()); i++) {
                    words[i] = block.data().get(Bytes.U64, ArrayBlock.valueOffset(i, Long.BYTES));
                }
            }
        } catch (CorruptionException e) {
            lost(index, e.block(), e.problem());
        } catch (DeviceException e) {
            lost(index, location, e.getMessage());
        }
    }

    private void lost(long index, long block, String problem) {
        long bits = (long) WORDS * Long.SIZE;
        losses.lost(new LossReport.Range("dirty bits", index * bits, (index + 1) * bits - 1, block,
                problem + "; taken for dirty"));
    }
}
