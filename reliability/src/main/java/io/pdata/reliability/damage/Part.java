package io.pdata.reliability.damage;

import io.pdata.core.block.BlockValidator;

/**
 * A block of an image, and what it is there for.
 *
 * @param block its number
 * @param kind what sort of structure it belongs to
 * @param structure what findings call the structure
 * @param type its validator
 * @param leaf whether it is a leaf of a tree (only for nodes)
 * @param parent the node that points at it, or -1 if it is a root
 * @param slot where in the parent that pointer is
 */
record Part(long block, Kind kind, String structure, BlockValidator type, boolean leaf, long parent, int slot) {
    /** What a block is there for. */
    enum Kind {
        SUPERBLOCK, SNAPSHOT, DETAILS, TOP_LEVEL, MAPPING, WRITESETS, ARRAY_TREE, ARRAY_BLOCK, DATA_INDEX, DATA_BITMAP,
        DATA_OVERFLOW, INDEX, BITMAP, OVERFLOW;

        boolean isNode() {
            return switch (this) {
            case DETAILS, TOP_LEVEL, MAPPING, WRITESETS, ARRAY_TREE, DATA_INDEX, DATA_OVERFLOW, OVERFLOW -> true;
            default -> false;
            };
        }
    }

    boolean isNode() {
        return kind.isNode();
    }

    boolean isInternal() {
        return isNode() && !leaf;
    }

    boolean isRoot() {
        return parent < 0;
    }
}
