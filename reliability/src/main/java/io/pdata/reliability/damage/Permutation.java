package io.pdata.reliability.damage;

import java.util.Random;

/** The numbers from 0 to {@code size - 1} in an order that a seed decides, each once, without a table of them. */
final class Permutation {
    private final long size;
    private final long factor;
    private final long shift;

    Permutation(long size, long seed) {
        Random random = new Random(seed);
        this.size = size;
        this.shift = size == 0 ? 0 : random.nextLong(size);
        long candidate = size < 3 ? 1 : random.nextLong(size / 2, size);
        while (gcd(candidate, size) != 1) {
            candidate--;
        }
        this.factor = candidate;
    }

    /** @param i below 2^31, as the size is, so that products fit */
    long get(long i) {
        return (i % size * factor + shift) % size;
    }

    private static long gcd(long a, long b) {
        return b == 0 ? a : gcd(b, a % b);
    }
}
