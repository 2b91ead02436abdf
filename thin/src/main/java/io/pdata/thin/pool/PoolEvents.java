package io.pdata.thin.pool;

import io.pdata.core.block.CorruptionException;
import io.pdata.core.device.DeviceException;

/**
 * What a pool tells whoever watches it. Called by whichever thread notices, which must not call the pool from there.
 */
public interface PoolEvents {
    /** Nobody watches. */
    PoolEvents NONE = new PoolEvents() {
    };

    /** The mode has changed. */
    default void modeChanged(PoolMode mode) {}

    /** Only so many data blocks are free; said once, until the pool has grown. */
    default void lowOnData(long freeBlocks) {}

    /** The data device has not taken back storage that nobody uses any more. */
    default void storageKept(DeviceException reason) {}

    /** Only so many metadata blocks are free, besides those in reserve; said each time that they become so few. */
    default void lowOnMetadata(long freeBlocks) {}

    /** The log of uncommitted changes cannot be written: from now on each change is committed at once instead. */
    default void notLogged(DeviceException reason) {}

    /** So many changes that a killed process had not committed have been found and committed. */
    default void recovered(long changes) {}

    /** Something that a person has to know: the message says what, and what helps. */
    default void warned(String message) {}

    /** Something of a volume cannot be read; said once for each volume. The others are not affected. */
    default void volumeDamaged(long volume, CorruptionException damage) {}
}
