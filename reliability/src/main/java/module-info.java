/** A simulated disk, and campaigns of power cuts, failing I/O and damage on it. */
module io.pdata.reliability {
    requires io.pdata.tools;
    requires io.pdata.testkit;
    requires info.picocli;

    exports io.pdata.reliability;

    opens io.pdata.reliability to
            info.picocli;
}
