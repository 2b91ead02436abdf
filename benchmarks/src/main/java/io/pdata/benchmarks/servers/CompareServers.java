package io.pdata.benchmarks.servers;

import io.pdata.benchmarks.ComparisonOptions;
import io.pdata.benchmarks.MadeFolders;
import io.pdata.benchmarks.servers.Contender.State;
import io.pdata.benchmarks.servers.Contender.Target;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Puts the same loads on all servers, in turn: every round measures each load once on each server, beginning with another
 * server each time. Round 0 warms up and does not count. What has been written is read once before each measurement, so that
 * it is in the page cache whatever the operating system has thrown out meanwhile.
 */
@Command(name = "servers", mixinStandardHelpOptions = true, showDefaultValues = true, description = "Compares pdata serve with qemu-nbd (qcow2, raw) and nbdkit (file). Needs fio, qemu-utils and nbdkit, and up to 30 GiB of room, which is made free in the end.", footer = {
    "",
    "Example: benchmarks/servers --rounds 5 --seconds 2 --data ./volumes --report docs/charts --into docs/servers.md"})
public final class CompareServers implements Callable<Integer> {

    @Mixin
    private ComparisonOptions options;

    @Option(names = "--seconds", defaultValue = "3", description = "how long each measurement takes")
    private int seconds;

    @Option(names = "--report", required = true, description = "where tables and charts are written")
    private Path report;

    @Option(names = "--only", description = "only loads whose names begin so")
    private String only = "";

    private final Results results = new Results();

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new CompareServers()).execute(arguments));
    }

    @Override
    public Integer call() throws IOException {
        Thread ending = new Thread(() -> ProcessHandle.current().descendants().forEach(ProcessHandle::destroy));
        Runtime.getRuntime().addShutdownHook(ending); // also when it is interrupted
        try (MadeFolders folders = new MadeFolders(options.data())) {
            List<String> names = measure(folders);
            Report written = new Report(results, names);
            written.write(report);
            if (options.document() != null) {
                options.document("servers", written.tables() + "\n" + written.links(report, options.document()));
            }
            System.out.println(written.tables());
            return 0;
        }
    }

    /** Returns the contenders' names. */
    private List<String> measure(MadeFolders folders) throws IOException {
        List<Contender> contenders = new ArrayList<>();
        try {
            contenders.add(new Pdata(folders.make("pdata"), options.program()));
            contenders.add(new Qcow2(folders.make("qcow2")));
            contenders.add(RawFile.qemuNbd(folders.make("raw")));
            contenders.add(RawFile.nbdkit(folders.make("nbdkit")));
            List<String> names = contenders.stream().map(Contender::name).toList();
            for (int round = 0; round <= options.rounds(); round++) {
                round(round, contenders);
                Collections.rotate(contenders, 1);
            }
            return names;
        } finally {
            for (Contender contender : contenders) {
                contender.close();
            }
        }
    }

    private void round(int round, List<Contender> contenders) throws IOException {
        for (Load load : Load.all()) {
            if (!load.name().startsWith(only)) {
                continue;
            }
            for (Contender contender : contenders) {
                Optional<Target> target = contender.prepare(load.state());
                if (target.isPresent()) {
                    if (load.state() == State.WRITTEN) {
                        Fio.readAll(target.get().uri(), load.state().size);
                    }
                    Sample sample = Fio.measure(target.get(), load, seconds);
                    System.err.printf(Locale.ROOT, "round %d, %s, %s: %,.0f/s, %.1f us%n", round, load.name(),
                            contender.name(), sample.operationsPerSecond(), sample.processorMicros());
                    if (round > 0) {
                        results.add(load, contender.name(), sample);
                    }
                }
            }
        }
    }
}
