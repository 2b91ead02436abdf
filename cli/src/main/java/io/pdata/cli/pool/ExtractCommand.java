package io.pdata.cli.pool;

import io.pdata.nbd.NbdClient;
import io.pdata.replication.Extraction;
import io.pdata.replication.FileTarget;
import io.pdata.replication.ImageSource;
import io.pdata.replication.NbdTarget;
import io.pdata.replication.OutputTarget;
import io.pdata.replication.Progress;
import io.pdata.replication.Target;
import io.pdata.server.Answer;
import io.pdata.server.ExtractReport;
import io.pdata.server.Json;
import io.pdata.server.PoolFolder;
import io.pdata.server.PoolService;
import io.pdata.server.StreamPipe;
import io.pdata.thin.ThinRequestException.Reason;
import io.pdata.thin.ThinRequestException;
import io.pdata.thin.pool.KnownVolumes;
import io.pdata.thin.pool.NamedVolume;
import io.pdata.thin.pool.PoolOptions;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code pdata extract}. */
@Command(name = "extract", description = {
    "Copies a volume out of a pool: into a sparse file, to standard output (-), to a"
            + " block device or to an NBD export.",
    "From metadata and data of any pool, also LVM's, without a kernel; with --salvage also where they are damaged: what"
            + " cannot be read comes out as zeroes, and is listed. Nothing is ever written to the pool."}, customSynopsis = {
                "pdata extract [OPTIONS] DIR VOLUME OUTPUT",
                "pdata extract [OPTIONS] --metadata FILE --data FILE VOLUME OUTPUT"}, footer = {"", "Examples:",
                    "  pdata extract --metadata tmeta.img --data tdata.img 7 disk.img",
                    "  pdata extract --salvage --metadata tmeta.img --data tdata.img 7 disk.img",
                    "  pdata extract /srv/pool web nbd://backup/web", "  pdata extract /srv/pool web - | gzip >web.gz"})
final class ExtractCommand implements Callable<Integer> {
    private static final int SHOWN = 20;

    private final Terminal terminal;

    @Parameters(arity = "2..3", paramLabel = "ARGUMENT", description = "The folder of the pool, the name or number of the volume, and where to.")
    private List<String> arguments;

    @Mixin
    private SourceOptions source;

    @Option(names = "--salvage", description = "Go on where something cannot be read; of a folder, read metadata and data as they lie there, without what was not committed.")
    private boolean salvage;

    @Option(names = "--root", paramLabel = "BLOCK", defaultValue = "-1", description = "The root of the volume's mapping tree, where nothing leads to it any more.")
    private long root;

    @Option(names = {"-f", "--force"}, description = "Overwrite a file, or a block device.")
    private boolean force;

    @Option(names = "--progress", description = "Show progress also if standard error is no terminal.")
    private boolean progress;

    @Option(names = "--json", description = "Print what was extracted as JSON; to standard error if the volume goes to standard output.")
    private boolean json;

    @Option(names = {"-h", "--help"}, usageHelp = true, description = "Print help.")
    private boolean help;

    ExtractCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws IOException {
        source.arguments(arguments, "VOLUME", "OUTPUT");
        String output = arguments.getLast();
        TransferLine line = new TransferLine(terminal, progress);
        Extraction.Report report;
        try (Target target = target(output)) {
            report = extract(target, line);
        } finally {
            line.end();
        }
        print(report, output.equals("-") ? terminal.err() : terminal.out());
        return report.lostBytes() > 0 ? PoolMain.FAILURE : PoolMain.OK;
    }

    private Target target(String output) {
        if (output.equals("-")) {
            return new OutputTarget(SendCommand.standardOutput(terminal.out()));
        }
        return NbdClient.isUri(output) ? new NbdTarget(output) : FileTarget.open(Path.of(output), force);
    }

    private Extraction.Report extract(Target target, Progress line) throws IOException {
        if (source.images()) {
            try (ImageSource image = source.open(arguments.getFirst(), null, root)) {
                return Extraction.extract(image, target, salvage, line);
            }
        }
        Path folder = Path.of(arguments.getFirst());
        if (salvage || source.unlocked() || root >= 0) {
            NamedVolume volume = known(folder, arguments.get(1));
            Path origin = volume.externalOrigin().isEmpty() ? null : Path.of(volume.externalOrigin());
            try (ImageSource image = source.open(folder.resolve("metadata"), folder.resolve("data"), volume.id(), -1,
                    root, volume.size(), origin)) {
                return Extraction.extract(image, target, salvage, line);
            }
        }
        try (PoolService pool = new PoolFolder(folder).open(PoolOptions.defaults());
                StreamPipe pipe = new StreamPipe(pool, arguments.get(1))) {
            return Extraction.extract(pipe.input(), target, line);
        }
    }

    private static NamedVolume known(Path folder, String volume) {
        return KnownVolumes.in(folder).stream()
                .filter(each -> each.name().equals(volume) || Long.toString(each.id()).equals(volume)).findFirst()
                .orElseThrow(() -> new ThinRequestException(Reason.UNKNOWN_DEVICE,
                        folder + ": no volume '" + volume + "' is known"));
    }

    private void print(Extraction.Report report, PrintStream to) {
        if (json) {
            to.println(Json.pretty(Answer.of(ExtractReport.of(report))));
            return;
        }
        to.println("extracted " + Sizes.format(report.size()) + ", of which " + Sizes.format(report.data())
                + " are not zeroes");
        if (report.lostBytes() > 0) {
            terminal.err().println("lost " + report.lostBytes() + " bytes, which are zeroes now, at:");
            report.lost().stream().limit(SHOWN)
                    .forEach(lost -> terminal.err().println("  " + lost.position() + " " + lost.length()));
            if (report.lost().size() > SHOWN) {
                terminal.err().println("  and elsewhere: --json lists more");
            }
        }
    }
}
