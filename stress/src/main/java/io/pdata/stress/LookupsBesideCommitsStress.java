package io.pdata.stress;

import java.util.concurrent.ThreadLocalRandom;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.Z_Result;

/** A view is opened, read and closed beside a writer that commits, and uses again what is free at once. */
@JCStressTest
@Outcome(id = "true", expect = Expect.ACCEPTABLE, desc = "what was committed when the view was opened")
@Outcome(expect = Expect.FORBIDDEN, desc = "something else")
@State
public class LookupsBesideCommitsStress {
    private static final CrowdedStore STORE = new CrowdedStore();

    @Actor
    public void reader(Z_Result result) {
        try (CrowdedStore.View view = STORE.open()) {
            boolean right = true;
            for (int i = 0; i < 30; i++) {
                right &= view.right(ThreadLocalRandom.current().nextInt());
            }
            result.r1 = right;
        }
    }

    @Actor
    public void writer() {
        STORE.change();
    }
}
