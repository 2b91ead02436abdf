package io.pdata.core.spacemap;

import io.pdata.core.block.Block;
import io.pdata.core.block.Bytes;
import io.pdata.core.transaction.ChildReferences;
import io.pdata.core.transaction.TransactionManager;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The metadata space map's index: one block, a copy of which is kept in memory, so that looking something up never needs
 * a lock. The block is copied back as a whole, unused bytes included.
 */
final class MetadataIndex implements IndexStore {
    private final TransactionManager transactions;
    private final MemorySegment entries = Arena.ofAuto().allocate(Bytes.BLOCK_SIZE, Long.BYTES);
    private final MemorySegment committed = Arena.ofAuto().allocate(Bytes.BLOCK_SIZE, Long.BYTES);
    private long root;
    private boolean changed;

    MetadataIndex(TransactionManager transactions) {
        this.transactions = transactions;
    }

    @Override
    public long limit() {
        return IndexBlock.ENTRIES;
    }

    @Override
    public void create() {
        try (Block block = transactions.newBlock(IndexBlock.VALIDATOR)) {
            root = block.number();
        }
        entries.fill((byte) 0);
        changed = false;
        markCommitted();
    }

    @Override
    public void open(long newRoot) {
        try (Block block = transactions.readLock(newRoot, IndexBlock.VALIDATOR)) {
            entries.copyFrom(block.data());
        }
        root = newRoot;
        changed = false;
        markCommitted();
    }

    @Override
    public MemorySegment entries() {
        return entries;
    }

    @Override
    public int load(long bitmap) {
        return IndexBlock.entryOffset(bitmap);
    }

    @Override
    public void save(long bitmap, long location, int free, int noneFreeBefore) {
        IndexEntry.write(entries, IndexBlock.entryOffset(bitmap), location, free, noneFreeBefore);
        changed = true;
    }

    @Override
    public long committedLocation(long bitmap) {
        return IndexEntry.location(committed, IndexBlock.entryOffset(bitmap));
    }

    @Override
    public void write() {
        if (!changed) {
            return;
        }
        // Shadowing may allocate, which changes entries: the copy has to come after it.
        try (Block block = transactions.shadow(root, IndexBlock.VALIDATOR, ChildReferences.NONE)) {
            block.data().copyFrom(entries);
            root = block.number();
        }
        changed = false;
    }

    @Override
    public void markCommitted() {
        committed.copyFrom(entries);
    }

    @Override
    public long root() {
        return root;
    }
}
