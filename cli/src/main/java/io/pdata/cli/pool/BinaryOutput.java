package io.pdata.cli.pool;

/** A command whose standard output may be something that no text is to be mixed with. */
interface BinaryOutput {
    /** Whether it is, this time. */
    boolean writesToStandardOutput();
}
