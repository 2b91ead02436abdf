/** The metadata of dm-cache. */
module io.pdata.cache {
    requires transitive io.pdata.core;

    exports io.pdata.cache;
}
