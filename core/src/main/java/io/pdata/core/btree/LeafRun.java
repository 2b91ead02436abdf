package io.pdata.core.btree;

/**
 * Leaves that have been written already, one or more of them, with ascending keys: for several trees to share. Source: format
 * document "tools-xml", section 5.
 */
public interface LeafRun {

    /** How many leaves there are. */
    int leaves();

    /** Where leaf {@code i} is. */
    long block(int i);

    /** The first key of leaf {@code i}. */
    long key(int i);

    /** The last key of all. */
    long lastKey();

    /** Whether there is one leaf only, less than half full: no tree with other leaves can have it as it is. */
    boolean small();
}
