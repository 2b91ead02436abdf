package io.pdata.benchmarks.servers;

import io.pdata.benchmarks.MarkedPart;
import io.pdata.benchmarks.servers.Contender.State;
import io.pdata.benchmarks.servers.Contender.Target;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Puts the same loads on all servers, in turn: every round measures each load once on each server, beginning with another
 * server each time. Round 0 warms up and does not count. What has been written is read once before each measurement, so that
 * it is in the page cache whatever the operating system has thrown out meanwhile.
 */
@Command(name = "servers", mixinStandardHelpOptions = true, showDefaultValues = true, description = "Compares pdata serve with qemu-nbd (qcow2, raw) and nbdkit (file). Needs fio, qemu-utils and nbdkit.", footer = {
    "",
    "Example: benchmarks/servers --rounds 5 --seconds 2 --data ./volumes --report docs/charts --into docs/servers.md"})
public final class CompareServers implements Callable<Integer> {

    @Option(names = "--rounds", defaultValue = "5", description = "how often each load is measured")
    private int rounds;

    @Option(names = "--seconds", defaultValue = "3", description = "how long each measurement takes")
    private int seconds;

    @Option(names = "--data", required = true, description = "a folder for volumes and images, up to 30 GiB, which are removed in the end")
    private Path data;

    @Option(names = "--report", required = true, description = "where tables and charts are written")
    private Path report;

    @Option(names = "--into", description = "a document that the tables are written into as well, between marks")
    private Path document;

    @Option(names = "--pdata", defaultValue = "${sys:pdata.program}", description = "the program to be measured")
    private Path program;

    @Option(names = "--only", description = "only loads whose names begin so")
    private String only = "";

    private final Results results = new Results();
    private final List<Path> folders = new ArrayList<>();

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new CompareServers()).execute(arguments));
    }

    @Override
    public Integer call() throws IOException {
        List<Contender> contenders = new ArrayList<>();
        Thread ending = new Thread(() -> ProcessHandle.current().descendants().forEach(ProcessHandle::destroy));
        Runtime.getRuntime().addShutdownHook(ending); // also when it is interrupted
        try {
            contenders.add(new Pdata(folder("pdata"), program.toRealPath()));
            contenders.add(new Qcow2(folder("qcow2")));
            contenders.add(RawFile.qemuNbd(folder("raw")));
            contenders.add(RawFile.nbdkit(folder("nbdkit")));
            List<String> names = contenders.stream().map(Contender::name).toList();
            for (int round = 0; round <= rounds; round++) {
                round(round, contenders);
                Collections.rotate(contenders, 1);
            }
            Report written = new Report(results, names);
            written.write(report);
            if (document != null) {
                MarkedPart.replace(document, "servers", written.tables() + "\n" + written.links(report, document));
            }
            System.out.println(written.tables());
            return 0;
        } finally {
            for (Contender contender : contenders) {
                contender.close();
            }
            for (Path made : folders) {
                remove(made);
            }
        }
    }

    private Path folder(String name) throws IOException {
        Path made = Files.createDirectories(data.toAbsolutePath()).resolve(name);
        Files.createDirectory(made); // only what is ours is removed
        folders.add(made);
        return made;
    }

    private static void remove(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(each);
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
