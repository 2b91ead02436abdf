package io.pdata.cli.pool;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/** Rows in columns as wide as they need to be. */
final class Table {
    private static final String GAP = "  ";

    private final List<String> titles;
    private final List<Boolean> toTheRight;
    private final List<List<String>> rows = new ArrayList<>();

    private final boolean headings;

    /**
     * @param toTheRight of each column, whether it is aligned to the right
     * @param headings whether the titles are printed
     */
    Table(List<String> titles, List<Boolean> toTheRight, boolean headings) {
        this.headings = headings;
        this.titles = titles;
        this.toTheRight = toTheRight;
    }

    void add(List<String> row) {
        rows.add(row);
    }

    void print(PrintStream out) {
        int[] widths = new int[titles.size()];
        for (int column = 0; column < widths.length; column++) {
            int at = column;
            widths[column] = rows.stream().mapToInt(row -> row.get(at).length()).reduce(
                    headings ? titles.get(column).length() : 0,
                    Math::max);
        }
        if (headings) {
            out.println(line(titles, widths));
        }
        rows.forEach(row -> out.println(line(row, widths)));
    }

    private String line(List<String> cells, int[] widths) {
        StringBuilder line = new StringBuilder();
        for (int column = 0; column < widths.length; column++) {
            String space = " ".repeat(widths[column] - cells.get(column).length());
            line.append(column == 0 ? "" : GAP)
                    .append(toTheRight.get(column) ? space + cells.get(column) : cells.get(column) + space);
        }
        return line.toString().stripTrailing();
    }
}
