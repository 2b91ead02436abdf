/** JMH benchmarks. */
module io.pdata.benchmarks {
    requires io.pdata.core;
}
