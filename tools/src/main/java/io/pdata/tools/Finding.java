package io.pdata.tools;

import io.pdata.core.btree.TreeDamage;
import java.util.List;
import java.util.stream.Collectors;

/**
 * One thing that a check has found wrong.
 *
 * @param severity how much it matters
 * @param kind what sort of thing it is
 * @param structure where: "superblock", "mapping tree", "data space map"...
 * @param block the metadata block it is in; for {@link Kind#LEAK} and {@link Kind#WRONG_COUNT} the (first) block that
 * is
 *     counted wrongly; -1 where neither makes sense
 * @param path how that block was reached, itself last; empty where there is no path
 * @param problem what was expected and what was found
 */
public record Finding(Severity severity, Kind kind, String structure, long block, List<Long> path, String problem) {

    /** The sorts of findings. */
    public enum Kind {
        /** A block cannot be read or is not what it should be, or a tree's order is broken. */
        DAMAGE,
        /** A tree is sound but has an unusual shape. */
        SHAPE,
        /** A field of a superblock has an impossible value. */
        SUPERBLOCK,
        /** A block that nothing refers to is counted once. */
        LEAK,
        /** A block is counted more or less often than it is referred to. */
        WRONG_COUNT,
        /** A total or a hint in a space map is not what its bitmaps say. */
        WRONG_TOTAL,
        /** The device details tree and the mapping tree disagree about which devices there are. */
        DEVICE_IDS,
        /** A device has another number of mappings than its details say. */
        MAPPED_BLOCKS,
        /** A time or a transaction id that has not come yet. */
        FUTURE,
        /** A value that points nowhere, or says what cannot be. */
        VALUE
    }

    /** A finding about a whole structure. */
    public static Finding of(Severity severity, Kind kind, String structure, String problem) {
        return new Finding(severity, kind, structure, -1, List.of(), problem);
    }

    /** A finding about one block, reached in no way worth mentioning. */
    public static Finding of(Severity severity, Kind kind, String structure, long block, String problem) {
        return new Finding(severity, kind, structure, block, List.of(), problem);
    }

    /** What a walk of a tree reported. */
    public static Finding of(String structure, TreeDamage damage) {
        Kind kind = damage.kind().loses() ? Kind.DAMAGE : Kind.SHAPE;
        return new Finding(severity(damage), kind, structure, damage.block(), damage.path(),
                damage.problem() + ", keys " + damage.keys());
    }

    private static Severity severity(TreeDamage damage) {
        return switch (damage.kind()) {
        // Kernels up to 5.9 made such nodes, and all of them work with them. The reference tools go on with thin leaves
        // but refuse the rest; a node that is nearly empty is not worth refusing a pool for.
        case UNDERFULL -> Severity.NOTICE;
        case ODD_CAPACITY -> Severity.NON_FATAL;
        default -> Severity.FATAL;
        };
    }

    /** One line, as the tools print it. */
    public String text() {
        StringBuilder text = new StringBuilder(structure);
        if (block != -1) {
            text.append(", block ").append(Long.toUnsignedString(block));
        }
        text.append(": ").append(problem);
        if (path.size() > 1) {
            text.append(", reached by ")
                    .append(path.stream().map(Long::toUnsignedString).collect(Collectors.joining(" > ")));
        }
        return text.toString();
    }
}
