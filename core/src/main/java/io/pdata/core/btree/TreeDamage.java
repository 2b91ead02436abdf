package io.pdata.core.btree;

import java.util.List;

/**
 * Something wrong with a node of a tree, as data: what a {@link TreeWalker} tells about it before it goes on with the
 * rest.
 *
 * @param kind what sort of damage
 * @param block the block of the node
 * @param path how it was reached: the root first, the block itself last
 * @param begin the lowest key (unsigned) that this part of the tree may hold
 * @param end the first key (unsigned) beyond it, or 0 if every key up to 2^64 - 1 belongs to it
 * @param problem what was expected and what was found
 */
public record TreeDamage(Kind kind, long block, List<Long> path, long begin, long end, String problem) {

    /** The sorts of damage. */
    public enum Kind {
        /** The block cannot be read, or is not a node: checksum, own number, header. */
        UNREADABLE(true),
        /** A pointer to a block that does not exist. */
        BAD_POINTER(true),
        /** Values of another size than this tree has. */
        WRONG_VALUE_SIZE(true),
        /** Room for so few entries that the node can neither be split nor merged. */
        NO_ROOM(true),
        /** Keys that do not ascend strictly. */
        KEYS_OUT_OF_ORDER(true),
        /** Keys below the bound that the parent gives, or not below the next one. */
        KEYS_OUT_OF_BOUNDS(true),
        /** An internal node without children. */
        NO_CHILDREN(true),
        /** Leaves at different depths. */
        UNEQUAL_DEPTH(true),
        /** Leads into a cycle, or deeper down than any tree can be. */
        TOO_DEEP(true),
        /** A capacity that is not a multiple of three. Everything in the node can be used. */
        ODD_CAPACITY(false),
        /** A node, not the root, that is less than a third full. Everything in the node can be used. */
        UNDERFULL(false);

        private final boolean loses;

        Kind(boolean loses) {
            this.loses = loses;
        }

        /** Whether entries are lost: the node, or what is below it, was not visited or cannot be believed. */
        public boolean loses() {
            return loses;
        }
    }

    /** The keys in the form {@code [begin..end)}, or {@code [begin..)} where there is no end. */
    public String keys() {
        return "[" + Long.toUnsignedString(begin) + ".." + (end == 0 ? "" : Long.toUnsignedString(end)) + ")";
    }
}
