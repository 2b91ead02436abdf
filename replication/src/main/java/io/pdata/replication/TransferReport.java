package io.pdata.replication;

/**
 * What a copy came to. In bytes.
 *
 * @param name the volume, as it is called where it comes from
 * @param size how large it appears
 * @param incremental whether only changes were sent
 * @param data how much data there was
 * @param holes how much was said to be zeroes
 * @param stream how long the stream was
 */
public record TransferReport(String name, long size, boolean incremental, long data, long holes, long stream) {}
