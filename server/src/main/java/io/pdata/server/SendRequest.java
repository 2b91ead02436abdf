package io.pdata.server;

/**
 * What is to be sent.
 *
 * @param volume its name
 * @param since the snapshot that the receiver has, of which only the changes are sent; null: the volume is sent whole
 * @param token where the stream goes on, as the receiver has said; null: from the beginning
 * @param compress whether the stream is made smaller
 */
public record SendRequest(String volume, String since, String token, boolean compress) {}
