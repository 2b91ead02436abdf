package io.pdata.interop.kernel;

import java.util.BitSet;
import java.util.stream.IntStream;

/** What a cached device ought to contain, and which of its blocks were discarded and not written since. */
final class CacheWorld implements CacheSide {
    private static final long UNKNOWN = -1;

    final BitSet discarded = new BitSet();
    private final long[] heads;
    private final long[] tails;

    CacheWorld(int originBlocks) {
        heads = new long[originBlocks];
        tails = new long[originBlocks];
    }

    int originBlocks() {
        return heads.length;
    }

    /** Whether a block may contain this. After a discard it may contain anything. */
    boolean agrees(int block, BlockContent content) {
        return (heads[block] == UNKNOWN || heads[block] == content.head())
                && (tails[block] == UNKNOWN || tails[block] == content.tail());
    }

    /** What a block contains, if it has not been discarded since it was written. */
    BlockContent content(int block) {
        return new BlockContent(heads[block], tails[block]);
    }

    /** The MD5 sum of the whole device, if nothing of it is unknown. */
    String md5() {
        return BlockContent.md5(IntStream.range(0, heads.length).mapToObj(this::content), CacheGuest.BLOCK_BYTES);
    }

    @Override
    public void write(int begin, int count, long tag) {
        for (int i = 0; i < count; i++) {
            heads[begin + i] = tag + i;
            tails[begin + i] = tag + i;
        }
        discarded.clear(begin, begin + count);
    }

    @Override
    public void writePart(int block, long tag) {
        heads[block] = tag;
        if (discarded.get(block)) {
            tails[block] = UNKNOWN; // such a block gets into the cache without being copied
            discarded.clear(block);
        }
    }

    @Override
    public void read(int begin, int count) {}

    @Override
    public void discard(int begin, int count) {
        for (int i = begin; i < begin + count; i++) {
            heads[i] = UNKNOWN;
            tails[i] = UNKNOWN;
        }
        discarded.set(begin, begin + count);
    }
}
