package io.pdata.core.spacemap;

import io.pdata.core.btree.BTree;
import io.pdata.core.btree.ValueType;
import io.pdata.core.transaction.TransactionManager;
import java.lang.foreign.MemorySegment;

/**
 * The disk space map's index: a B+tree behind an {@link IndexCache}. The tree and cache of the last commit are kept
 * beside the running ones; as the old tree's blocks are not reused before the next commit, it stays readable.
 */
final class DiskIndex implements IndexStore {
    private final BTree tree;
    private final IndexCache cache;
    private final IndexCache committed;
    private boolean changed;

    DiskIndex(TransactionManager transactions) {
        this.tree = new BTree(transactions, 1, ValueType.plain(IndexEntry.SIZE));
        this.cache = new IndexCache(tree);
        this.committed = new IndexCache(tree);
    }

    @Override
    public long limit() {
        return Long.MAX_VALUE;
    }

    @Override
    public void create() {
        open(tree.empty().block());
    }

    @Override
    public void open(long root) {
        cache.open(root);
        committed.open(root);
        changed = false;
    }

    @Override
    public MemorySegment entries() {
        return cache.entries();
    }

    @Override
    public int load(long bitmap) {
        return cache.load(bitmap);
    }

    @Override
    public void save(long bitmap, long location, int free, int noneFreeBefore) {
        changed = true;
        cache.save(bitmap, location, free, noneFreeBefore);
    }

    @Override
    public long committedLocation(long bitmap) {
        return IndexEntry.location(committed.entries(), committed.load(bitmap));
    }

    @Override
    public void write() {
        if (changed) {
            cache.writeAll();
            changed = false;
        }
    }

    @Override
    public void markCommitted() {
        committed.copyFrom(cache);
    }

    @Override
    public long root() {
        return cache.root();
    }
}
