package io.pdata.cli.pool;

import io.pdata.cli.tool.Console;
import io.pdata.cli.tool.Unfinished;
import io.pdata.core.block.CorruptionException;
import io.pdata.nbd.Limits;
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
import io.pdata.server.ImageServer;
import io.pdata.server.Json;
import io.pdata.server.ListenAddress;
import io.pdata.server.PoolFolder;
import io.pdata.server.PoolService;
import io.pdata.server.ServerLog;
import io.pdata.server.StreamPipe;
import io.pdata.thin.ThinRequestException.Reason;
import io.pdata.thin.ThinRequestException;
import io.pdata.thin.pool.KnownVolumes;
import io.pdata.thin.pool.NamedVolume;
import io.pdata.thin.pool.PoolOptions;
import io.pdata.tools.ToolException;
import io.pdata.tools.thin.VolumeSearch;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code pdata extract}. */
@Command(name = "extract", description = {
    "Copies a volume out of a pool: into a sparse file, to standard output (-), to a"
            + " block device or to an NBD export.",
    "From metadata and data of any pool, also LVM's, without a kernel; with --salvage also where they are damaged: what"
            + " cannot be read comes out as zeroes, and is listed. Nothing is ever written to the pool."}, customSynopsis = {
                "pdata extract [OPTIONS] DIR VOLUME OUTPUT",
                "       pdata extract [OPTIONS] --metadata FILE --data FILE VOLUME OUTPUT",
                "       pdata extract [OPTIONS] --listen ADDRESS (DIR | --metadata FILE --data FILE) VOLUME"}, footer = {
                    "", "Examples:",
                    "  pdata extract --metadata tmeta.img --data tdata.img 7 disk.img",
                    "  pdata extract --salvage --metadata tmeta.img --data tdata.img 7 disk.img",
                    "  pdata extract --salvage --metadata tmeta.img --data tdata.img 7 --listen unix:/tmp/7.sock",
                    "  pdata extract /srv/pool web nbd://backup/web", "  pdata extract /srv/pool web - | gzip >web.gz"})
final class ExtractCommand implements Callable<Integer>, BinaryOutput {
    private static final int SHOWN = 20;

    private final Terminal terminal;

    @Spec
    private CommandSpec spec;

    /** What is to be said beside what was extracted. */
    private final List<String> notes = new ArrayList<>();

    @Parameters(arity = "0..1", paramLabel = "DIR VOLUME OUTPUT", hideParamSyntax = true, description = "The folder of the pool, the name or number of the volume, and where to.")
    private List<String> arguments = List.of();

    @Mixin
    private SourceOptions source;

    @Mixin
    private SalvageOptions damage;

    @Option(names = {"-f", "--force"}, description = "Overwrite a file, or a block device.")
    private boolean force;

    @Option(names = "--listen", paramLabel = "ADDRESS", description = "Copy nothing, but offer the volume for reading as an NBD export, at unix:PATH or HOST:PORT, until told to stop;"
            + " can be given several times. There is no OUTPUT then.")
    private List<String> listen = List.of();

    @Option(names = "--allow-public", description = "Listen on addresses that other machines can reach too: anybody there can then read the volume.")
    private boolean allowPublic;

    @Mixin
    private ProgressOption progress;

    @Option(names = "--json", description = "Print what was extracted as JSON; to standard error if the volume goes to standard output.")
    private boolean json;

    @Option(names = {"-h", "--help"}, usageHelp = true, description = "Print help.")
    private boolean help;

    ExtractCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public boolean writesToStandardOutput() {
        return !arguments.isEmpty() && arguments.getLast().equals("-");
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (!listen.isEmpty()) {
            return serve();
        }
        source.arguments(arguments, "VOLUME", "OUTPUT");
        TransferLine line = progress.line(terminal);
        Extraction.Report report;
        try (Unfinished _ = Unfinished.file(file(arguments.getLast()), terminal.err());
                Target target = target(arguments.getLast())) {
            report = extract(target, line);
        } finally {
            line.end();
        }
        print(report, writesToStandardOutput() ? terminal.err() : terminal.out());
        return report.lostBytes() > 0 ? PoolMain.FAILURE : PoolMain.OK;
    }

    /** Null if the volume goes somewhere else. */
    private static Path file(String output) {
        return output.equals("-") || NbdClient.isUri(output) ? null : Path.of(output);
    }

    private Target target(String output) {
        if (output.equals("-")) {
            if (terminal.out() == System.out && Console.outputIsTerminal()) {
                throw source.wrong("a volume is nothing for a terminal: name a file, or what reads it");
            }
            return new OutputTarget(SendCommand.standardOutput(terminal.out()));
        }
        return NbdClient.isUri(output) ? new NbdTarget(output) : FileTarget.open(Path.of(output), force);
    }

