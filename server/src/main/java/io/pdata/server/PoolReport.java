package io.pdata.server;

import java.util.List;

/**
 * How a pool is. Sizes are in bytes.
 *
 * @param mode what it can do: {@code rw}, {@code out_of_data_space}, {@code ro} or {@code Fail}, as the kernel's status
 * @param reason why it cannot do everything, or will soon not be able to; empty if there is nothing to say
 * @param remedy what to do about that
 * @param transactionId the number of its state
 * @param blockSize the size of the blocks that are provided and copied
 * @param dataSize what there is for data
 * @param dataUsed what of that is in use
 * @param metadataSize what there is for metadata
 * @param metadataUsed what of that is in use, the reserve included
 * @param needsCheck whether a tool has to check the metadata before they can be changed again
 * @param metadataSnapshot whether a metadata snapshot is held
 * @param volumes how many there are, snapshots included
 * @param clients how many are connected
 * @param serverPid the process that serves the pool; 0 if none does
 * @param storageReturned whether freed storage can go back to the data's file system
 * @param damaged the names of volumes of which damage has been found since the pool was opened; null if there are none
 */
public record PoolReport(String mode, String reason, String remedy, long transactionId, long blockSize, long dataSize,
        long dataUsed,
        long metadataSize, long metadataUsed, boolean needsCheck, boolean metadataSnapshot, int volumes, int clients,
        long serverPid, boolean storageReturned, List<String> damaged) {}
