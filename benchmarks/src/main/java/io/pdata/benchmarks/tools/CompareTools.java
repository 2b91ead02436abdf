package io.pdata.benchmarks.tools;

import io.pdata.benchmarks.Spread;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine;

/**
 * Has the tools of this project and others do the same jobs in turn: in each round every job once by each, the one that
 * begins changing from round to round. Round 0 warms up the machine's caches and does not count.
 */
@Command(name = "tools", mixinStandardHelpOptions = true, showDefaultValues = true, description = "Compares the tools with others of the same names: time and memory. Needs GNU time.", footer = {
    "", "Example: benchmarks/tools --peer $(interop/lab/peer-tools path 1.1.0) --data ./images --report tools.md"})
public final class CompareTools implements Callable<Integer> {
    @Option(names = "--peer", required = true, description = "a folder with the other programs")
    private Path peer;

    @Option(names = "--peer-name", defaultValue = "peer", description = "what to call them")
    private String peerName;

    @Option(names = "--mappings", split = ",", defaultValue = "100000,8000000,32000000", description = "how many mappings the metadata has; one table for each")
    private List<Long> mappings;

    @Option(names = "--nearly-empty", description = "100000 mappings on the largest device there can be, nearly 16 GiB, as well")
    private boolean nearlyEmpty;

    @Option(names = "--cold", description = "empty the page cache before each run; for root")
    private boolean cold;

    @Option(names = "--rounds", defaultValue = "5", description = "how often each job is measured")
    private int rounds;

    @Option(names = "--only", split = ",", description = "only these jobs")
    private List<String> only = List.of();

    @Option(names = "--data", required = true, description = "a folder for images, which are kept for the next run; some GiB")
    private Path data;

    @Option(names = "--report", required = true, description = "where the tables are written")
    private Path report;

    @Option(names = "--pdata", defaultValue = "${sys:pdata.program}", description = "the program to be measured")
    private Path program;

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new CompareTools()).execute(arguments));
    }

    @Override
    public Integer call() throws IOException {
        Programs ours = new Programs("pdata", program.toRealPath());
        Programs others = new Programs(peerName, peer.toRealPath());
        Path folder = Files.createDirectories(data).toRealPath();
        StringBuilder tables = new StringBuilder();
        for (Images images : images(folder, ours)) {
            List<Comparison> comparisons = new ArrayList<>();
            for (Job job : Job.on(images, folder)) {
                if (only.isEmpty() || only.contains(job.name())) {
                    comparisons.add(compare(job, ours, others, folder));
                }
            }
            tables.append(table(images, comparisons, others.name()));
        }
        Files.writeString(report, tables);
        System.out.print(tables);
        return 0;
    }

    private List<Images> images(Path folder, Programs ours) throws IOException {
        List<Images> all = new ArrayList<>();
        for (long count : mappings) {
            all.add(Images.in(folder, count + " mappings", count, 0, ours));
        }
        if (nearlyEmpty) {
            all.add(Images.in(folder, "100000 mappings on 16 GiB", 100_000, Images.LARGEST_DEVICE, ours));
        }
        return all;
    }

    private record Comparison(Job job, List<Measurement> ours, List<Measurement> others) {}

    private Comparison compare(Job job, Programs ours, Programs others, Path folder) throws IOException {
        Comparison all = new Comparison(job, new ArrayList<>(), new ArrayList<>());
        List<Programs> turn = new ArrayList<>(List.of(ours, others));
        for (int round = 0; round <= rounds; round++) {
            for (Programs programs : turn) {
                if (programs.have(job.tool())) {
                    Measurement measured = measure(job, programs, folder);
                    if (round > 0) {
                        (programs == ours ? all.ours : all.others).add(measured);
                    }
                }
            }
            Collections.reverse(turn);
        }
        return all;
    }

    private Measurement measure(Job job, Programs programs, Path folder) throws IOException {
        job.prepare();
        if (cold) {
            Measurement.of(List.of("sync"), folder);
            Files.writeString(Path.of("/proc/sys/vm/drop_caches"), "3");
        }
        Measurement measured = Measurement.of(programs.command(job.tool(), job.arguments()), folder);
        System.err.printf(Locale.ROOT, "%s, %s, %s: %.3f s, %d MiB%n", job.images().label(), job.name(),
                programs.name(), measured.seconds(), measured.peakKib() >> 10);
        return measured;
    }

    private static String table(Images images, List<Comparison> comparisons, String other) {
        StringBuilder text = new StringBuilder("### " + images.label() + "\n\n| | pdata, s | " + other
                + ", s | times as fast | pdata, MiB | " + other + ", MiB |\n|---|---|---|---|---|---|\n");
        for (Comparison one : comparisons) {
            text.append("| ").append(one.job.name()).append(" | ").append(times(one.ours)).append(" | ")
                    .append(times(one.others)).append(" | ").append(ratio(one)).append(" | ").append(memory(one.ours))
                    .append(" | ").append(memory(one.others)).append(" |\n");
        }
        return text.append('\n').toString();
    }

    private static String times(List<Measurement> all) {
        return all.isEmpty()
                ? "-"
                : range(Spread.of(all.stream().mapToDouble(Measurement::seconds).toArray()), "%.2f");
    }

    /** Round by round, for what slows the machine down for a while slows down both. */
    private static String ratio(Comparison one) {
        if (one.ours.isEmpty() || one.others.isEmpty()) {
            return "-";
        }
        double[] ratios = new double[one.ours.size()];
        for (int i = 0; i < ratios.length; i++) {
            ratios[i] = one.others.get(i).seconds() / one.ours.get(i).seconds();
        }
        return range(Spread.of(ratios), "%.2f");
    }

    private static String memory(List<Measurement> all) {
        return all.isEmpty()
                ? "-"
                : String.valueOf(all.stream().mapToLong(Measurement::peakKib).max().orElseThrow() >> 10);
    }

    private static String range(Spread spread, String format) {
        return String.format(Locale.ROOT, "**" + format + "** (" + format + " - " + format + ")", spread.median(),
                spread.least(), spread.most());
    }
}
