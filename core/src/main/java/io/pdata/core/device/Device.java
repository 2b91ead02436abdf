package io.pdata.core.device;

import java.lang.foreign.MemorySegment;

/**
 * A fixed-size run of bytes that can be read, written and made durable.
 *
 * <p>All positions and lengths are in bytes. Every method may be called by any number of threads at once; the order of
 * overlapping reads and writes is then undefined. A call either does all of what it says or throws: there are no short
 * reads or writes. An interrupted caller neither closes the device nor shortens the call; its interrupt status stays.
 *
 * <p>Errors: {@link DeviceException} when the medium fails, {@link ReadOnlyException} when a read-only device is to be
 * changed, {@link IndexOutOfBoundsException} for a range outside {@code [0, size())}.
 *
 * <p>Memory that is read into or written from must be accessible to any thread: not of a confined arena.
 */
public interface Device extends AutoCloseable {

    /** What messages call this device: a path, or a description. */
    String name();

    /** The size in bytes. It changes only by {@link #resize}, or when {@link #refresh} notices growth from outside. */
    long size();

    boolean readOnly();

    /** Fills {@code target} with the bytes from {@code position} on. */
    void read(long position, MemorySegment target);

    /** Writes all of {@code source} at {@code position}. Durable only after the next {@link #flush}. */
    void write(long position, MemorySegment source);

    /** Returns when everything written by calls that returned before this one began is durable. */
    void flush();

    /**
     * Says that the content of a range is no longer needed. Its storage may be given back; what a read of it returns
     * afterwards is either zeroes or the old bytes.
     */
    void discard(long position, long length);

    /** Makes a range read as zeroes, giving its storage back where the medium can do that. */
    void zero(long position, long length);

    /**
     * Sets the size. Bytes gained read as zeroes.
     *
     * @param reserve whether storage for all of it is to be set aside now, so that no later write can run out of space
     * @throws DeviceException if the size of this kind of device cannot be changed
     */
    void resize(long size, boolean reserve);

    /** Whether reading takes no longer than copying memory does, so that nothing is gained by reading ahead. */
    default boolean inMemory() {
        return false;
    }

    /**
     * The first position from {@code position} on at which something may be stored: everything before it reads as zeroes.
     * {@code position} itself where holes are not known of, {@link #size} where nothing follows.
     */
    default long nextData(long position) {
        return position;
    }

    /** How many bytes can still be stored in the file system of a sparse file; {@link Long#MAX_VALUE} if that is no limit. */
    default long storageLeft() {
        return Long.MAX_VALUE;
    }

    /** Looks the size up again, for a device that somebody else may have grown; returns it. */
    default long refresh() {
        return size();
    }

    /** Runs work that uses this device several times, where that costs least: on a thread that need not hand over. */
    default void perform(Runnable work) {
        work.run();
    }

    /** Gives up the device and any lock on it. Does not flush. Closing twice does nothing. */
    @Override
    void close();
}
