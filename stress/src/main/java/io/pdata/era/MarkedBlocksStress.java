package io.pdata.era;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** Marks become visible in the order in which they are made, within a word and across words, and none gets lost. */
@JCStressTest
@Outcome(id = "0, 0", expect = Expect.ACCEPTABLE, desc = "none yet")
@Outcome(id = "0, 2", expect = Expect.ACCEPTABLE, desc = "some")
@Outcome(id = "0, 1", expect = Expect.ACCEPTABLE, desc = "the first")
@Outcome(id = "1, 2", expect = Expect.ACCEPTABLE, desc = "all")
@Outcome(expect = Expect.FORBIDDEN, desc = "a later mark without an earlier one")
@State
public class MarkedBlocksStress {
    private final MarkedBlocks marks = new MarkedBlocks(128);

    @Actor
    public void writer() {
        marks.set(3);
        marks.set(4);
        marks.set(100);
    }

    @Actor
    public void reader(II_Result result) {
        result.r1 = marks.get(100) ? 1 : 0;
        result.r2 = (marks.get(4) ? 1 : 0) + (marks.get(3) ? 1 : 0);
    }
}
