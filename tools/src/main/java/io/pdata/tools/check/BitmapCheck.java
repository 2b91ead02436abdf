package io.pdata.tools.check;

import io.pdata.core.block.Bytes;
import io.pdata.core.spacemap.BitmapBlock;
import io.pdata.tools.Finding.Kind;
import io.pdata.tools.Finding;
import io.pdata.tools.Findings;
import io.pdata.tools.Severity;
import java.lang.foreign.MemorySegment;

/** Compares the bitmaps of a space map, in ascending order, with the counts that they should have. */
final class BitmapCheck {
    private static final long LOW_BITS = 0x5555_5555_5555_5555L;
    private static final int WORDS_AT = 16;
    private static final int WORDS = BitmapBlock.ENTRIES / ReferenceCounts.PACKED;

    private final String structure;
    private final Findings findings;
    private final long blocks;
    private final ReferenceCounts expected;
    private final OverflowCounts overflow;
    private final CountDifferences differences;
    private final long[] words = new long[WORDS];
    private final long[] expectedWords = new long[WORDS];
    private final BeyondEnd beyondEnd;
    private long allocated;
    private boolean complete = true;

    // Of the bitmap that was checked last.
    private int free;
    private int freeBelowEnd;
    private int entriesBeyondEnd;
    private int firstFree;

    /** @param overflow the counts of 3 and more, or null if they cannot be had */
    BitmapCheck(String structure, Findings findings, long blocks, ReferenceCounts expected, OverflowCounts overflow,
            CountDifferences differences) {
        this.structure = structure;
        this.findings = findings;
        this.blocks = blocks;
        this.expected = expected;
        this.overflow = overflow;
        this.differences = differences;
        this.beyondEnd = new BeyondEnd(blocks);
    }

    /** Reports findings that need all bitmaps; after the last one. */
    void finish() {
        differences.finish();
        beyondEnd.report(structure, "counts %s blocks beyond its end, from block %s on", findings);
    }

    /** How many blocks the bitmaps count as in use. */
    long allocated() {
        return allocated;
    }

    /** Whether all bitmaps could be checked. */
    boolean complete() {
        return complete;
    }

    /** Says that no bitmap up to this one can be checked, unless it has been. */
    void skip(long number) {
        complete = false;
        if (overflow != null) {
            overflow.skip((number + 1) * BitmapBlock.ENTRIES);
        }
    }

    /** Compares all counts of a bitmap. */
    void check(long number, MemorySegment bitmap) {
        free = 0;
        freeBelowEnd = 0;
        firstFree = BitmapBlock.ENTRIES;
        long first = number * BitmapBlock.ENTRIES;
        entriesBeyondEnd = BitmapBlock.ENTRIES - Math.clamp(blocks - first, 0, BitmapBlock.ENTRIES);
        MemorySegment.copy(bitmap, Bytes.U64, WORDS_AT, words, 0, WORDS);
        long wordsInside = Math.ceilDiv(Math.max(blocks - first, 0), ReferenceCounts.PACKED);
        expected.packed(first, expectedWords, (int) Math.min(wordsInside, WORDS));
        for (int w = 0; w < WORDS; w++, first += ReferenceCounts.PACKED) {
            long stored = words[w];
            int inside = Math.clamp(blocks - first, 0, ReferenceCounts.PACKED);
            tally(stored, w, inside);
            long counts = (stored & LOW_BITS) << 1 | stored >>> 1 & LOW_BITS;
            if (inside < ReferenceCounts.PACKED) {
                counts = clearBeyondEnd(counts, first, inside);
            }
            boolean overflows = (counts & counts >>> 1 & LOW_BITS) != 0;
            if (inside > 0 && (overflows || counts != expectedWords[w])) {
                compareOneByOne(counts, first, inside);
            }
        }
    }

    private void tally(long stored, int word, int inside) {
        long zero = ~(stored | stored >>> 1) & LOW_BITS;
        if (zero != 0 && firstFree == BitmapBlock.ENTRIES) {
            firstFree = word * ReferenceCounts.PACKED + (Long.numberOfTrailingZeros(zero) >> 1);
        }
        long mask = inside == 0 ? 0 : -1L >>> Long.SIZE - 2 * inside;
        int zeroInside = Long.bitCount(zero & mask);
        free += Long.bitCount(zero);
        freeBelowEnd += zeroInside;
        allocated += inside - zeroInside;
    }

    private long clearBeyondEnd(long counts, long first, int inside) {
        long kept = inside == 0 ? 0 : counts & -1L >>> Long.SIZE - 2 * inside;
        long beyond = (counts | counts >>> 1) & LOW_BITS & ~((kept | kept >>> 1) & LOW_BITS);
        if (beyond != 0) {
            beyondEnd.add(first + (Long.numberOfTrailingZeros(beyond) >> 1), Long.bitCount(beyond));
        }
        return kept;
    }

    private void compareOneByOne(long counts, long first, int inside) {
        for (int i = 0; i < inside; i++) {
            long block = first + i;
            long counted = counts >>> 2 * i & 3;
            long references = expected.get(block);
            if (counted == BitmapBlock.OVERFLOW) {
                if (overflow == null) {
                    references = Math.min(references, BitmapBlock.OVERFLOW);
                } else {
                    counted = overflow.take(block);
                    if (counted < 0) {
                        counted = BitmapBlock.OVERFLOW;
                        references = Math.min(references, BitmapBlock.OVERFLOW);
                        findings.addRepairable(Finding.of(Severity.FATAL, Kind.WRONG_COUNT, structure, block,
                                "is missing in the overflow tree"));
                    }
                }
            }
            if (counted != references && !countedInTree(block, references, counted)) {
                differences.add(block, references, counted);
            }
        }
    }

    /** Whether only the bitmap is wrong about a block: the overflow tree has its count. */
    private boolean countedInTree(long block, long references, long counted) {
        if (references < BitmapBlock.OVERFLOW || counted >= BitmapBlock.OVERFLOW || overflow == null
                || overflow.take(block) != references) {
            return false;
        }
        findings.addRepairable(Finding.of(Severity.FATAL, Kind.WRONG_COUNT, structure, block, "has the count "
                + references + " in the overflow tree, but its bitmap says " + counted));
        return true;
    }

    /**
     * Compares the bitmap checked last with its index entry. Entries beyond the end may count as free, as the kernel
     * has it, whatever they say, or not at all.
     */
    void checkEntry(long number, long location, int saidFree, int noneFreeBefore) {
        if (saidFree != free && saidFree != freeBelowEnd && saidFree != freeBelowEnd + entriesBeyondEnd) {
            add(location, "bitmap " + number + " has " + free + " free entries, but its index entry says "
                    + Integer.toUnsignedString(saidFree));
        }
        if (Integer.compareUnsigned(noneFreeBefore, firstFree) > 0) {
            add(location,
                    "entry " + firstFree + " of bitmap " + number + " is free, but its index entry says that none is"
                            + " before " + Integer.toUnsignedString(noneFreeBefore));
        }
    }

    private void add(long location, String problem) {
        findings.addRepairable(Finding.of(Severity.NON_FATAL, Kind.WRONG_TOTAL, structure, location, problem));
    }
}
