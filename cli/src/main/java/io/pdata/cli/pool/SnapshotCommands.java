package io.pdata.cli.pool;

import io.pdata.server.Answer;
import io.pdata.server.DiffRange;
import io.pdata.server.DiffReport;
import io.pdata.server.PoolService;
import io.pdata.server.ServiceException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code pdata snapshot}. */
@Command(name = "snapshot", description = "Makes snapshots, lists and compares them, and goes back to them.", synopsisSubcommandLabel = "COMMAND", footer = {
    "", "Example:",
    "  pdata snapshot create /srv/pool web web@monday"})
final class SnapshotCommands {
    private final Terminal terminal;

    @Spec
    private CommandSpec spec;

    @Option(names = {"-h", "--help"}, usageHelp = true, description = "Print help.")
    private boolean help;

    SnapshotCommands(Terminal terminal) {
        this.terminal = terminal;
    }

    @Command(description = {"Makes a snapshot of a volume or of a snapshot, in a moment, also while it is in use.",
        "What a file system has not written yet is not in it: freeze it, or rely on its journal."}, footer = {"",
            "Example:", "  pdata snapshot create /srv/pool web web@monday"})
    int create(@Mixin Common common,
            @Parameters(index = "1", paramLabel = "VOLUME", description = "What to make it of.") String volume,
            @Parameters(index = "2", paramLabel = "NAME", description = "What to call it.") String name,
            @Option(names = "--writable", description = "One that can be written to: a volume that begins as a copy.") boolean writable)
            throws IOException {
        terminal.ask(common.folder, common.json, pool -> Answer.of(pool.createSnapshot(name, volume, !writable)),
                _ -> terminal.out().println("made snapshot '" + name + "' of '" + volume + "'"));
        return PoolMain.OK;
    }

    @Command(description = "Lists snapshots; see 'pdata volume list --help' for the columns.", footer = {"", "Example:",
        "  pdata snapshot list /srv/pool web"})
    int list(@Mixin Common common,
            @Parameters(index = "1", paramLabel = "VOLUME", arity = "0..1", description = "Only those of this volume.") String volume,
            @Mixin VolumeTable table) throws IOException {
        return VolumeCommands.list(terminal, spec, common, table,
                each -> each.snapshot() && (volume == null || each.origin().equals(volume)));
    }

    @Command(description = "Deletes a snapshot. Others, older or newer, stay as they are.", footer = {"", "Example:",
        "  pdata snapshot delete /srv/pool web@monday"})
    int delete(@Mixin Common common,
            @Parameters(index = "1", paramLabel = "NAME", description = "The snapshot.") String name,
            @Option(names = "--force", description = "Also if it has clients: they are disconnected.") boolean force)
            throws IOException {
        terminal.ask(common.folder, common.json, pool -> {
            requireSnapshot(pool, name);
            pool.deleteVolume(name, force);
            return Answer.DONE;
        }, _ -> terminal.out().println("deleted '" + name + "'"));
        return PoolMain.OK;
    }

    private static void requireSnapshot(PoolService pool, String name) {
        if (!pool.volume(name).snapshot()) {
            throw new ServiceException("INVALID",
                    "'" + name + "' is no snapshot; 'pdata volume delete' would delete it");
        }
    }

    @Command(description = {"Gives a volume the content of a snapshot, which stays.",
        "What was written to the volume since is lost, unless another snapshot has it."}, footer = {"", "Example:",
            "  pdata snapshot revert /srv/pool web web@monday"})
    int revert(@Mixin Common common,
            @Parameters(index = "1", paramLabel = "VOLUME", description = "The volume.") String volume,
            @Parameters(index = "2", paramLabel = "SNAPSHOT", description = "The snapshot.") String snapshot,
            @Option(names = "--force", description = "Also if the volume has clients: they are disconnected.") boolean force)
            throws IOException {
        terminal.ask(common.folder, common.json, pool -> Answer.of(pool.revert(volume, snapshot, force)),
                _ -> terminal.out().println("'" + volume + "' is as '" + snapshot + "' again"));
        return PoolMain.OK;
    }

    @Command(description = {"Lists the ranges in which a volume or snapshot differs from another.",
        "Each line has offset and length in bytes, and what is there: added (only B has something), removed (only A has), changed."}, footer = {
            "", "Example:", "  pdata snapshot diff /srv/pool web@monday web"})
    int diff(@Mixin Common common, @Parameters(index = "1", paramLabel = "A", description = "The one.") String from,
            @Parameters(index = "2", paramLabel = "B", description = "The other.") String to) throws IOException {
        if (common.json) {
            terminal.ask(common.folder, true, pool -> Answer.of(whole(pool, from, to)), _ -> {});
        } else {
            terminal.ask(common.folder, false, pool -> {
                DiffReport part = pool.diff(from, to, 0);
                print(part);
                while (part.next() >= 0) {
                    part = pool.diff(from, to, part.next());
                    print(part);
                }
                return Answer.DONE;
            }, _ -> {});
        }
        return PoolMain.OK;
    }

    private static DiffReport whole(PoolService pool, String from, String to) {
        DiffReport part = pool.diff(from, to, 0);
        List<DiffRange> ranges = new ArrayList<>(part.ranges());
        while (part.next() >= 0) {
            part = pool.diff(from, to, part.next());
            ranges.addAll(part.ranges());
        }
        return new DiffReport(part.blockSize(), ranges, part.next());
    }

    private void print(DiffReport part) {
        part.ranges().forEach(
                range -> terminal.out().println(range.offset() + " " + range.length() + " " + range.kind()));
    }
}
