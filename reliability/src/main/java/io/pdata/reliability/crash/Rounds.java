package io.pdata.reliability.crash;

import io.pdata.reliability.campaign.StateFile;
import io.pdata.reliability.workload.Workload;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;

/**
 * A long run, in rounds: each goes through every workload once, with the next seed. What has been done is kept in a file
 * after each workload, so that a run that was stopped goes on where it was; of what was under way nothing is kept.
 */
final class Rounds {
    private final List<Job> jobs;
    private final StateFile file;
    private final TreeMap<String, Figures> figures = new TreeMap<>();
    private long seed;
    private int next;

    /** Goes through one workload with one seed. */
    interface Job {
        /** Under which its figures are kept. */
        String name();

        /** @return what was done, or null if it was stopped */
        Figures run(long seed, BooleanSupplier goOn);
    }

    /** All short sequences. */
    record Exhaustive<C>(Workload<C> workload, int length, long cacheBytes) implements Job {
        @Override
        public String name() {
            return workload.name() + (cacheBytes == 0 ? ".tiny-cache" : "") + ".exhaustive";
        }

        @Override
        public Figures run(long seed, BooleanSupplier goOn) {
            ExhaustiveCampaign<C> campaign = new ExhaustiveCampaign<>(workload,
                    ExhaustiveCampaign.Plan.of(seed, length, cacheBytes), _ -> {});
            return campaign.run(goOn) ? campaign.figures() : null;
        }
    }

    /** One life of crashes. */
    record Random<C>(Workload<C> workload, int cycles) implements Job {
        @Override
        public String name() {
            return workload.name() + ".random";
        }

        @Override
        public Figures run(long seed, BooleanSupplier goOn) {
            RandomCampaign<C> campaign = new RandomCampaign<>(workload, RandomCampaign.Plan.of(seed, cycles), _ -> {});
            return campaign.run(goOn) ? campaign.figures() : null;
        }
    }

    /**
     * Begins with a seed, or goes on where the file says.
     *
     * @param file may be null
     */
    Rounds(List<Job> jobs, long seed, Path file) {
        this.jobs = jobs;
        this.seed = seed;
        this.file = new StateFile(file, "power cuts " + String.join(" ", jobs.stream().map(Job::name).toList()));
        load();
    }

    /** The seed of the round under way. */
    long seed() {
        return seed;
    }

    /** What has been done, by the names of the jobs. */
    TreeMap<String, Figures> figures() {
        return figures;
    }

    /**
     * Does the next job.
     *
     * @return false if it was stopped
     * @throws AssertionError if a crash leaves what it must not
     */
    boolean step(BooleanSupplier goOn) {
        Job job = jobs.get(next);
        Figures done = job.run(seed, goOn);
        if (done == null) {
            return false;
        }
        figures.computeIfAbsent(job.name(), _ -> new Figures()).add(done);
        next++;
        if (next == jobs.size()) {
            next = 0;
            seed++;
        }
        store();
        return true;
    }

    /** The job that is next. */
    Job job() {
        return jobs.get(next);
    }

    private void load() {
        Properties properties = file.load();
        if (!properties.isEmpty()) {
            seed = Long.parseLong(properties.getProperty("seed"));
            next = Integer.parseInt(properties.getProperty("next"));
            jobs.forEach(job -> figures.put(job.name(), Figures.load(properties, job.name() + ".")));
        }
    }

    private void store() {
        Properties properties = new Properties();
        properties.setProperty("seed", Long.toString(seed));
        properties.setProperty("next", Integer.toString(next));
        figures.forEach((name, done) -> done.store(properties, name + "."));
        file.store(properties);
    }
}
