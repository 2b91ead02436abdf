/** The metadata of dm-era. */
module io.pdata.era {
    requires transitive io.pdata.core;

    exports io.pdata.era;
}
