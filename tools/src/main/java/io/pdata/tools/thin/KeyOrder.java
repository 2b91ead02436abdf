package io.pdata.tools.thin;

import io.pdata.core.btree.WalkedNode;

/**
 * Makes sure that the keys of the leaves that follow each other in a device ascend. Where they do not, what a tree says
 * is not what a lookup in it finds, and a dump of it could not be restored. Not thread-safe.
 */
final class KeyOrder {
    private boolean any;
    private long first;
    private long last;

    /** Begins with a new device or run. */
    void begin() {
        any = false;
    }

    /** The next leaf. Its own keys have been found to ascend. */
    void leaf(WalkedNode leaf) {
        if (leaf.entries() > 0) {
            stretch(leaf.block(), leaf.key(0), leaf.key(leaf.entries() - 1));
        }
    }

    /** The next leaves, beginning with {@code block}, all at once. */
    void stretch(long block, long firstKey, long lastKey) {
        if (any && Long.compareUnsigned(firstKey, last) <= 0) {
            throw MappingNodes.corrupt(block, "keys out of order: its first is " + Long.toUnsignedString(firstKey)
                    + ", but " + Long.toUnsignedString(last) + " comes before it");
        }
        first = any ? first : firstKey;
        last = lastKey;
        any = true;
    }

    /** Whether there have been any keys. */
    boolean any() {
        return any;
    }

    /** The first of them. */
    long first() {
        return first;
    }

    /** The last of them. */
    long last() {
        return last;
    }
}
