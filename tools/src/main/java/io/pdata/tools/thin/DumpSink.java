package io.pdata.tools.thin;

import io.pdata.thin.DeviceDetails;
import io.pdata.thin.ThinSuperblock;

/** A form in which a dump of a pool is written. Calls come in the order of the document. */
interface DumpSink {

    /** @param dataBlocks how many data blocks the pool has */
    void beginPool(ThinSuperblock superblock, long dataBlocks);

    /** A run of mappings that several devices have begins. */
    void beginShared(long name);

    void endShared();

    void beginDevice(long id, DeviceDetails details);

    void endDevice();

    /** {@code length} virtual blocks from {@code origin} on are mapped to as many data blocks, at one time. */
    void map(long origin, long data, long length, int time);

    /** A run of mappings that was written before is in this place too. */
    void shared(long name);

    void endPool();
}
