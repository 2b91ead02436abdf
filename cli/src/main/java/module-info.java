/** The command line: one command for each tool, named as in thin-provisioning-tools. */
module io.pdata.cli {
    requires io.pdata.tools;
    requires info.picocli;

    opens io.pdata.cli to info.picocli;
}
