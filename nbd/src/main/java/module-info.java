/** A network block device server for any device of the core. */
module io.pdata.nbd {
    requires transitive io.pdata.core;

    exports io.pdata.nbd;
}
