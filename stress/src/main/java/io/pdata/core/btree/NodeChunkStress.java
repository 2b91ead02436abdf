package io.pdata.core.btree;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IIII_Result;

/** Two threads of a walk note neighbouring nodes, both the first of their chunk: nothing gets lost. */
@JCStressTest
@Outcome(id = "1, 2, 3, 4", expect = Expect.ACCEPTABLE, desc = "all of it")
@Outcome(expect = Expect.FORBIDDEN, desc = "something got lost")
@State
public class NodeChunkStress {
    private final NodeTable nodes = new NodeTable(16);

    @Actor
    public void one() {
        nodes.set(5, 1, 0, 0, 0);
        nodes.addErrors(5, 3);
    }

    @Actor
    public void other() {
        nodes.set(6, 2, 0, 0, 0);
        nodes.addErrors(6, 4);
    }

    @Arbiter
    public void afterwards(IIII_Result result) {
        result.r1 = nodes.height(5);
        result.r2 = nodes.height(6);
        result.r3 = nodes.errors(5);
        result.r4 = nodes.errors(6);
    }
}
