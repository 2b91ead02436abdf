/** The command line. */
module io.pdata.cli {
    requires io.pdata.tools;
    requires info.picocli;
}
