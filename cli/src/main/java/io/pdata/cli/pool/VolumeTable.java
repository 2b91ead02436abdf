package io.pdata.cli.pool;

import io.pdata.server.VolumeReport;
import java.io.PrintStream;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine;

/** How a table of volumes is to look. */
final class VolumeTable {
    @Option(names = "--units", paramLabel = "UNIT", defaultValue = "h", description = "Sizes in b (bytes), k, m, g, t (KiB to TiB), or what suits each: h. Default: ${DEFAULT-VALUE}.")
    private Sizes.Unit unit;

    @Option(names = {"-o",
        "--columns"}, paramLabel = "NAME", split = ",", description = "What to show, of: ${COMPLETION-CANDIDATES}.")
    private List<VolumeColumn> columns;

    @Option(names = "--sort", paramLabel = "NAME", defaultValue = "name", description = "The column to sort by; with a - before it, the largest first. Default: ${DEFAULT-VALUE}.")
    private String sort;

    @Option(names = "--no-headings", description = "Leave out the titles of the columns.")
    private boolean noHeadings;

    /** The order that was asked for. */
    Comparator<VolumeReport> order(CommandLine line) {
        boolean down = sort.startsWith("-");
        try {
            Comparator<VolumeReport> order = VolumeColumn.valueOf(down ? sort.substring(1) : sort).order();
            return down ? order.reversed() : order;
        } catch (IllegalArgumentException e) {
            throw new ParameterException(line, "there is no column '" + sort + "' to sort by");
        }
    }

    void print(List<VolumeReport> volumes, PrintStream out) {
        List<VolumeColumn> shown = columns == null ? usual(volumes) : columns;
        Table table = new Table(shown.stream().map(VolumeColumn::title).toList(),
                shown.stream().map(VolumeColumn::isNumber).toList(), !noHeadings);
        volumes.forEach(volume -> table.add(shown.stream().map(column -> column.cell(volume, unit)).toList()));
        table.print(out);
    }

    /** The damage is shown if there is any. */
    private static List<VolumeColumn> usual(List<VolumeReport> volumes) {
        boolean damaged = volumes.stream().anyMatch(volume -> volume.damage() != null);
        return damaged
                ? Stream.concat(VolumeColumn.USUAL.stream(), Stream.of(VolumeColumn.damage)).toList()
                : VolumeColumn.USUAL;
    }
}
