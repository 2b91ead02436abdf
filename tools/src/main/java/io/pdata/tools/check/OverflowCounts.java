package io.pdata.tools.check;

import io.pdata.core.block.Bytes;
import io.pdata.core.btree.BTreeReader;
import io.pdata.core.btree.Cursor;
import io.pdata.core.transaction.BlockReader;
import io.pdata.tools.Finding.Kind;
import io.pdata.tools.Finding;
import io.pdata.tools.Findings;
import io.pdata.tools.Severity;
import java.lang.foreign.MemorySegment;

/** Goes through the tree with the counts of 3 and more of a space map, in step with its bitmaps. */
final class OverflowCounts implements AutoCloseable {
    /** The size of a count in the tree, in bytes. */
    static final int VALUE_SIZE = 4;
    /** The smallest count that belongs in the tree. */
    private static final long SMALLEST = 3;

    private final String structure;
    private final Findings findings;
    private final Cursor cursor;
    private final MemorySegment value = MemorySegment.ofArray(new byte[VALUE_SIZE]);
    private final BeyondEnd beyondEnd;

    /** @param end the block after the last one that is counted */
    OverflowCounts(BlockReader blocks, long root, String structure, long end, Findings findings) {
        this.structure = structure;
        this.findings = findings;
        this.cursor = new BTreeReader(blocks, 1, VALUE_SIZE).cursor(root);
        this.beyondEnd = new BeyondEnd(end);
    }

    /** The count of a block, or -1 if the tree has none. Blocks must be asked for in ascending order. */
    long take(long block) {
        passSurplus(block);
        if (!cursor.valid() || cursor.key() != block) {
            return -1;
        }
        cursor.value(value);
        long count = Integer.toUnsignedLong(value.get(Bytes.U32, 0));
        cursor.next();
        if (count < SMALLEST) {
            add(block, "has the count " + count + " in the overflow tree, which is for " + SMALLEST + " and more");
        }
        return count;
    }

    /** Passes over the counts of all blocks below {@code end}: their bitmaps cannot be looked at. */
    void skip(long end) {
        while (cursor.valid() && Long.compareUnsigned(cursor.key(), end) < 0) {
            cursor.next();
        }
    }

    /** Reports what is left in the tree: counts of blocks whose bitmap entry does not ask for one. */
    void finish() {
        passSurplus(-1);
        beyondEnd.report(structure, "has %s blocks beyond its end in the overflow tree, from block %s on", findings);
    }

    private void passSurplus(long below) {
        while (cursor.valid() && Long.compareUnsigned(cursor.key(), below) < 0) {
            if (!beyondEnd.add(cursor.key(), 1)) {
                add(cursor.key(), "is in the overflow tree, but its bitmap does not say so");
            }
            cursor.next();
        }
    }

    private void add(long block, String problem) {
        findings.addRepairable(Finding.of(Severity.FATAL, Kind.WRONG_COUNT, structure, block, problem));
    }

    @Override
    public void close() {
        cursor.close();
    }
}
