package io.pdata.nbd;

import java.util.List;
import java.util.Optional;

/** What a server offers. Called by many threads. */
public interface Exports {

    /** The names of all, in the order in which they are listed. */
    List<String> names();

    /**
     * A line for people about one, for lists; empty if there is nothing to say.
     *
     * @param name one of {@link #names}; it may have gone since
     */
    default String description(String name) {
        return "";
    }

    /**
     * Opens one for a client.
     *
     * @param name as the client gave it; empty for the default export
     * @throws io.pdata.core.device.PersistentDataException if it is there, but cannot be had; the client is told why
     */
    Optional<Export> open(String name);

    /**
     * Whether an export may be had over TLS only, and is not to be seen without. Asked where TLS is at the client's choice
     * ({@link Tls.Mode#SELECTIVE}).
     *
     * @param name as the client gave it; there need not be such an export
     */
    default boolean needsTls(String name) {
        return false;
    }
}
