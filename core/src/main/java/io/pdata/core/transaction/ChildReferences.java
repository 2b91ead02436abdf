package io.pdata.core.transaction;

import io.pdata.core.block.Block;

/**
 * What to do when a block has been copied while somebody else still refers to the original: the copy now holds a second
 * set of references, so everything it points at has to be incremented. Asked for by
 * {@link TransactionManager#shadow}, so that no caller can forget it.
 */
@FunctionalInterface
public interface ChildReferences {
    /** For blocks that point at nothing, or whose owner knows that they are never shared. */
    ChildReferences NONE = _ -> {};

    /** Increments the count of everything that {@code copy} points at, in slot order. */
    void increment(Block copy);
}