    private Extraction.Report extract(Target target, Progress line) throws IOException {
        VolumeSearch.Known around = damage.around();
        if (source.images()) {
            return extract(() -> source.open(arguments.getFirst(), around), target, line);
        }
        Path folder = Path.of(arguments.getFirst());
        String volume = arguments.get(1);
        if (around != null || source.unlocked()) {
            return extract(() -> source.open(folder, required(folder, volume), around), target, line);
        }
        PoolFolder pool = new PoolFolder(folder);
        try (PoolService open = pool.open(PoolOptions.defaults());
                StreamPipe pipe = new StreamPipe(open, known(folder, volume).map(NamedVolume::name).orElse(volume))) {
            return Extraction.extract(pipe.input(), target, line);
        }
    }

    private Extraction.Report extract(Supplier<ImageSource> images, Target target, Progress line) {
        try (ImageSource image = images.get()) {
            notes.addAll(image.notes());
            if (source.sizeIsUnknown()) {
                notes.add(
                        "the metadata do not know how large the volume is: it was taken to end where the last mapped block"
                                + " does; --size says it");
            }
            return Extraction.extract(image, target, damage.salvage(), line);
        } catch (CorruptionException | ToolException e) {
            if (damage.around() == null
                    && (e instanceof CorruptionException || e.getCause() instanceof CorruptionException)) {
                throw new ToolException(e.getMessage() + "; --salvage goes round it", e);
            }
            throw e;
        }
    }

    private static NamedVolume required(Path folder, String volume) {
        return known(folder, volume).orElseThrow(() -> new ThinRequestException(Reason.UNKNOWN_DEVICE,
                folder + ": no volume '" + volume + "' is known"));
    }

    /** By its name; if there is none of that name, by its number. */
    private static Optional<NamedVolume> known(Path folder, String volume) {
        List<NamedVolume> all = KnownVolumes.in(folder);
        return all.stream().filter(each -> each.name().equals(volume)).findFirst()
                .or(() -> all.stream().filter(each -> Long.toString(each.id()).equals(volume)).findFirst());
    }

    // ---- as an NBD export ----

    private int serve() throws IOException, InterruptedException {
        if (force || json || progress.always()) {
            throw source.wrong("--listen copies nothing: --force, --json and --progress mean nothing with it");
        }
        source.arguments(arguments, "VOLUME");
        List<ListenAddress> addresses = ListenOption.addresses(spec, listen, allowPublic, "read the volume");
        ImageSource image = openToServe();
        image.notes().forEach(terminal.err()::println);
        ServerLog log = new ServerLog(terminal.err());
        ImageServer server = ImageServer.start(image, addresses, Limits.defaults(), log::client);
        UntilTold.close(server::close, log);
        announce(server, image.size());
        UntilTold.await();
        return PoolMain.OK;
    }

    private ImageSource openToServe() {
        VolumeSearch.Known around = damage.around();
        if (source.images()) {
            return source.open(arguments.getFirst(), around);
        }
        Path folder = Path.of(arguments.getFirst());
        return source.open(folder, required(folder, arguments.get(1)), around);
    }

    private void announce(ImageServer server, long size) {
        terminal.out().println("offering " + server.export() + ", " + Sizes.format(size) + ", for reading");
        server.addresses().forEach(address -> terminal.out().println("listening on " + address));
        String uri = "'" + server.addresses().getFirst().uri(server.export()) + "'";
        terminal.out().println("to read it, for example:");
        terminal.out().println("  nbdinfo --map " + uri);
        terminal.out().println("  nbdcopy " + uri + " disk.img");
        terminal.out().flush();
    }

    private void print(Extraction.Report report, PrintStream to) {
        if (json) {
            to.println(Json.pretty(Answer.of(ExtractReport.of(report, notes))));
            return;
        }
        notes.forEach(terminal.err()::println);
        to.println("extracted " + Sizes.format(report.size()) + ", of which " + Sizes.format(report.data())
                + " are not zeroes");
        if (report.lostBytes() > 0) {
            terminal.err().println("lost " + report.lostBytes() + " bytes, which are zeroes now (position, length):");
            report.lost().stream().limit(SHOWN)
                    .forEach(lost -> terminal.err().println("  " + lost.position() + " " + lost.length()));
            if (report.lost().size() > SHOWN) {
                terminal.err().println("  and elsewhere: --json lists more");
            }
        }
    }
}
