package io.pdata.replication;

import java.util.List;

/**
 * A volume that does not change while it is copied. Used by one thread; to be closed.
 *
 * <p>Errors: {@link io.pdata.core.device.PersistentDataException}s.
 */
public interface VolumeSource extends AutoCloseable {

    /** What it is, and what names its content: to find that out may take as long as reading all mappings. */
    SentVolume about();

    /** How large it is, in bytes. */
    default long size() {
        return about().size();
    }

    /** What it is called. */
    default String name() {
        return about().name();
    }

    /** How many bytes {@link #ranges} tells of as data, about. */
    long dataBytes(long position);

    /**
     * Visits, in ascending order and without overlaps, the ranges in which there is something: of a volume that is sent
     * whole what has ever been written, of changes what may differ from the base.
     *
     * @param position where to begin, in bytes
     */
    void ranges(long position, Visitor visitor);

    /** Parts of the base, for the receiver to compare with its own; none of a volume that is sent whole. */
    default List<BaseSample> baseSamples() {
        return List.of();
    }

    /** Reads from a range that has been visited as data. */
    void read(long position, byte[] target, int offset, int length);

    @Override
    void close();

    /** What there is in a range. */
    enum Kind {
        /** Something that can be read. */
        DATA,
        /** Zeroes, where the base has or had something. */
        HOLE,
        /** Nobody knows: what would lead there is damaged. */
        LOST
    }

    /** Gets ranges. */
    @FunctionalInterface
    interface Visitor {
        /**
         * @param position in bytes
         * @param length in bytes, above 0
         * @return whether to go on
         */
        boolean visit(Kind kind, long position, long length);
    }
}
