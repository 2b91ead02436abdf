package io.pdata.tools.inspect;

import java.util.Comparator;
import java.util.Map;

/**
 * What a metadata block is used for: its type, and whether anything refers to it. Ordered by type.
 *
 * @param kind what stands in it
 * @param state whether it is in use
 */
record MetadataUse(BlockKind kind, State state) implements Comparable<MetadataUse> {
    private static final char FREE = '.';
    private static final char STALE = ',';
    private static final Comparator<MetadataUse> ORDER = Comparator.comparing(MetadataUse::state)
            .thenComparing(MetadataUse::kind);

    /** Whether anything refers to a block. */
    enum State {
        /** Once; or nobody knows. */
        USED,
        /** More than once. */
        SHARED,
        /** Not, and what was in it is still there. */
        STALE,
        /** Not. */
        FREE
    }

    /** @param count how often it is referred to, or {@link SpaceMapCounts#UNKNOWN} */
    static MetadataUse of(BlockKind kind, int count) {
        boolean blank = kind == BlockKind.BLANK;
        if (count == 0 || count == SpaceMapCounts.UNKNOWN && blank) {
            return new MetadataUse(BlockKind.BLANK, blank ? State.FREE : State.STALE);
        }
        return new MetadataUse(blank ? BlockKind.UNKNOWN : kind, count > 1 ? State.SHARED : State.USED);
    }

    /** What a cell with these stands for: what there is most of, what is in use before all else. */
    static MetadataUse most(Map<MetadataUse, Long> cell) {
        return cell.entrySet().stream().max(Comparator
                .comparing((Map.Entry<MetadataUse, Long> each) -> each.getKey().isUsed())
                .thenComparing(Map.Entry::getValue))
                .orElseThrow().getKey();
    }

    private boolean isUsed() {
        return state == State.USED || state == State.SHARED;
    }

    /** What stands for it in a map. */
    char sign() {
        return switch (state) {
        case USED -> kind.sign();
        case SHARED -> Character.toUpperCase(kind.sign());
        case STALE -> STALE;
        case FREE -> FREE;
        };
    }

    /** What totals call it. */
    String title() {
        return switch (state) {
        case USED -> kind.title();
        case SHARED -> "shared " + kind.title();
        case STALE -> "free, with old content";
        case FREE -> "free";
        };
    }

    @Override
    public int compareTo(MetadataUse other) {
        return ORDER.compare(this, other);
    }
}
