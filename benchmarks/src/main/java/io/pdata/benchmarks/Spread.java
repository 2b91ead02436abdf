package io.pdata.benchmarks;

import java.util.Arrays;

/**
 * What several measurements of the same thing said.
 *
 * @param least the smallest
 * @param median the one in the middle
 * @param most the largest
 */
public record Spread(double least, double median, double most) {
    public static Spread of(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int half = sorted.length / 2;
        double middle = sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
        return new Spread(sorted[0], middle, sorted[sorted.length - 1]);
    }
}
