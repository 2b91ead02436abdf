package io.pdata.thin.pool;

/**
 * A data block that has been allocated.
 *
 * @param block which one
 * @param zero whether it is known to read as zeroes
 */
record NewBlock(long block, boolean zero) {}
