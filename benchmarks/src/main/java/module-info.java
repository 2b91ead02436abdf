/**
 * JMH benchmarks, run on the class path (see docs/benchmarks.md), where JMH generates code beside them; and a comparison of
 * whole servers.
 */
module io.pdata.benchmarks {
    requires com.fasterxml.jackson.jr.ob;
    requires info.picocli;
    requires io.pdata.thin;
    requires jmh.core;
    requires lmdbjava;
    requires org.knowm.xchart;

    opens io.pdata.benchmarks.servers to info.picocli;
}
