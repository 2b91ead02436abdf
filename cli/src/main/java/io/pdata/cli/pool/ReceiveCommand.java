package io.pdata.cli.pool;

import io.pdata.cli.tool.Console;
import io.pdata.replication.ReceiveOptions;
import io.pdata.server.Answer;
import io.pdata.server.StreamReport;
import io.pdata.server.UnfinishedReport;
import java.io.BufferedInputStream;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code pdata receive}. */
@Command(name = "receive", description = {"Makes a volume out of a stream that 'pdata send' has written.",
    "It is there when the stream has ended and all its checksums are right; otherwise nothing of it is. It cannot be written"
            + " to, so that changes to it can be received later: make a snapshot of it with --writable, or give --writable here.",
    "Streams that follow each other in the input are received one after the other, each under its own name."}, footer = {
        "", "Examples:", "  ssh server pdata send /srv/pool web@monday | pdata receive /srv/pool",
        "  pdata receive /srv/pool web-copy --writable -i monday.pds", "  pdata receive /srv/pool --list"})
final class ReceiveCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Spec
    private CommandSpec spec;

    @Mixin
    private Common common;

    @Parameters(index = "1", arity = "0..1", paramLabel = "NAME", description = "What to call it; otherwise as it was called where it comes from.")
    private String name;

    @Option(names = {"-i", "--input"}, paramLabel = "FILE", description = "Read from a file, not from standard input.")
    private Path input;

    @Option(names = "--writable", description = "A volume that can be written to; no changes to it can be received later.")
    private boolean writable;

    @Option(names = "--resumable", description = "If the stream breaks, keep what has come, and print a token for 'pdata send --resume'.")
    private boolean resumable;

    @Mixin
    private ProgressOption progress;

    @ArgGroup
    private Unfinished unfinished;

    /** What can be done about streams that broke. */
    static final class Unfinished {
        @Option(names = "--list", description = "List what has been received in part.")
        private boolean list;

        @Option(names = "--discard", paramLabel = "NAME", description = "Give up what has been received in part of this volume.")
        private String discard;
    }

    ReceiveCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws IOException {
        if (unfinished == null) {
            receive();
        } else if (unfinished.discard != null) {
            terminal.ask(common.folder, common.json, pool -> {
                pool.discardUnfinished(unfinished.discard);
                return Answer.DONE;
            }, _ -> terminal.out().println("gave up what there was of '" + unfinished.discard + "'"));
        } else {
            terminal.ask(common.folder, common.json, pool -> Answer.ofUnfinished(pool.unfinished()),
                    answer -> print(answer.unfinished()));
        }
        return PoolMain.OK;
    }

    private void receive() throws IOException {
        try (InputStream in = input()) {
            receiveOne(in);
            while (isMore(in)) {
                if (name != null) {
                    throw new IOException(
                            "another stream follows in the input, and has not been received: leave out NAME, and"
                                    + " each is received under the name that it has where it comes from");
                }
                receiveOne(in);
            }
        }
    }

    private void receiveOne(InputStream in) throws IOException {
        TransferLine line = progress.line(terminal);
        Answer answer = terminal.ask(common.folder, false, pool -> {
            try {
                return pool.receive(new ReceiveOptions(name, writable, resumable), in, line);
            } finally {
                line.end();
            }
        }, _ -> {});
        terminal.show(answer, common.json, done -> print(done.volume().name(), done.stream()));
    }

    /** Whether anything follows the stream that has been received; waits for the end of the input. */
    private static boolean isMore(InputStream in) throws IOException {
        in.mark(1);
        if (in.read() < 0) {
            return false;
        }
        in.reset();
        return true;
    }

    private InputStream input() throws IOException {
        if (input == null) {
            if (Console.inputIsTerminal()) {
                throw new ParameterException(spec.commandLine(),
                        "nobody types a stream: have 'pdata send' write it to here, or use --input");
            }
            return new BufferedInputStream(System.in);
        }
        if (Files.isDirectory(input)) {
            throw new IOException(input + ": is a folder");
        }
        return new BufferedInputStream(new FileInputStream(input.toFile()));
    }

    private void print(String volume, StreamReport stream) {
        terminal.out().println("received " + (stream.incremental() ? "changes: '" : "'") + volume + "', "
                + Sizes.format(stream.data()) + " of data");
    }

    private void print(List<UnfinishedReport> all) {
        Table table = new Table(List.of("Name", "Size", "Received", "Token"), List.of(false, true, true, false), true);
        all.forEach(each -> table.add(List.of(each.name(), Sizes.format(each.size()), Sizes.format(each.received()),
                each.token())));
        table.print(terminal.out());
    }
}
