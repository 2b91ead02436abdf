package io.pdata.reliability.disk;

/**
 * One thing that was done to a {@link SimulatedDisk}.
 *
 * @param kind what it was
 * @param position where it began, in bytes; for a {@link Kind#RESIZE} the new size
 * @param length how many bytes it was about; 0 where that makes no sense
 * @param sectors the sectors whose content it changed, ascending
 * @param contents what each of them contained afterwards; never changed once it is here
 */
public record Event(Kind kind, long position, long length, long[] sectors, byte[][] contents) {
    private static final long[] NO_SECTORS = {};
    private static final byte[][] NO_CONTENTS = {};

    /** The kinds of events. */
    public enum Kind {
        WRITE, ZERO, DISCARD, RESIZE,
        /** Everything before it is durable. */
        FLUSH,
        /** A flush that reported an error and did nothing: what was not durable may still become so. */
        FAILED_FLUSH,
        /** A flush that reported an error and forgot what was to be written: later flushes do nothing about it. */
        LOSING_FLUSH,
        /** A flush that was acknowledged and did nothing. */
        IGNORED_FLUSH,
        /** Bits that changed by themselves: at {@code position}, by the mask {@code length}; on the medium at once. */
        ROT
    }

    static Event of(Kind kind) {
        return new Event(kind, 0, 0, NO_SECTORS, NO_CONTENTS);
    }

    /** One line for a person. */
    public String text() {
        return switch (kind) {
        case WRITE, ZERO, DISCARD -> kind + " " + length + " bytes at " + position + ", " + sectors.length
                + " sectors changed";
        case RESIZE -> "RESIZE to " + position;
        case ROT -> "ROT of byte " + position + " by " + length;
        default -> kind.toString();
        };
    }
}
