package io.pdata.thin;

import io.pdata.core.block.Bytes;
import java.lang.foreign.MemorySegment;

/**
 * What the details tree records of a thin device; 24 bytes. Numbers are unsigned. Source: format document, section 2.
 *
 * @param mappedBlocks how many mappings the device has
 * @param transactionId the pool's transaction id when the device was created
 * @param creationTime the pool's clock when the device was created
 * @param snapshottedTime the pool's clock at the last snapshot taken of the device, or by which it came into being
 */
public record DeviceDetails(long mappedBlocks, long transactionId, int creationTime, int snapshottedTime) {
    /** The size on disk, in bytes. */
    public static final int SIZE = 24;

    private static final int MAPPED_BLOCKS = 0;
    private static final int TRANSACTION_ID = 8;
    private static final int CREATION_TIME = 16;
    private static final int SNAPSHOTTED_TIME = 20;

    public static DeviceDetails read(MemorySegment value, long offset) {
        return new DeviceDetails(value.get(Bytes.U64, offset + MAPPED_BLOCKS),
                value.get(Bytes.U64, offset + TRANSACTION_ID), value.get(Bytes.U32, offset + CREATION_TIME),
                value.get(Bytes.U32, offset + SNAPSHOTTED_TIME));
    }

    public void write(MemorySegment value, long offset) {
        value.set(Bytes.U64, offset + MAPPED_BLOCKS, mappedBlocks);
        value.set(Bytes.U64, offset + TRANSACTION_ID, transactionId);
        value.set(Bytes.U32, offset + CREATION_TIME, creationTime);
        value.set(Bytes.U32, offset + SNAPSHOTTED_TIME, snapshottedTime);
    }

    /** Whether a mapping made at {@code time} may have been shared since: {@code false} is certain, {@code true} not. */
    public boolean mayShare(int time) {
        return Integer.compareUnsigned(snapshottedTime, time) > 0;
    }
}
