/** A pool of named volumes, served over NBD, and what can be asked of it. */
module io.pdata.server {
    requires transitive io.pdata.thin;
    requires transitive io.pdata.nbd;
    requires transitive io.pdata.replication;
    requires io.pdata.tools;
    requires com.fasterxml.jackson.jr.ob;

    exports io.pdata.server;

    opens io.pdata.server to com.fasterxml.jackson.jr.ob;
}
