package io.pdata.tools.thin;

import java.util.Arrays;

/**
 * Which blocks of a device are in use, and how many of them come before any place.
 *
 * <p>Memory: one bit for each block, in pages of {@value #PAGE} blocks of which at least one is in use, and 16 bytes
 * for each page that there could be. Not thread-safe.
 */
final class UsedBlocks {
    private static final int PAGE = 1 << 16;
    private static final int WORDS = PAGE / Long.SIZE;

    private final long blocks;
    private final long[][] pages;
    /** How many blocks in use there are before each page, and at last in all; known once they have been counted. */
    private final long[] before;

    /** None of {@code blocks} blocks is in use. */
    UsedBlocks(long blocks) {
        this.blocks = blocks;
        this.pages = new long[Math.toIntExact(Math.ceilDiv(blocks, PAGE))][];
        this.before = new long[pages.length + 1];
    }

    /** How many blocks there are. */
    long blocks() {
        return blocks;
    }

    /** The blocks from {@code begin} to before {@code end} are in use. */
    void add(long begin, long end) {
        for (long at = begin; at < end;) {
            long[] page = page(at);
            int word = (int) (at % PAGE) / Long.SIZE;
            int bit = (int) (at % Long.SIZE);
            int n = (int) Math.min(end - at, Long.SIZE - bit);
            page[word] |= -1L >>> Long.SIZE - n << bit;
            at += n;
        }
    }

    private long[] page(long block) {
        int index = (int) (block / PAGE);
        if (pages[index] == null) {
            pages[index] = new long[WORDS];
        }
        return pages[index];
    }

    /** Counts them. To be called after all have been added, before any of the following. O(pages). */
    void count() {
        for (int i = 0; i < pages.length; i++) {
            before[i + 1] = before[i] + (pages[i] == null ? 0 : Arrays.stream(pages[i]).map(Long::bitCount).sum());
        }
    }

    /** How many there are. */
    long used() {
        return before[pages.length];
    }

    /** How many there are before a block, which may be the end of the device. O(1): at most {@value #WORDS} words. */
    long usedBefore(long block) {
        int index = (int) (block / PAGE);
        if (index == pages.length || pages[index] == null) {
            return before[index];
        }
        long[] page = pages[index];
        int words = (int) (block % PAGE) / Long.SIZE;
        long sum = before[index];
        for (int i = 0; i < words; i++) {
            sum += Long.bitCount(page[i]);
        }
        int bits = (int) (block % Long.SIZE);
        return bits == 0 ? sum : sum + Long.bitCount(page[words] << Long.SIZE - bits);
    }

    /** The block that is not in use and has {@code rank} such blocks before it; there has to be one. O(log pages). */
    long free(long rank) {
        int low = 0;
        for (int high = pages.length; high - low > 1;) {
            int middle = low + high >>> 1;
            if ((long) middle * PAGE - before[middle] <= rank) {
                low = middle;
            } else {
                high = middle;
            }
        }
        long rest = rank - ((long) low * PAGE - before[low]);
        return pages[low] == null ? (long) low * PAGE + rest : (long) low * PAGE + free(pages[low], rest);
    }

    private static int free(long[] page, long rank) {
        long rest = rank;
        for (int i = 0; i < WORDS; i++) {
            int free = Long.SIZE - Long.bitCount(page[i]);
            if (rest < free) {
                long candidates = ~page[i];
                for (; rest > 0; rest--) {
                    candidates &= candidates - 1;
                }
                return i * Long.SIZE + Long.numberOfTrailingZeros(candidates);
            }
            rest -= free;
        }
        throw new IllegalArgumentException("a page does not have so many free blocks");
    }

    /** The first block from {@code from} on that is in use, or {@code limit} if there is none before. */
    long nextUsed(long from, long limit) {
        return next(from, limit, 0);
    }

    /** The first block from {@code from} on that is not in use, or {@code limit} if there is none before. */
    long nextFree(long from, long limit) {
        return next(from, limit, -1L);
    }

    /** @param flip what makes a word of what is looked for one with bits that are set */
    private long next(long from, long limit, long flip) {
        for (long at = from; at < limit;) {
            long[] page = pages[(int) (at / PAGE)];
            if (page == null && flip == 0) {
                at = (at / PAGE + 1) * PAGE;
                continue;
            }
            long word = page == null ? 0 : page[(int) (at % PAGE) / Long.SIZE];
            long found = (word ^ flip) >>> at % Long.SIZE;
            if (found != 0) {
                return Math.min(limit, at + Long.numberOfTrailingZeros(found));
            }
            at = (at / Long.SIZE + 1) * Long.SIZE;
        }
        return limit;
    }
}
