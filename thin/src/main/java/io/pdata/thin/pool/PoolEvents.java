package io.pdata.thin.pool;

import io.pdata.core.block.CorruptionException;
import io.pdata.core.device.DeviceException;
import io.pdata.core.device.PersistentDataException;

/**
 * What a pool tells whoever watches it. Called by whichever thread notices, which must not call the pool from there.
 */
public interface PoolEvents {
    /** Nobody watches. */
    PoolEvents NONE = new PoolEvents() {
    };

    /** The mode has changed. */
    default void modeChanged(PoolMode mode) {}

    /**
     * Few bytes of data blocks are free: said at most once until more are, and when the pool is opened.
     *
     * @see PoolOptions#lowWaterBlocks
     */
    default void lowOnData(long freeBytes) {}

    /** The file system of the data file has few bytes left; said as {@link #lowOnData} is. */
    default void lowOnStorage(long freeBytes) {}

    /** The pool cannot make use of a device that has grown; it is used at its present size. */
    default void notGrown(PersistentDataException reason) {}

    /** The data device has not taken back storage that nobody uses any more. */
    default void storageKept(DeviceException reason) {}

    /** Few bytes of metadata are free, not counting the reserve: a tenth of the rest. Said as {@link #lowOnData} is. */
    default void lowOnMetadata(long freeBytes) {}

    /** The log of uncommitted changes cannot be written: from now on each change is committed at once instead. */
    default void notLogged(DeviceException reason) {}

    /** So many changes that a killed process had not committed have been found and committed. */
    default void recovered(long changes) {}

    /** Something that a person has to know: the message says what, and what helps. */
    default void warned(String message) {}

    /** Something of a volume cannot be read; said once for each volume. The others are not affected. */
    default void volumeDamaged(long volume, CorruptionException damage) {}
}
