package io.pdata.server;

/**
 * A range of a volume whose mappings cannot be read: reading it, and writing to it, is an error.
 *
 * @param position in bytes
 * @param length in bytes
 */
public record DamagedRange(long position, long length) {}
