package io.pdata.benchmarks.servers;

import java.io.IOException;
import java.util.Optional;

/** A server that is compared with others. Used by one thread. */
interface Contender extends AutoCloseable {

    /** In which state a volume is when it is measured. */
    enum State {
        /** All of it has been written, and nothing is shared with a snapshot. */
        WRITTEN(1L << 30),
        /** Nothing has been written to it. */
        EMPTY(4L << 30),
        /** All of it has been written, and a snapshot was made just now. */
        SNAPSHOT(1L << 30);

        /** How large the volume is, in bytes. */
        final long size;

        State(long size) {
            this.size = size;
        }
    }

    /**
     * An export that is ready to be measured.
     *
     * @param uri where clients find it
     * @param server the process that serves it
     */
    record Target(String uri, ServerProcess server) {}

    /** What tables call it. */
    String name();

    /** Brings a volume into a state; empty if the server has no such thing. What was returned before is no longer used. */
    Optional<Target> prepare(State state) throws IOException;

    @Override
    void close() throws IOException;
}
