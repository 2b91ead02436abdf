package io.pdata.server;

import io.pdata.thin.pool.NamedVolume;
import java.util.function.Supplier;

/** Those who use the volumes of a pool. */
interface Clients {
    /** Nobody. */
    Clients NONE = new Clients() {
        @Override
        public int count(long volume) {
            return 0;
        }

        @Override
        public <T> T without(NamedVolume volume, boolean force, Supplier<T> work) {
            return work.get();
        }
    };

    /** How many use the volume with this number. */
    int count(long volume);

    /**
     * Does something that a volume must not be in use for; nobody can begin to use it meanwhile.
     *
     * @param force whether those who use it are disconnected
     * @throws io.pdata.thin.ThinRequestException BUSY if somebody uses it, and {@code force} is not set
     */
    <T> T without(NamedVolume volume, boolean force, Supplier<T> work);
}
