package io.pdata.tools.thin;

import io.pdata.thin.DeviceDetails;

/**
 * Takes the content of a pool in the order of a document: all shared runs, then all devices. It may become text, or metadata.
 *
 * <p>Calls: {@link #beginPool}; for each shared run {@link #beginShared}, {@link #map}..., {@link #endShared}; for each
 * device, by ascending id, {@link #beginDevice}, {@link #map} and {@link #shared}..., {@link #endDevice}; {@link #endPool}.
 * The virtual blocks of a device, those of the runs in it among them, ascend. A sink need not be thread-safe.
 */
public interface DumpSink {

    /** The pool as a whole. */
    void beginPool(PoolHeader pool);

    /** A run of mappings that several devices have begins. Its name is used once. */
    void beginShared(long name);

    void endShared();

    /** @param id of the device, below 2^24 in what the kernel makes */
    void beginDevice(long id, DeviceDetails details);

    void endDevice();

    /** {@code length} virtual blocks from {@code origin} on are mapped to as many data blocks, at one time; at least one. */
    void map(long origin, long data, long length, int time);

    /** A run of mappings that was told of before is in this place too. */
    void shared(long name);

    void endPool();
}
