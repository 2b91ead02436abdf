package io.pdata.nbd;

import java.time.Duration;

/**
 * What clients may use up.
 *
 * <p>Memory outside the heap: 16 KiB for a connection that negotiates, and then at most 3 MiB, whatever the sizes of
 * requests are; so a server with the default limits needs at most 768 MiB, and 768 MiB more if it has as many clients over
 * TCP; a client for which there is no memory is disconnected. Writes that wait for room take up to 1 MiB for each connection
 * and 64 MiB for all of them on top of that, and up to 1 MiB of heap for each connection.
 *
 * @param connections how many may use exports at a time, over Unix sockets, and as many over TCP; further ones are refused
 * @param handshake how long the server waits for a client that negotiates, TLS included; each answer adds 10 ms
 * @param optionBytes the longest option
 * @param options how many options a client may send; of those that are about an export, {@value #OPTIONS_PER_EXPORT} more
 *        for each export
 * @param queries how many queries for metadata contexts an option may have
 * @param contexts how many metadata contexts a client may use at a time
 * @param requestBytes the longest read or write
 */
public record Limits(int connections, Duration handshake, int optionBytes, int options, int queries, int contexts,
        int requestBytes) {

    static final int OPTIONS_PER_EXPORT = 8;
    private static final int FEWEST_NEGOTIATING = 128;

    /** How many clients may negotiate at a time. */
    int negotiating() {
        return Math.max(connections, FEWEST_NEGOTIATING);
    }

    /** 256 connections, ten seconds, and 32 MiB for a request. */
    public static Limits defaults() {
        return new Limits(256, Duration.ofSeconds(10), 64 << 10, 256, 256, 16, 32 << 20);
    }

    /** The same, but for so many clients. */
    public Limits withConnections(int most) {
        return new Limits(most, handshake, optionBytes, options, queries, contexts, requestBytes);
    }

    Limits withHandshake(Duration longest) {
        return new Limits(connections, longest, optionBytes, options, queries, contexts, requestBytes);
    }
}
