package io.pdata.reliability.workload;

import io.pdata.core.block.Bytes;
import io.pdata.core.device.Device;
import java.util.List;

/**
 * A thing that keeps metadata on a device. Stateless; any thread.
 *
 * @param <C> what describes a whole committed content: immutable, and equal to another exactly if that is the same
 */
public interface Workload<C> {
    /** What reports and the command line call it. */
    String name();

    /** The steps that it knows. */
    List<Step> steps();

    /** How many metadata blocks it wants at first. */
    int metadataBlocks();

    /** The size in bytes of the device that it wants. */
    default long deviceSize() {
        return (long) metadataBlocks() * Bytes.BLOCK_SIZE;
    }

    /** A cache, in bytes, that holds the whole device, also after it has grown. */
    default long ampleCache() {
        return 2 * deviceSize();
    }

    /**
     * Formats a blank device. The device belongs to the session from now on.
     *
     * @param cacheBytes the size of the block cache
     */
    Session<C> format(Device device, long cacheBytes, Journal<C> journal);

    /** Takes the steps after formatting that make the trees as small or large as this workload wants them; commits. */
    void prepare(Session<C> session);

    /**
     * Opens a device for changes. It belongs to the session from now on.
     *
     * @param content what is on it, as {@link #read} says
     */
    Session<C> open(Device device, long cacheBytes, C content, Journal<C> journal);

    /** Reads all there is; changes nothing. The device is closed. */
    C read(Device device);

    /** Runs the full check; returns what it finds. The device is closed. */
    List<String> check(Device device);
}
