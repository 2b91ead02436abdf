package io.pdata.stress;

import java.util.concurrent.ThreadLocalRandom;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/** Two readers of one view, who throw each other's blocks out of the cache. */
@JCStressTest
@Outcome(id = "true, true", expect = Expect.ACCEPTABLE, desc = "what was committed when the view was opened")
@Outcome(expect = Expect.FORBIDDEN, desc = "something else")
@State
public class LookupsStress {
    private static final CrowdedStore STORE = new CrowdedStore();
    private static final CrowdedStore.View VIEW = STORE.open();

    @Actor
    public void reader(ZZ_Result result) {
        result.r1 = VIEW.right(ThreadLocalRandom.current().nextInt());
    }

    @Actor
    public void otherReader(ZZ_Result result) {
        result.r2 = VIEW.right(ThreadLocalRandom.current().nextInt());
    }
}
