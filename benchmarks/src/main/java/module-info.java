/**
 * JMH benchmarks, run on the class path (see docs/benchmarks.md), where JMH generates code beside them; and comparisons with
 * programs of others: servers, tools, copies.
 */
module io.pdata.benchmarks {
    requires com.fasterxml.jackson.jr.ob;
    requires info.picocli;
    requires io.pdata.thin;
    requires jmh.core;
    requires lmdbjava;
    requires org.knowm.xchart;

    opens io.pdata.benchmarks to info.picocli;
    opens io.pdata.benchmarks.copies to info.picocli;
    opens io.pdata.benchmarks.servers to info.picocli;
    opens io.pdata.benchmarks.tools to info.picocli;
}
