package io.pdata.core.btree;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IIII_Result;

/** A walk's thread completes what is known of a node while another looks: nothing, or all of it. */
@JCStressTest
@Outcome(id = "0, 0, 0, 0", expect = Expect.ACCEPTABLE, desc = "not summed up yet")
@Outcome(id = "2, 11, 13, 17", expect = Expect.ACCEPTABLE, desc = "summed up")
@Outcome(expect = Expect.FORBIDDEN, desc = "half a summary")
@State
public class NodeSummaryStress {
    private static final int NODE = 5;

    private final NodeTable nodes = new NodeTable(16);

    @Actor
    public void walker() {
        nodes.set(NODE, 2, 11, 13, 17);
    }

    @Actor
    public void other(IIII_Result result) {
        result.r1 = nodes.height(NODE);
        boolean known = result.r1 != NodeTable.UNKNOWN;
        result.r2 = known ? (int) nodes.low(NODE) : 0;
        result.r3 = known ? (int) nodes.high(NODE) : 0;
        result.r4 = known ? (int) nodes.entries(NODE) : 0;
    }
}
