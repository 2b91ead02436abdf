package io.pdata.cli.pool;

import io.pdata.cli.tool.Console;
import io.pdata.cli.tool.Unfinished;
import io.pdata.replication.ImageSource;
import io.pdata.replication.Progress;
import io.pdata.replication.ResumeToken;
import io.pdata.replication.Sender;
import io.pdata.replication.TransferReport;
import io.pdata.server.Answer;
import io.pdata.server.Json;
import io.pdata.server.PoolFolder;
import io.pdata.server.PoolService;
import io.pdata.server.SendRequest;
import io.pdata.server.StreamReport;
import io.pdata.thin.pool.PoolOptions;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code pdata send}. */
@Command(name = "send", description = {"Writes a volume as a stream, for 'pdata receive'.",
    "Of a volume that can be written to, what it holds at that moment is sent. With --since, only what has changed since a"
            + " read-only snapshot that the receiver has received, or sent itself."}, customSynopsis = {
                "pdata send [OPTIONS] DIR VOLUME",
                "       pdata send [OPTIONS] --metadata FILE --data FILE VOLUME"}, footer = {
                    "", "Examples:", "  pdata send /srv/pool web@monday | ssh backup pdata receive /srv/pool",
                    "  pdata send /srv/pool web@tuesday --since web@monday -o tuesday.pds",
                    "  pdata send --metadata /dev/vg/pool_tmeta --data /dev/vg/pool_tdata 7 -o 7.pds"})
final class SendCommand implements Callable<Integer>, BinaryOutput {
    private final Terminal terminal;

    @Parameters(arity = "0..1", paramLabel = "DIR VOLUME", hideParamSyntax = true, description = "The folder of the pool, and the volume or snapshot to send.")
    private List<String> arguments = List.of();

    @Option(names = "--since", paramLabel = "SNAPSHOT", description = "Send only what has changed since this one.")
    private String since;

    @Option(names = "--resume", paramLabel = "TOKEN", description = "Go on where 'pdata receive --resumable' said that the stream broke.")
    private String token;

    @Option(names = "--no-compress", description = "Do not compress the stream (by zstd).")
    private boolean plain;

    @Option(names = {"-o",
        "--output"}, paramLabel = "FILE", description = "Write to a new file, not to standard output.")
    private Path output;

    @Mixin
    private ProgressOption progress;

    @Mixin
    private SourceOptions source;

    @Option(names = "--json", description = "Print what was sent as JSON, to standard error unless there is an --output.")
    private boolean json;

    @Option(names = {"-h", "--help"}, usageHelp = true, description = "Print help.")
    private boolean help;

    SendCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public boolean writesToStandardOutput() {
        return output == null;
    }

    @Override
    public Integer call() throws IOException {
        source.arguments(arguments, "VOLUME");
        if (output == null) {
            if (terminal.out() == System.out && Console.outputIsTerminal()) {
                throw source.wrong("a stream is nothing for a terminal: give it to 'pdata receive', or use --output");
            }
            report(send(standardOutput(terminal.out())), terminal.err());
        } else {
            report(sendToFile(), terminal.out());
        }
        return PoolMain.OK;
    }

    /** Written to directly where that is possible: a {@link PrintStream} does not tell of errors. */
    static OutputStream standardOutput(PrintStream out) {
        return out == System.out ? new FileOutputStream(FileDescriptor.out) : out;
    }

    private TransferReport sendToFile() throws IOException {
        boolean sent = false;
        try (Unfinished _ = Unfinished.file(output, terminal.err());
                OutputStream out = Files.newOutputStream(output, StandardOpenOption.CREATE_NEW,
                        StandardOpenOption.WRITE)) {
            try {
                TransferReport report = send(out);
                sent = true;
                return report;
            } finally {
                if (!sent) {
                    Files.deleteIfExists(output);
                }
            }
        }
    }

    private TransferReport send(OutputStream out) throws IOException {
        TransferLine line = progress.line(terminal);
        try {
            return send(out, line);
        } finally {
            line.end();
        }
    }

    private TransferReport send(OutputStream out, Progress line) throws IOException {
        if (source.images()) {
            ResumeToken resume = token == null ? null : ResumeToken.parse(token);
            try (ImageSource image = source.open(arguments.getFirst(), since)) {
                return Sender.send(image, resume, !plain, out, line);
            }
        }
        SendRequest request = new SendRequest(arguments.get(1), since, token, !plain);
        try (PoolService pool = new PoolFolder(Path.of(arguments.getFirst())).open(PoolOptions.defaults())) {
            return pool.send(request, out, line);
        }
    }

    private void report(TransferReport report, PrintStream to) {
        if (json) {
            to.println(Json.pretty(Answer.of(StreamReport.of(report))));
        } else {
            to.println("sent " + (report.incremental() ? "changes to '" : "'") + report.name() + "': "
                    + Sizes.format(report.data()) + " of data, in a stream of " + Sizes.format(report.stream()));
        }
    }
}
