/** The command line: tools named as in thin-provisioning-tools, and commands for pools of thin volumes. */
module io.pdata.cli {
    requires io.pdata.tools;
    requires io.pdata.replication;
    requires io.pdata.server;
    requires info.picocli;
    requires com.fasterxml.jackson.jr.ob;

    opens io.pdata.cli.pool to info.picocli;
}
