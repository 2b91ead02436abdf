package io.pdata.core.block;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** An optimistic read of a block whose frame is given to another block, of the same type: never the other's content. */
@JCStressTest
@Outcome(id = "7, 7", expect = Expect.ACCEPTABLE, desc = "before the frame was taken")
@Outcome(id = "-1, -1", expect = Expect.ACCEPTABLE, desc = "refused, or not validated")
@Outcome(expect = Expect.FORBIDDEN, desc = "content of another block, and validated all the same")
@State
public class FrameReuseStress {
    private final Block block = Frame.holdingOld();

    @Actor
    public void evictor() {
        if (block.tryExclusive()) {
            block.identify(Frame.NEW, null);
            Frame.fill(block, Frame.NEW);
            block.attach(Frame.TYPE);
            block.publishShared();
            block.releaseShared();
        }
    }

    @Actor
    public void reader(II_Result result) {
        Frame.readOptimistically(block, Frame.OLD, result);
    }
}
