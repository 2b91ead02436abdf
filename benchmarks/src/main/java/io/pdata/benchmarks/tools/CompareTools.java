package io.pdata.benchmarks.tools;

import io.pdata.benchmarks.ComparisonOptions;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine;

/**
 * Has the tools of this project and others do the same jobs in turn: in each round every job once by each, the one that
 * begins changing from round to round. Round 0 warms up the machine's caches and does not count.
 */
@Command(name = "tools", mixinStandardHelpOptions = true, showDefaultValues = true, description = "Compares the tools with others of the same names: time and memory. Needs GNU time, and some GiB for images, which are kept for the next run.", footer = {
    "",
    "Example: benchmarks/tools --peer $(interop/lab/peer-tools path 1.1.0) --data ./images --report tools.md --into docs/tools-speed.md"})
public final class CompareTools implements Callable<Integer> {
    private static final Pattern SMALL_CHECK = Pattern.compile("4-check +wall +([0-9]+)");

    @Mixin
    private ComparisonOptions options;

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

    @Option(names = "--only", split = ",", description = "only these jobs")
    private List<String> only = List.of();

    @Option(names = "--report", required = true, description = "where the tables are written")
    private Path report;

    @Option(names = "--start-up", description = "measure, too, what a small check takes from its start; --pdata is of a program that is installed, then")
    private boolean startUp;

    @Option(names = "--start-up-script", hidden = true, defaultValue = "${sys:pdata.startup}")
    private Path startUpScript;

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new CompareTools()).execute(arguments));
    }

    @Override
    public Integer call() throws IOException {
        Programs ours = new Programs("pdata", options.program());
        Programs others = new Programs(peerName, peer.toRealPath());
        Path folder = options.data();
        Report tables = new Report(others.name());
        for (Images images : images(folder, ours)) {
            List<Comparison> comparisons = new ArrayList<>();
            for (Job job : Job.on(images, folder)) {
                if (only.isEmpty() || only.contains(job.name())) {
                    comparisons.add(compare(job, ours, others, folder));
                }
            }
            tables.add(images, comparisons, limits(images, folder));
        }
        if (startUp) {
            startUp(tables);
        }
        Files.writeString(report, tables.markdown());
        options.document("tools", tables.markdown());
        System.out.print(tables.markdown());
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

    private Comparison compare(Job job, Programs ours, Programs others, Path folder) throws IOException {
        Comparison all = new Comparison(job);
        List<Programs> turn = new ArrayList<>(List.of(ours, others));
        for (int round = 0; round <= options.rounds(); round++) {
            for (Programs programs : turn) {
                if (programs.have(job.tool())) {
                    Measurement measured = measure(job, programs, folder);
                    if (round > 0) {
                        all.add(programs == ours, measured);
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
        System.err.printf(Locale.ROOT, "%s, %s, %s: %.3f s, %.3f s of processors, %d MiB%n", job.images().label(),
                job.name(), programs.name(), measured.seconds(), measured.processorSeconds(),
                measured.peakKib() >> 10);
        return measured;
    }

    /** What reading and copying the same bytes takes, by programs that do nothing else. */
    private static String limits(Images images, Path folder) throws IOException {
        if (images.nearlyEmpty()) {
            return ""; // what is not stored is read in no time
        }
        Path copy = folder.resolve("made.img");
        Measurement read = Measurement.of(List.of("cat", images.binary().toString()), folder);
        Measurement copied = Measurement.of(List.of("cp", images.binary().toString(), copy.toString()), folder);
        Measurement text = Measurement.of(List.of("cat", images.xml().toString()), folder);
        return String.format(Locale.ROOT,
                "The metadata are %d MiB, as text %d MiB. To read them takes `cat` %.2f s, the text %.2f s; `cp` takes"
                        + " %.2f s for the metadata.%n",
                images.size() >> 20, Files.size(images.xml()) >> 20, read.seconds(), text.seconds(), copied.seconds());
    }

    private void startUp(Report tables) throws IOException {
        Path folder = options.program().getParent().getParent();
        Process process = new ProcessBuilder(startUpScript.toString(), folder.toString())
                .redirectError(Redirect.INHERIT)
                .start();
        String lines = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        Matcher check = SMALL_CHECK.matcher(lines);
        if (!check.find()) {
            throw new IOException(startUpScript + " did not measure a check: " + lines);
        }
        tables.addStartUp(lines, Integer.parseInt(check.group(1)));
    }
}
