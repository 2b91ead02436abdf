package io.pdata.core.spacemap;

import io.pdata.core.space.NoSpaceException;
import io.pdata.core.space.SpaceMap;
import io.pdata.core.space.SpaceMapRoot;
import io.pdata.core.transaction.TransactionManager;
import io.pdata.core.transaction.TransactionState;
import java.util.function.LongConsumer;

/**
 * The space map of a data device. It lives in metadata blocks and counts others, so nothing recurses.
 *
 * <p>Used by the one writer of a store; not thread-safe. Any operation may need metadata blocks, and so throw the
 * metadata space map's {@link NoSpaceException}; only a roll-back helps then. Source: format document "persistent-data",
 * sections 4.4 and 5; the order of operations decides the bytes on disk.
 */
public final class DiskSpaceMap implements SpaceMap {
    static final String NAME = "data space map";

    /** More index entries than this have, at worst, a node of the index. */
    private static final int INDEX_PART = 64;

    private final TransactionManager transactions;
    private final LowLevelMap map;
    private LongConsumer freed;

    /** The block after the one allocated last. */
    private long begin;

    /** A map that is neither formatted nor opened yet: {@link #create} or {@link #reload} comes first. */
    public DiskSpaceMap(TransactionManager transactions) {
        this.transactions = transactions;
        this.map = new LowLevelMap(NAME, transactions, new DiskIndex(transactions));
    }

    /** A new map of no blocks: an empty index tree, then an empty overflow tree. */
    public void create() {
        begin = 0;
        try (TransactionState change = transactions.change()) {
            map.create();
            change.complete();
        }
    }

    @Override
    public String name() {
        return NAME;
    }

    /** How many blocks are counted as of the last commit; an extension shows after the next one. O(1). */
    @Override
    public long blocks() {
        return map.committed().blocks();
    }

    /**
     * How many blocks are free, as the kernel reports it: blocks freed in the running transaction are among them though
     * they cannot be allocated before the next commit; blocks of an extension in this transaction are not.
     */
    @Override
    public long free() {
        return Math.max(0, blocks() - map.allocated());
    }

    /**
     * How many blocks a map of {@code present} blocks can be extended to with some more metadata blocks. It is a lower
     * bound: each bitmap takes a block, and the nodes of the index above them are taken to be half full.
     *
     * @param spare how many metadata blocks may be used
     */
    public static long mostBlocks(long present, long spare) {
        long bitmaps = Math.ceilDiv(present, BitmapBlock.ENTRIES);
        long more = Math.max(0, spare) * INDEX_PART / (INDEX_PART + 1);
        return (bitmaps + more) * BitmapBlock.ENTRIES;
    }

    @Override
    public long count(long block) {
        return map.count(block);
    }

    @Override
    public int countUpToTwo(long block) {
        return Math.min(2, map.entry(block));
    }

    @Override
    public void inc(long from, long end) {
        map.inc(from, end);
    }

    @Override
    public void dec(long from, long end) {
        map.dec(from, end);
    }

    @Override
    public long newBlock() {
        long block = map.findFree(begin);
        if (block < 0) {
            block = map.findFree(0);
        }
        if (block < 0) {
            throw new NoSpaceException(NAME, free(), blocks());
        }
        map.inc(block, block + 1);
        begin = block + 1;
        return block;
    }

    @Override
    public void extend(long extra) {
        map.checkExtension(extra);
        try (TransactionState change = transactions.change()) {
            map.extend(extra);
            change.complete();
        }
    }

    /**
     * Has every {@link #commit} tell of the blocks that were in use at the commit before and are free now, in ascending
     * order. Costs a look at the index entry of every bitmap, 16320 blocks each, and at both states of those that changed.
     */
    public void onFreed(LongConsumer consumer) {
        freed = consumer;
    }

    @Override
    public void commit() {
        try (TransactionState change = transactions.change()) {
            map.write();
            if (freed != null) {
                map.reportChanges(freed, _ -> {});
            }
            map.markCommitted();
            change.complete();
        }
    }

    @Override
    public SpaceMapRoot root() {
        return map.committed();
    }

    @Override
    public void reload(SpaceMapRoot committed) {
        begin = 0;
        map.open(committed, Long.MAX_VALUE);
    }
}
