package io.pdata.core.space;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** The last views close while a commit frees a block that they can reach: nothing stays held. */
@JCStressTest
@Outcome(id = "0, 0", expect = Expect.ACCEPTABLE, desc = "all given back")
@Outcome(expect = Expect.FORBIDDEN, desc = "held for nobody")
@State
public class ViewClosesStress {
    private static final int BLOCK = 5;

    private final ReuseGuard guard = new ReuseGuard();
    private final long older = guard.enter(() -> 0).epoch();
    private final long younger;

    public ViewClosesStress() {
        guard.committed(() -> {}, _ -> {});
        younger = guard.enter(() -> 1).epoch();
    }

    @Actor
    public void writer() {
        guard.freed(BLOCK);
        guard.committed(() -> {}, _ -> {});
    }

    @Actor
    public void reader() {
        guard.leave(younger);
        guard.leave(older);
    }

    @Arbiter
    public void afterwards(II_Result result) {
        result.r1 = guard.holds(BLOCK) ? 1 : 0;
        result.r2 = (int) guard.heldBlocks();
    }
}
