package io.pdata.core.btree;

import io.pdata.core.block.Block;
import io.pdata.core.block.Bytes;
import io.pdata.core.block.CorruptionException;
import io.pdata.core.transaction.OpenCursor;
import java.lang.foreign.MemorySegment;
import java.util.NoSuchElementException;

/**
 * A place in a one-level tree: on an entry, or past the last. Goes forward only.
 *
 * <p>Holds read locks on the nodes from the root to its leaf until it moves on from them, is past the last entry, or is
 * closed. A change of the tree is refused until then. When its view is closed, or the running transaction that it reads
 * ends, the cursor ends too: its locks are released, and every use of it fails with an {@link IllegalStateException}. {@link #next} is O(1) amortised and allocates
 * nothing but what a prefetch does; the children of a node are prefetched when it is entered.
 *
 * <p>Not thread-safe. An error closes the cursor. Source: format document "persistent-data", section 7.
 */
public final class Cursor implements AutoCloseable, OpenCursor {
    private final BTreeReader reader;
    private final boolean prefetchValues;
    private final long root;
    private final int valueSize;
    private final Block[] path = new Block[BTreeReader.MAX_DEPTH];
    private final int[] slots = new int[BTreeReader.MAX_DEPTH];
    private int top = -1;

    /** The last key of the leaf before; there is one only if {@link #passed}. */
    private long lastKey;
    private boolean passed;

    /** No more nodes than there are blocks can be met in a tree: whoever meets more is in a cycle. */
    private long nodesLeft;

    // The leaf, and the place in it. Not on an entry: slot == entries.
    private MemorySegment leaf;
    private int slot;
    private int entries;
    private long valuesBegin;

    /** Why the cursor cannot be used any longer, if it was not closed and did not come to the end. */
    private String expired;

    Cursor(BTreeReader reader, long root, boolean prefetchValues) {
        this.reader = reader;
        this.root = root;
        this.prefetchValues = prefetchValues;
        this.valueSize = reader.valueSize();
        this.nodesLeft = reader.blocks().blocks();
        reader.blocks().checkRoot(root);
        reader.blocks().opened(this);
        try {
            enter(root);
            findEntry();
        } catch (RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    @Override
    public long root() {
        return root;
    }

    /**
     * Whether the cursor is on an entry (false: past the last, or the tree is empty).
     *
     * @throws IllegalStateException if the view that it reads has been closed, or the transaction has ended
     */
    public boolean valid() {
        if (slot < entries) {
            return true;
        }
        if (expired != null) {
            throw new IllegalStateException(expired);
        }
        return false;
    }

    /** The key of the entry. */
    public long key() {
        checkValid();
        return Node.key(leaf, slot);
    }

    /** The value of the entry; for 8-byte values. */
    public long longValue() {
        checkValid();
        reader.checkLongValues();
        return leaf.get(Bytes.U64, valueOffset());
    }

    /** Copies the value of the entry to the start of {@code target}. */
    public void value(MemorySegment target) {
        checkValid();
        MemorySegment.copy(leaf, valueOffset(), target, 0, valueSize);
    }

    /** The node that holds the entry; valid until the cursor moves. Its value begins at {@link #valueOffset}. */
    public MemorySegment block() {
        checkValid();
        return leaf;
    }

    /** Where in {@link #block} the value of the entry begins. */
    public long valueOffset() {
        return valuesBegin + (long) slot * valueSize;
    }

    /** Moves to the next entry; returns {@link #valid()}. */
    public boolean next() {
        if (slot + 1 < entries) {
            slot++;
            return true;
        }
        return skip(1);
    }

    /** Moves {@code count} entries on; returns {@link #valid()}. O(leaves passed). */
    public boolean skip(long count) {
        long left = count;
        while (valid() && left > 0) {
            int step = (int) Math.min(left, entries - slot);
            slot += step;
            left -= step;
            if (slot == entries) {
                advance();
            }
        }
        return valid();
    }

    /** Releases all locks. Closing twice does nothing. */
    @Override
    public void close() {
        release();
        reader.blocks().closed(this);
    }

    @Override
    public void expire(String reason) {
        expired = reason;
        release();
    }

    private synchronized void release() {
        slot = 0;
        entries = 0;
        leaf = null;
        while (top >= 0) {
            path[top--].close();
        }
    }

    private synchronized void advance() {
        try {
            leave();
            findEntry();
        } catch (RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    /** From a node that has just been entered, or left for its parent, on to the first entry of the next leaf with any. */
    private void findEntry() {
        while (top >= 0) {
            MemorySegment node = path[top].data();
            int count = Node.entries(node);
            if (slots[top] == count) {
                leave();
            } else if (Node.isLeaf(node)) {
                checkOrder(node, count);
                leaf = node;
                valuesBegin = Node.valueOffset(node, 0, valueSize);
                slot = 0;
                entries = count;
                return;
            } else {
                enter(Node.longValue(node, slots[top]));
            }
        }
        close();
    }

    /** Whoever goes through a tree in order is to notice where there is none; it costs little, as all is read anyway. */
    private void checkOrder(MemorySegment node, int count) {
        for (int i = 0; i < count; i++) {
            long key = Node.key(node, i);
            if (passed && Long.compareUnsigned(key, lastKey) <= 0) {
                throw located(Node.corrupt(path[top], "keys out of order: " + Long.toUnsignedString(key) + " after "
                        + Long.toUnsignedString(lastKey)));
            }
            lastKey = key;
            passed = true;
        }
    }

    private void enter(long block) {
        try {
            if (nodesLeft-- == 0) {
                throw new CorruptionException(block, NodeValidator.NODE.type(),
                        "is met again and again: there are fewer blocks than nodes");
            }
            if (top + 1 == BTreeReader.MAX_DEPTH) {
                throw BTreeReader.tooDeep(block);
            }
            path[top + 1] = reader.lock(block, valueSize);
        } catch (CorruptionException e) {
            throw located(e);
        }
        top++;
        slots[top] = 0;
        prefetchChildren(path[top].data());
    }

    /** Back to the parent, at the slot behind the one that was followed. */
    private void leave() {
        path[top--].close();
        if (top >= 0) {
            slots[top]++;
        }
    }

    private void prefetchChildren(MemorySegment node) {
        if (Node.isLeaf(node) && !prefetchValues) {
            return;
        }
        int count = Node.entries(node);
        for (int i = 0; i < count; i++) {
            reader.blocks().prefetch(Node.longValue(node, i));
        }
    }

    private CorruptionException located(CorruptionException e) {
        CorruptionException located = e;
        for (int i = top; i >= 0; i--) {
            located = located.via("slot " + slots[i] + " of node " + path[i].number());
        }
        return located.via("tree root " + root);
    }

    private void checkValid() {
        if (!valid()) {
            throw new NoSuchElementException("the cursor is past the last entry, or closed");
        }
    }
}
