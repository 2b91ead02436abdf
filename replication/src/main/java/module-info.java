/** Volumes on their way: streams between pools, and extraction out of images. */
module io.pdata.replication {
    requires transitive io.pdata.thin;
    requires io.pdata.nbd;
    requires transitive io.pdata.tools;
    requires aircompressor.v3;

    exports io.pdata.replication;
}
