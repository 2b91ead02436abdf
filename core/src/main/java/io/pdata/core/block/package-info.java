/**
 * Blocks of 4096 bytes: checksum and identity, a bounded off-heap cache with locks, optimistic reads, and coalesced
 * write-back.
 *
 * <p>Source: format document "persistent-data", sections 1 (blocks and checksums) and 2 (block manager).
 */
package io.pdata.core.block;
