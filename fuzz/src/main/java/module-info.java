/** Fuzz targets for everything that reads metadata, and the command that runs them under Jazzer. */
module io.pdata.fuzz {
    requires io.pdata.nbd;
    requires io.pdata.replication;
    requires io.pdata.tools;
    requires io.pdata.testkit;
    requires info.picocli;
    requires jdk.management;


    opens io.pdata.fuzz to
            info.picocli;
}
