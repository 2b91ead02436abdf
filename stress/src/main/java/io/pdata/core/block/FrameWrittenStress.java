package io.pdata.core.block;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** An optimistic read of a block beside a change of that block: all of the old content, all of the new, or a refusal. */
@JCStressTest
@Outcome(id = "7, 7", expect = Expect.ACCEPTABLE, desc = "before the change")
@Outcome(id = "9, 9", expect = Expect.ACCEPTABLE, desc = "after the change")
@Outcome(id = "-1, -1", expect = Expect.ACCEPTABLE, desc = "refused, or not validated")
@Outcome(expect = Expect.FORBIDDEN, desc = "torn, and validated all the same")
@State
public class FrameWrittenStress {
    private final Block block = Frame.holdingOld();

    @Actor
    public void writer() {
        if (block.tryExclusive()) {
            Frame.fill(block, 9);
            block.releaseExclusive();
        }
    }

    @Actor
    public void reader(II_Result result) {
        Frame.readOptimistically(block, Frame.OLD, result);
    }
}
