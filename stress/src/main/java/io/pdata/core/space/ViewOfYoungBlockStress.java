package io.pdata.core.space;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** A view opens while a block is taken into use by one commit and freed by the next. */
@JCStressTest
@Outcome(id = "0, 0", expect = Expect.ACCEPTABLE, desc = "a view of before: cannot reach the block")
@Outcome(id = "1, 0", expect = Expect.ACCEPTABLE, desc = "the first view of all, and not known that it came before: held to be safe")
@Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "a view that reaches the block: held")
@Outcome(id = "0, 2", expect = Expect.ACCEPTABLE, desc = "a view of after: free")
@Outcome(id = "0, 1", expect = Expect.FORBIDDEN, desc = "reused under a reader")
@Outcome(expect = Expect.FORBIDDEN, desc = "held for nobody")
@State
public class ViewOfYoungBlockStress {
    private static final int BLOCK = 5;

    private final ReuseGuard guard = new ReuseGuard();
    private int root;

    @Actor
    public void writer(II_Result result) {
        guard.allocated(BLOCK);
        guard.committed(() -> root = 1, _ -> {});
        guard.freed(BLOCK);
        guard.committed(() -> root = 2, _ -> {});
        result.r1 = guard.holds(BLOCK) ? 1 : 0;
    }

    @Actor
    public void reader(II_Result result) {
        result.r2 = guard.enter(() -> root).state();
    }
}
