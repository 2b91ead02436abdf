package io.pdata.replication;

/**
 * How a volume is received.
 *
 * @param name what it is to be called; null: as it was called where it comes from
 * @param writable whether it can be written to afterwards; if not, later changes to it can be received
 * @param resumable whether what there is when the stream breaks is kept, so that it can go on another day
 */
public record ReceiveOptions(String name, boolean writable, boolean resumable) {}
