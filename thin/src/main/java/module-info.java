/** The metadata of dm-thin pools. */
module io.pdata.thin {
    requires transitive io.pdata.core;

    exports io.pdata.thin;
    exports io.pdata.thin.pool;
}
