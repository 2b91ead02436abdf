/** Check and dump of thin, cache and era metadata. */
module io.pdata.tools {
    requires transitive io.pdata.thin;
    requires transitive io.pdata.cache;
    requires transitive io.pdata.era;
    requires java.xml;

    exports io.pdata.tools;
}
