/** JMH benchmarks; run on the class path (see docs/benchmarks.md), where JMH generates code beside them. */
module io.pdata.benchmarks {
    requires io.pdata.thin;
    requires jmh.core;
    requires lmdbjava;
}
