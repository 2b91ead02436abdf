/** A simulated disk, and campaigns of power cuts, failing I/O and damage on it. */
module io.pdata.reliability {
    requires transitive io.pdata.tools;
    requires io.pdata.testkit;
    requires info.picocli;

    exports io.pdata.reliability;
    exports io.pdata.reliability.campaign;
    exports io.pdata.reliability.crash;
    exports io.pdata.reliability.disk;
    exports io.pdata.reliability.fault;
    exports io.pdata.reliability.pool;
    exports io.pdata.reliability.process;
    exports io.pdata.reliability.workload;

    opens io.pdata.reliability to
            info.picocli;
    opens io.pdata.reliability.crash to
            info.picocli;
    opens io.pdata.reliability.damage to
            info.picocli;
    opens io.pdata.reliability.fault to
            info.picocli;
    opens io.pdata.reliability.lost to
            info.picocli;
    opens io.pdata.reliability.pool to
            info.picocli;
    opens io.pdata.reliability.process to
            info.picocli;
}
