package io.pdata.nbd;

import java.util.List;
import java.util.Optional;

/** What a server offers. Called by many threads. */
public interface Exports {

    /** The names of all, in the order in which they are listed. */
    List<String> names();

    /**
     * Opens one for a client.
     *
     * @param name as the client gave it; empty for the default export
     */
    Optional<Export> open(String name);
}
