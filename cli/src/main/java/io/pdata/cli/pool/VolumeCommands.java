package io.pdata.cli.pool;

import io.pdata.server.Answer;
import io.pdata.server.VolumeReport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code pdata volume}. */
@Command(name = "volume", description = "Makes volumes, lists, changes and deletes them.", synopsisSubcommandLabel = "COMMAND", footer = {
    "", "Example:",
    "  pdata volume list /srv/pool"})
final class VolumeCommands {
    private final Terminal terminal;

    @Spec
    private CommandSpec spec;

    @Option(names = {"-h", "--help"}, usageHelp = true, description = "Print help.")
    private boolean help;

    VolumeCommands(Terminal terminal) {
        this.terminal = terminal;
    }

    @Command(description = {"Makes an empty volume.",
        "It takes up room in the pool as it is written to.",
        "With an external origin it shows what that has where nothing has been written: many volumes on one image."
                + " Nobody may write to the image any more."}, footer = {"", "Examples:",
                    "  pdata volume create /srv/pool web 20G",
                    "  pdata volume create /srv/pool runner-7 --external-origin /srv/images/debian.raw"})
    int create(@Mixin Common common,
            @Parameters(index = "1", paramLabel = "NAME", description = "What to call it.") String name,
            @Parameters(index = "2", paramLabel = "SIZE", arity = "0..1", converter = Sizes.class, description = "How large it appears, for example 20G; without it as large as the external origin.") Long size,
            @Option(names = "--external-origin", paramLabel = "FILE", description = "A file or block device with raw content, which the volume shows where nothing has been written.") Path externalOrigin)
            throws IOException {
        if (size == null && externalOrigin == null) {
            throw new ParameterException(spec.subcommands().get("create"), "SIZE is missing");
        }
        String path = externalOrigin == null ? "" : externalOrigin.toAbsolutePath().toString();
        terminal.ask(common.folder, common.json,
                pool -> Answer.of(pool.createVolume(name, size == null ? 0 : size, path)),
                answer -> terminal.out()
                        .println("made volume '" + name + "' of " + Sizes.format(answer.volume().size())));
        return PoolMain.OK;
    }

    @Command(description = {"Lists all volumes, snapshots too.",
        "Data%% is how much of a volume has been written. Of that, Exclusive is what only this volume has, which is what"
                + " deleting it frees; Shared is what others have too."}, footer = {"", "Example:",
                    "  pdata volume list /srv/pool --sort -exclusive"})
    int list(@Mixin Common common, @Mixin VolumeTable table) throws IOException {
        return list(terminal, spec, common, table, _ -> true);
    }

    static int list(Terminal terminal, CommandSpec spec, Common common, VolumeTable table,
            Predicate<VolumeReport> wanted) throws IOException {
        Comparator<VolumeReport> order = table.order(spec.commandLine());
        terminal.ask(common.folder, common.json, pool -> {
            List<VolumeReport> volumes = pool.volumes().stream().filter(wanted).sorted(order).toList();
            return Answer.of(volumes);
        }, answer -> table.print(answer.volumes(), terminal.out()));
        return PoolMain.OK;
    }

    @Command(description = {"Changes the size of a volume. Clients see it when they connect again.",
        "To make it smaller takes --force, for what is beyond its new end is lost."}, footer = {"", "Example:",
            "  pdata volume resize /srv/pool web 40G"})
    int resize(@Mixin Common common,
            @Parameters(index = "1", paramLabel = "NAME", description = "The volume.") String name,
            @Parameters(index = "2", paramLabel = "SIZE", converter = Sizes.class, description = "How large it appears from now on.") long size,
            @Option(names = "--force", description = "Make it smaller if need be, and disconnect its clients then.") boolean force)
            throws IOException {
        terminal.ask(common.folder, common.json, pool -> Answer.of(pool.resizeVolume(name, size, force)),
                answer -> terminal.out()
                        .println("volume '" + name + "' has " + Sizes.format(answer.volume().size()) + " now"));
        return PoolMain.OK;
    }

    @Command(description = "Deletes a volume, whatever is a snapshot of it.", footer = {"", "Example:",
        "  pdata volume delete /srv/pool web"})
    int delete(@Mixin Common common,
            @Parameters(index = "1", paramLabel = "NAME", description = "The volume.") String name,
            @Option(names = "--force", description = "Also if it has clients: they are disconnected.") boolean force)
            throws IOException {
        terminal.ask(common.folder, common.json, pool -> {
            pool.deleteVolume(name, force);
            return Answer.DONE;
        }, _ -> terminal.out().println("deleted '" + name + "'"));
        return PoolMain.OK;
    }

    @Command(description = {"Gives a volume another name.",
        "Clients stay connected, and use the new name when they connect again."}, footer = {"", "Example:",
            "  pdata volume rename /srv/pool web web-old"})
    int rename(@Mixin Common common,
            @Parameters(index = "1", paramLabel = "NAME", description = "The volume.") String name,
            @Parameters(index = "2", paramLabel = "NEW_NAME", description = "What to call it from now on.") String newName)
            throws IOException {
        terminal.ask(common.folder, common.json, pool -> Answer.of(pool.renameVolume(name, newName)),
                _ -> terminal.out().println("'" + name + "' is called '" + newName + "' now"));
        return PoolMain.OK;
    }
}
