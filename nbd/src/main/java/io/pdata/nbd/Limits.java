package io.pdata.nbd;

import java.time.Duration;

/**
 * What clients may use up.
 *
 * @param connections how many at a time; further ones are closed at once
 * @param handshake how long negotiating may take
 * @param optionBytes the longest option
 * @param options how many options a client may send
 * @param requestBytes the longest read or write
 */
public record Limits(int connections, Duration handshake, int optionBytes, int options, int requestBytes) {

    /** A hundred connections, ten seconds, and 32 MiB for a request. */
    public static Limits defaults() {
        return new Limits(100, Duration.ofSeconds(10), 64 << 10, 256, 32 << 20);
    }
}
