package io.pdata.nbd;

import java.time.Duration;

/**
 * What clients may use up.
 *
 * <p>Memory outside the heap: 16 KiB for a connection that negotiates, and then at most 3 MiB, whatever the sizes of
 * requests are; so a server with the default limits needs at most 300 MiB. Writes that wait for room take up to 1 MiB for
 * each connection and 64 MiB for all of them on top of that, and up to 1 MiB of heap for each connection.
 *
 * @param connections how many at a time; further ones are closed at once
 * @param handshake how long negotiating may take, TLS included
 * @param optionBytes the longest option
 * @param options how many options a client may send
 * @param queries how many queries for metadata contexts an option may have
 * @param contexts how many metadata contexts a client may use at a time
 * @param requestBytes the longest read or write
 */
public record Limits(int connections, Duration handshake, int optionBytes, int options, int queries, int contexts,
        int requestBytes) {

    /** A hundred connections, ten seconds, and 32 MiB for a request. */
    public static Limits defaults() {
        return new Limits(100, Duration.ofSeconds(10), 64 << 10, 256, 256, 16, 32 << 20);
    }

    /** The same, but for so many clients. */
    public Limits withConnections(int most) {
        return new Limits(most, handshake, optionBytes, options, queries, contexts, requestBytes);
    }

    Limits withHandshake(Duration longest) {
        return new Limits(connections, longest, optionBytes, options, queries, contexts, requestBytes);
    }
}
