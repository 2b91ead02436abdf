package io.pdata.era;

import io.pdata.core.bitset.PersistentBitset;
import io.pdata.core.btree.BTree;
import io.pdata.core.btree.TreeRoot;
import io.pdata.core.transaction.TransactionManager;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.OptionalLong;

/**
 * The writeset of the current era and those of past eras that have not been digested yet.
 *
 * <p>Invariant: the current writeset is referred to by the superblock only, an archived one by the tree only.
 *
 * <p>Source: format document "era", sections 2 and 3.
 */
final class Writesets {
    private final BTree tree;
    /** Keeps one word of the current writeset in memory. */
    private final PersistentBitset bitset;
    private final MemorySegment record = Arena.ofAuto().allocate(Writeset.SIZE);

    private TreeRoot treeRoot;
    private TreeRoot currentRoot;
    private long currentBits;

    Writesets(TransactionManager transactions) {
        bitset = new PersistentBitset(transactions);
        tree = new BTree(transactions, 1, new WritesetType(transactions));
    }

    void format() {
        treeRoot = tree.empty();
        currentRoot = new TreeRoot(0);
        currentBits = 0;
    }

    void load(EraSuperblock state) {
        bitset.forget();
        treeRoot = new TreeRoot(state.writesetTreeRoot());
        currentRoot = new TreeRoot(state.currentWriteset().root());
        currentBits = state.currentWriteset().bits();
    }

    long treeRoot() {
        return treeRoot.block();
    }

    Writeset current() {
        return new Writeset(currentBits, currentRoot.block());
    }

    /** Begins a writeset for a new era; the one before must have been archived. */
    void begin(long blocks) {
        currentRoot = bitset.empty();
        bitset.resize(currentRoot, 0, blocks, false);
        currentBits = blocks;
    }

    void mark(long block) {
        bitset.set(currentRoot, block);
    }

    /** Moves the current writeset to the tree; there is none afterwards. */
    void archive(long era) {
        bitset.flush(currentRoot);
        current().write(record, 0);
        tree.insert(treeRoot, era, record);
        currentRoot = new TreeRoot(0);
    }

    /** Brings what is still in memory into blocks, before a commit. */
    void flush() {
        if (currentRoot.block() != 0) {
            bitset.flush(currentRoot);
        }
    }

    /** The oldest era that has an archived writeset. */
    OptionalLong oldest() {
        return tree.lowestKey(treeRoot.block());
    }

    Writeset archived(long era) {
        return tree.lookup(treeRoot.block(), era, record) ? Writeset.read(record, 0) : Writeset.NONE;
    }

    /** Returns whether it was there. */
    boolean removeArchived(long era) {
        return tree.remove(treeRoot, era);
    }

    /** Drops a snapshot's reference to a writeset tree. */
    void deleteTree(long root) {
        tree.delete(root);
    }
}
