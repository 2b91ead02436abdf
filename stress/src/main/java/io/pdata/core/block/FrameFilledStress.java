package io.pdata.core.block;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * A frame is filled with another block, which is verified only afterwards, under a shared lock, as a prefetched one is. An
 * optimistic reader of that block sees it when it has been verified, or not at all.
 */
@JCStressTest
@Outcome(id = "8, 8", expect = Expect.ACCEPTABLE, desc = "after it was verified")
@Outcome(id = "-1, -1", expect = Expect.ACCEPTABLE, desc = "refused, or not validated")
@Outcome(expect = Expect.FORBIDDEN, desc = "not this block's content")
@State
public class FrameFilledStress {
    private final Block block = Frame.holdingOld();

    @Actor
    public void loader() {
        if (block.tryExclusive()) {
            block.identify(Frame.NEW, null);
            Frame.fill(block, Frame.NEW);
            block.publishShared();
            block.attach(Frame.TYPE);
            block.releaseShared();
        }
    }

    @Actor
    public void reader(II_Result result) {
        Frame.readOptimistically(block, Frame.NEW, result);
    }
}
