package io.pdata.benchmarks.tools;

import io.pdata.benchmarks.Spread;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/** What was measured of one job: round by round, by the tools of this project and by others. */
final class Comparison {
    private static final int KIB_IN_MIB = 1 << 10;

    private final Job job;
    private final List<Measurement> ours = new ArrayList<>();
    private final List<Measurement> others = new ArrayList<>();

    Comparison(Job job) {
        this.job = job;
    }

    Job job() {
        return job;
    }

    void add(boolean our, Measurement measured) {
        (our ? ours : others).add(measured);
    }

    /** Empty if the others have no such tool, and so for all that follows. */
    Optional<Spread> spread(boolean our, ToDoubleFunction<Measurement> what) {
        List<Measurement> all = our ? ours : others;
        return all.isEmpty() ? Optional.empty() : Optional.of(Spread.of(all.stream().mapToDouble(what).toArray()));
    }

    /** How many times as fast ours is: round by round, for what slows the machine down for a while slows down both. */
    Optional<Spread> timesAsFast() {
        if (ours.isEmpty() || others.isEmpty()) {
            return Optional.empty();
        }
        double[] ratios = new double[ours.size()];
        for (int i = 0; i < ratios.length; i++) {
            ratios[i] = others.get(i).seconds() / ours.get(i).seconds();
        }
        return Optional.of(Spread.of(ratios));
    }

    /** The most memory in any round, in MiB. */
    Optional<Long> memory(boolean our) {
        return spread(our, Measurement::peakKib).map(all -> (long) all.most() / KIB_IN_MIB);
    }
}
