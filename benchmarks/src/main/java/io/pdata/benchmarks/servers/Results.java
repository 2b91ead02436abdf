package io.pdata.benchmarks.servers;

import io.pdata.benchmarks.Spread;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/** The measurements of a run. */
final class Results {
    private final Map<Load, Map<String, List<Sample>>> samples = new LinkedHashMap<>();

    void add(Load load, String contender, Sample sample) {
        samples.computeIfAbsent(load, _ -> new LinkedHashMap<>()).computeIfAbsent(contender, _ -> new ArrayList<>())
                .add(sample);
    }

    List<Load> loads() {
        return List.copyOf(samples.keySet());
    }

    /** Empty if it has not been measured. */
    Optional<Spread> spread(Load load, String contender, ToDoubleFunction<Sample> figure) {
        return Optional.ofNullable(samples.get(load).get(contender))
                .map(all -> Spread.of(all.stream().mapToDouble(figure).toArray()));
    }

    /** How many times as fast one is as the other, round by round. */
    Optional<Spread> ratio(Load load, String contender, String other) {
        List<Sample> a = samples.get(load).get(contender);
        List<Sample> b = samples.get(load).get(other);
        if (a == null || b == null) {
            return Optional.empty();
        }
        double[] ratios = new double[Math.min(a.size(), b.size())];
        for (int i = 0; i < ratios.length; i++) {
            ratios[i] = a.get(i).operationsPerSecond() / b.get(i).operationsPerSecond();
        }
        return Optional.of(Spread.of(ratios));
    }
}
