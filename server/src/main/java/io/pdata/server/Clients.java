package io.pdata.server;

import io.pdata.thin.pool.NamedVolume;

/** Those who use the volumes of a pool. */
interface Clients {
    /** Nobody. */
    Clients NONE = new Clients() {
        @Override
        public int count(long volume) {
            return 0;
        }

        @Override
        public int count() {
            return 0;
        }

        @Override
        public void without(NamedVolume volume, boolean force, Runnable work) {
            work.run();
        }
    };

    /** How many use the volume with this number. */
    int count(long volume);

    /** How many there are in all. */
    int count();

    /**
     * Does something that a volume must not be in use for; nobody can begin to use it meanwhile.
     *
     * @param force whether those who use it are disconnected
     * @throws io.pdata.thin.ThinRequestException BUSY if somebody uses it, and {@code force} is not set
     */
    void without(NamedVolume volume, boolean force, Runnable work);
}
