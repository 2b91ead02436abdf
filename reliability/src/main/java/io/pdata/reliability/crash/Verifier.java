package io.pdata.reliability.crash;

import io.pdata.core.store.MetadataStore;
import io.pdata.reliability.workload.Journal;
import io.pdata.reliability.workload.Judgement;
import io.pdata.reliability.workload.Session;
import io.pdata.reliability.workload.Step;
import io.pdata.reliability.workload.Workload;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;

/**
 * Judges one image: it can be opened and read, the full check finds nothing, and the next transactions work and check
 * clean too.
 *
 * @param <C> what describes a content
 */
final class Verifier<C> {
    private static final int TRANSACTIONS = 2;
    private static final int STEPS = 2;

    private final Workload<C> workload;

    Verifier(Workload<C> workload) {
        this.workload = workload;
    }

    /**
     * Verifies what a crash left. Depends on nothing but the image.
     *
     * @return what it contains; null if it is blank
     * @throws AssertionError if it is not as it has to be
     */
    C verify(CrashImage image) {
        image.forgetChanges();
        if (MetadataStore.isBlank(image)) {
            return null;
        }
        C content = workload.read(image);
        clean(image, "after the crash");
        Session<C> session = workload.open(image, image.size(), content, Journal.none());
        try {
            SplittableRandom random = new SplittableRandom(content.hashCode());
            List<Step> steps = workload.steps();
            for (int transaction = 0; transaction < TRANSACTIONS; transaction++) {
                for (int i = 0; i < STEPS; i++) {
                    session.take(steps.get(random.nextInt(steps.size())), random.nextLong());
                }
                session.take(Step.COMMIT, 0);
            }
            same(session.observed(), session.committed(), "the next transactions, seen by a view");
            content(session, "the next transactions");
        } finally {
            session.close();
        }
        same(workload.read(image), session.committed(), "the next transactions, read again");
        clean(image, "after the next transactions");
        return content;
    }

    private void content(Session<C> session, String what) {
        same(session.content(), session.committed(), what);
    }

    private void clean(CrashImage image, String when) {
        List<String> problems = workload.check(image);
        Judgement.require(problems.isEmpty(), "the check finds %s: %s", when, problems);
    }

    private static void same(Object found, Object expected, String what) {
        Judgement.require(Objects.equals(found, expected), "%s: found %s%nexpected %s", what, found, expected);
    }
}
