/** What the tools do with thin, cache and era metadata: check, dump, list, compare, pack, trim, write back. */
module io.pdata.tools {
    requires transitive io.pdata.thin;
    requires transitive io.pdata.cache;
    requires transitive io.pdata.era;

    exports io.pdata.tools;
    exports io.pdata.tools.text;
    exports io.pdata.tools.thin;
    exports io.pdata.tools.cache;
    exports io.pdata.tools.era;
    exports io.pdata.tools.inspect;
    exports io.pdata.tools.pack;
}
