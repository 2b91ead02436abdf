package io.pdata.core.btree;

import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;

/** Looks after the leaves of {@link LeafRun}s, for {@link TreeBuilder}. Errors are the implementation's. */
public interface SharedLeaves {

    /** A tree has a pointer to a leaf, from now on. */
    void share(long leaf);

    /** It has it no more. */
    void unshare(long leaf);

    /** Shows a leaf whose entries go into a leaf of the tree's own, which holds the same references as they do. */
    void copy(long leaf, Consumer<MemorySegment> reader);

    /** For trees that share nothing. */
    SharedLeaves NONE = new SharedLeaves() {
        @Override
        public void share(long leaf) {
            throw new IllegalStateException("this tree shares no leaves");
        }

        @Override
        public void unshare(long leaf) {
            throw new IllegalStateException("this tree shares no leaves");
        }

        @Override
        public void copy(long leaf, Consumer<MemorySegment> reader) {
            throw new IllegalStateException("this tree shares no leaves");
        }
    };
}
