package io.pdata.core.spacemap;

import java.lang.foreign.MemorySegment;

/**
 * Where a low-level map finds the index entries of its bitmaps: the one thing in which the metadata and the disk map
 * differ on disk. Keeps two states, the running one and that of the last commit. Source: format document
 * "persistent-data", sections 4.3, 4.4 and 5.1.
 */
interface IndexStore {

    /** How many bitmaps there can be. */
    long limit();

    /** Begins a new, empty index. */
    void create();

    /** Becomes the index at {@code root}, in both states; forgets all else. */
    void open(long root);

    /** What the offsets from {@link #load} point into. */
    MemorySegment entries();

    /** Where in {@link #entries} the entry of a bitmap now is; valid until the next call of any method. */
    int load(long bitmap);

    /** Changes an entry, or adds one. */
    void save(long bitmap, long location, int free, int noneFreeBefore);

    /** The location of a bitmap as of the last commit. */
    long committedLocation(long bitmap);

    /** Brings into blocks what is held in memory, if an entry has changed since this was last done. */
    void write();

    /** The running state becomes that of the last commit. */
    void markCommitted();

    /** The block that {@link #open} will want. */
    long root();
}
