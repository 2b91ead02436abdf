package io.pdata.stress;

import java.util.concurrent.ThreadLocalRandom;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.Z_Result;

/** A view is read beside a writer whose changes are thrown away, with their frames, again and again. */
@JCStressTest
@Outcome(id = "true", expect = Expect.ACCEPTABLE, desc = "what was committed when the view was opened")
@Outcome(expect = Expect.FORBIDDEN, desc = "something else")
@State
public class LookupsBesideRollBacksStress {
    private static final CrowdedStore STORE = new CrowdedStore();
    private static final CrowdedStore.View VIEW = STORE.open();

    @Actor
    public void reader(Z_Result result) {
        result.r1 = VIEW.right(ThreadLocalRandom.current().nextInt());
    }

    @Actor
    public void writer() {
        STORE.changeInVain();
    }
}
