package io.pdata.server;

/**
 * A volume of which a part has been received.
 *
 * @param name what it will be called
 * @param size how large it will be, in bytes
 * @param received up to where it is there, in bytes
 * @param token for the sender, so that it goes on there; empty if it cannot, or is just being received or sent
 */
public record UnfinishedReport(String name, long size, long received, String token) {}
