package io.pdata.thin.pool;

/** What a pool can still do; the later, the less. Source: format document "thin", section 9. */
public enum PoolMode {
    /** Everything. */
    WRITE("rw"),
    /** All but writes that need a new data block, which wait or fail. */
    OUT_OF_DATA_SPACE("out_of_data_space"),
    /** As {@link #READ_ONLY}, until the metadata device grows. */
    OUT_OF_METADATA_SPACE("ro"),
    /** Reads, and writes to blocks that need no change of the metadata. */
    READ_ONLY("ro"),
    /** Nothing: not even what was committed last can be read for sure. */
    FAIL("Fail");

    private final String status;

    PoolMode(String status) {
        this.status = status;
    }

    /** The word for it in a status line of the kernel. */
    public String status() {
        return status;
    }
}
