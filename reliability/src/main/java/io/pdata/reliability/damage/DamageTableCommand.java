package io.pdata.reliability.damage;

import io.pdata.testkit.PeerTools;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Writes the table of {@code docs/damage.md}. */
@Command(name = "damage-table", mixinStandardHelpOptions = true, description = {
    "Makes every kind of damage there is in the catalogue, and prints what our check makes of it, and those of "
            + "thin-provisioning-tools as far as they are installed (interop/lab/peer-tools)."}, footer = {"",
                "Example:", "  reliability/run damage-table > docs/damage.md"})
public final class DamageTableCommand implements Callable<Integer> {
    @Option(names = "--peer", paramLabel = "NAME=DIR", description = "Further tools to compare with: a name for their "
            + "column and the folder with thin_check, cache_check and era_check.")
    private Map<String, Path> more = Map.of();

    @Override
    public Integer call() {
        List<Peer> peers = new ArrayList<>(installed());
        more.forEach((name, folder) -> peers.add(new Peer(name, folder)));
        List<Damage> kinds = DamageCatalogue.all();
        DamageTable table = DamageTable.of(kinds, peers);
        System.out.print(introduction(kinds, peers));
        System.out.print(table.markdown(kinds, peers));
        return 0;
    }

    /** The versions that this project compares itself with, where they are. */
    static List<Peer> installed() {
        return PeerTools.ready()
                ? PeerTools.VERSIONS.stream().map(version -> new Peer(version, PeerTools.folder(version))).toList()
                : List.of();
    }

    private static String introduction(List<Damage> kinds, List<Peer> peers) {
        return """
                # Damage, and who finds it

                Written by `reliability/run damage-table`; do not edit. %d kinds of damage to small images, each done %d
                times (seeds 0 to %d) with checksums that are right afterwards. Our verdict is the most severe finding.
                For the others - thin-provisioning-tools %s - it says whether the check's exit status tells that
                something is wrong; "-" is no, "crashes" an abnormal end (a signal, or a panic).

                """.formatted(kinds.size(), DamageTable.SEEDS, DamageTable.SEEDS - 1,
                String.join(", ", peers.stream().map(Peer::name).toList()));
    }
}
