package io.pdata.core.space;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** A view opens while a commit frees a block: the block is held iff the view sees the state before. */
@JCStressTest
@Outcome(id = "1, 0", expect = Expect.ACCEPTABLE, desc = "a view of the old state: held")
@Outcome(id = "0, 1", expect = Expect.ACCEPTABLE, desc = "a view of the new state: free")
@Outcome(id = "0, 0", expect = Expect.FORBIDDEN, desc = "reused under a reader")
@Outcome(expect = Expect.FORBIDDEN, desc = "held for nobody")
@State
public class ViewOpensStress {
    private static final int BLOCK = 5;

    private final ReuseGuard guard = new ReuseGuard();
    private int root;

    @Actor
    public void writer(II_Result result) {
        guard.freed(BLOCK);
        guard.committed(() -> root = 1, _ -> {});
        result.r1 = guard.holds(BLOCK) ? 1 : 0;
        // A view that opens only now sees the new state, and must not change the answer.
        result.r1 |= guard.holds(BLOCK) ? 1 : 0;
    }

    @Actor
    public void reader(II_Result result) {
        result.r2 = guard.enter(() -> root).state();
    }
}
