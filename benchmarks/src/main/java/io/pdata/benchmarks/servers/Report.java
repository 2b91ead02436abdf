package io.pdata.benchmarks.servers;

import io.pdata.benchmarks.Spread;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.VectorGraphicsEncoder;
import org.knowm.xchart.VectorGraphicsEncoder.VectorGraphicsFormat;
import org.knowm.xchart.style.Styler.LegendPosition;

/** Writes results as tables in Markdown and as charts. */
final class Report {
    private static final int WIDTH = 900;
    private static final int HEIGHT = 420;

    private final Results results;
    private final List<String> contenders;

    /** @param contenders the first of them is the one that the others are compared with */
    Report(Results results, List<String> contenders) {
        this.results = results;
        this.contenders = contenders;
    }

    /** Writes {@code servers.md} and a chart for each group of loads. */
    void write(Path folder) throws IOException {
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("servers.md"), tables());
        for (String group : groups()) {
            VectorGraphicsEncoder.saveVectorGraphic(chart(group), folder.resolve(fileOf(group)).toString(),
                    VectorGraphicsFormat.SVG);
        }
    }

    private static String fileOf(String group) {
        return "servers-" + group.replace(' ', '-');
    }

    /** Links to the charts in {@code folder}, for a document in Markdown. */
    String links(Path folder, Path document) {
        Path there = document.toAbsolutePath().getParent().relativize(folder.toAbsolutePath());
        StringBuilder text = new StringBuilder();
        groups().forEach(group -> text.append("![%s](%s/%s.svg)\n".formatted(group, there, fileOf(group))));
        return text.toString();
    }

    private List<String> groups() {
        return List.copyOf(new LinkedHashSet<>(results.loads().stream().map(Load::group).toList()));
    }

    String tables() {
        StringBuilder text = new StringBuilder("Operations a second (least - most), median of all rounds in bold:\n\n");
        table(text, contenders, (load, contender) -> results.spread(load, contender, Sample::operationsPerSecond)
                .map(spread -> range(spread, "%,.0f")));
        text.append("\n").append(contenders.getFirst())
                .append(": how many times as fast as the others, round by round:\n\n");
        List<String> others = contenders.subList(1, contenders.size());
        table(text, others, (load, other) -> results.ratio(load, contenders.getFirst(), other)
                .map(spread -> range(spread, "%.2f")));
        text.append("\nThe server's processor time for an operation, in microseconds:\n\n");
        table(text, contenders, (load, contender) -> results.spread(load, contender, Sample::processorMicros)
                .map(spread -> range(spread, "%.1f")));
        return text.toString();
    }

    @FunctionalInterface
    private interface Cell {
        Optional<String> of(Load load, String contender);
    }

    private void table(StringBuilder text, List<String> columns, Cell cell) {
        text.append("| |");
        columns.forEach(column -> text.append(' ').append(column).append(" |"));
        text.append("\n|---|").append("---|".repeat(columns.size())).append('\n');
        for (Load load : results.loads()) {
            text.append("| ").append(load.name()).append(" |");
            columns.forEach(column -> text.append(' ').append(cell.of(load, column).orElse("-")).append(" |"));
            text.append('\n');
        }
    }

    private static String range(Spread spread, String format) {
        return String.format(Locale.ROOT, "**" + format + "** (" + format + " - " + format + ")", spread.median(),
                spread.least(), spread.most());
    }

    private CategoryChart chart(String group) {
        CategoryChart chart = new CategoryChartBuilder().width(WIDTH).height(HEIGHT)
                .title(group + ": operations a second, median; depth x connections").build();
        chart.getStyler().setYAxisDecimalPattern("#,###").setYAxisMin(0.0).setLegendPosition(LegendPosition.InsideNW);
        List<Load> loads = results.loads().stream().filter(load -> load.group().equals(group)).toList();
        for (String contender : contenders) {
            List<Double> medians = new ArrayList<>();
            List<Double> errors = new ArrayList<>();
            for (Load load : loads) {
                Optional<Spread> spread = results.spread(load, contender, Sample::operationsPerSecond);
                medians.add(spread.map(Spread::median).orElse(0.0));
                errors.add(spread.map(one -> (one.most() - one.least()) / 2).orElse(0.0));
            }
            chart.addSeries(contender, loads.stream().map(Load::name).toList(), medians, errors);
        }
        return chart;
    }
}
