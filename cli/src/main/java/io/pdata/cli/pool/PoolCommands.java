package io.pdata.cli.pool;

import io.pdata.server.Answer;
import io.pdata.server.CheckReport;
import io.pdata.server.LocalPool;
import io.pdata.server.NewPool;
import io.pdata.server.PoolFolder;
import io.pdata.server.PoolReport;
import io.pdata.server.PoolService;
import io.pdata.thin.pool.NamedPool;
import io.pdata.thin.pool.PoolEvents;
import io.pdata.thin.pool.PoolOptions;
import java.io.IOException;
import java.io.PrintStream;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code pdata pool}. */
@Command(name = "pool", description = "Makes pools, and looks after them.", synopsisSubcommandLabel = "COMMAND", footer = {
    "", "Example:",
    "  pdata pool status /srv/pool"})
final class PoolCommands {
    private final Terminal terminal;

    @Spec
    private CommandSpec spec;

    @Option(names = {"-h", "--help"}, usageHelp = true, description = "Print help.")
    private boolean help;

    PoolCommands(Terminal terminal) {
        this.terminal = terminal;
    }

    @Command(description = {"Makes an empty pool in a folder, which is made if need be.",
        "The data file is sparse: it takes up what volumes have written."}, footer = {"", "Example:",
            "  pdata pool create /srv/pool --data-size 500G"})
    int create(@Mixin Common common, @Mixin NewPoolOptions sizes) throws IOException {
        NewPool wanted = sizes.newPool(common.folder);
        try (PoolService pool = new LocalPool(NamedPool.create(common.folder, wanted.geometry(),
                PoolOptions.defaults(), PoolEvents.NONE))) {
            terminal.show(Answer.of(pool.status()), common.json, answer -> print(answer.pool()));
        }
        return PoolMain.OK;
    }

    @Command(description = "Shows how a pool is.", footer = {"", "Example:", "  pdata pool status /srv/pool"})
    int status(@Mixin Common common) throws IOException {
        terminal.ask(common.folder, common.json, pool -> Answer.of(pool.status()), answer -> print(answer.pool()));
        return PoolMain.OK;
    }

    @Command(description = {"Gives a pool more room, also while it is being served.",
        "A pool cannot become smaller."}, footer = {"", "Example:", "  pdata pool resize /srv/pool --data-size 1T"})
    int resize(@Mixin Common common,
            @Option(names = "--data-size", paramLabel = "SIZE", converter = Sizes.class, defaultValue = "0", description = "How large the data file is from now on.") long data,
            @Option(names = "--metadata-size", paramLabel = "SIZE", converter = Sizes.class, defaultValue = "0", description = "How large the metadata file is from now on.") long metadata)
            throws IOException {
        if (data == 0 && metadata == 0) {
            throw new ParameterException(spec.subcommands().get("resize"),
                    "--data-size, --metadata-size or both: nothing else can be resized");
        }
        terminal.ask(common.folder, common.json, pool -> Answer.of(pool.resize(data, metadata)),
                answer -> print(answer.pool()));
        return PoolMain.OK;
    }

    @Command(description = {"Checks the metadata of a pool, as its last commit left them; it can be used meanwhile.",
        "Ends with 1 if anything is wrong."}, footer = {"", "Examples:", "  pdata pool check /srv/pool",
            "  pdata pool check /srv/pool --clear-needs-check"})
    int check(@Mixin Common common,
            @Option(names = "--clear-needs-check", description = "If nothing is wrong, take away the mark that the pool needs a check, which keeps it read-only. Not while it is being served.") boolean clear)
            throws IOException {
        if (clear) {
            Answer answer = Answer.of(new PoolFolder(common.folder).checkAndClear());
            terminal.show(answer, common.json, found -> print(found.check()));
            return statusOf(answer);
        }
        return statusOf(terminal.ask(common.folder, common.json, pool -> Answer.of(pool.check()),
                found -> print(found.check())));
    }

    private static int statusOf(Answer found) {
        return found.check().clean() ? PoolMain.OK : PoolMain.FAILURE;
    }

    private void print(CheckReport found) {
        found.findings().forEach(terminal.out()::println);
        terminal.out().println(found.clean() ? "clean" : "not clean");
        if (found.needsCheck()) {
            terminal.out().println("marked as in need of a check, and read-only until that is taken away:"
                    + " 'pdata pool check --clear-needs-check'");
        }
    }

    private void print(PoolReport pool) {
        PrintStream out = terminal.out();
        String mode = pool.mode() + (pool.needsCheck() ? ", needs a check" : "");
        out.println("mode          " + mode);
        if (!pool.reason().isEmpty()) {
            out.println("reason        " + pool.reason());
            out.println("remedy        " + pool.remedy());
        }
        out.println("data          " + room(pool.dataUsed(), pool.dataSize()));
        out.println("metadata      " + room(pool.metadataUsed(), pool.metadataSize()));
        out.println("block size    " + Sizes.format(pool.blockSize()));
        out.println("volumes       " + pool.volumes());
        out.println("transaction   " + pool.transactionId());
        if (!pool.storageReturned()) {
            out.println("storage       is kept when volumes give it up: the file system cannot make holes in files");
        }
        if (pool.damaged() != null) {
            out.println("damaged       " + String.join(", ", pool.damaged())
                    + ": 'pdata volume list --json' shows what cannot be read");
        }
        if (pool.metadataSnapshot()) {
            out.println("held          a metadata snapshot: nothing that it has is freed");
        }
        out.println(pool.serverPid() == 0
                ? "served        no"
                : "served        by process " + pool.serverPid() + ", clients: " + pool.clients());
    }

    private static String room(long used, long size) {
        return String.format(Locale.ROOT, "%s of %s, %s%%", Sizes.format(used), Sizes.format(size),
                Sizes.percent(used, size));
    }
}
