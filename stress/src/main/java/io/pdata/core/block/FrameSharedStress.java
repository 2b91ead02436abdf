package io.pdata.core.block;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** The fast way to a read lock - no look at any table, no lock - beside a frame that changes its block. */
@JCStressTest
@Outcome(id = "7, 7, 7", expect = Expect.ACCEPTABLE, desc = "shared before it was taken")
@Outcome(id = "8, 8, 8", expect = Expect.ACCEPTABLE, desc = "shared after: the number says that it is another block")
@Outcome(id = "-1, -1, -1", expect = Expect.ACCEPTABLE, desc = "refused")
@Outcome(expect = Expect.FORBIDDEN, desc = "number and content do not belong together")
@State
public class FrameSharedStress {
    private final Block block = Frame.holdingOld();

    @Actor
    public void evictor() {
        if (block.tryExclusive()) {
            block.identify(Frame.NEW, Frame.TYPE);
            Frame.fill(block, Frame.NEW);
            block.releaseExclusive();
        }
    }

    @Actor
    public void reader(III_Result result) {
        boolean shared = block.tryShare();
        result.r1 = shared ? (int) block.number() : -1;
        result.r2 = shared ? Frame.first(block) : -1;
        result.r3 = shared ? Frame.second(block) : -1;
        if (shared) {
            block.releaseShared();
        }
    }
}
