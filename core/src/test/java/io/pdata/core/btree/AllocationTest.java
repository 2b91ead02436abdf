package io.pdata.core.btree;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.testkit.Allocations;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

/** The hot paths leave nothing for the garbage collector: at 1 M/s, one small object each would be 16 MB/s. */
class AllocationTest {
    private static final int ENTRIES = 20_000;
    private static final int OPERATIONS = 200_000;
    /** What measuring itself, and a recompilation now and then, may take. */
    private static final long NOISE = 20_000;

    private interface Operation {
        void run(long i);
    }

    private static void assertAllocatesNothing(Operation operation) {
        long least = Long.MAX_VALUE;
        for (int round = 0; round < 5; round++) {
            long before = Allocations.bytesOfThisThread();
            for (long i = 0; i < OPERATIONS; i++) {
                operation.run(i % ENTRIES);
            }
            least = Math.min(least, Allocations.bytesOfThisThread() - before);
        }
        assertThat(least).as("bytes for " + OPERATIONS + " operations").isLessThan(NOISE);
    }

    @Test
    void lookupsOverwritesAndCursorsAllocateNothing() {
        try (TreeLab lab = new TreeLab(2000)) {
            BTree btree = new BTree(lab.transactions, 1, ValueType.plain(8));
            TreeRoot root = btree.empty();
            for (int i = 0; i < ENTRIES; i++) {
                btree.insertLong(root, i, i);
            }
            MemorySegment value = MemorySegment.ofArray(new byte[8]);
            assertAllocatesNothing(i -> btree.lookupLong(root.block(), i, -1));
            assertAllocatesNothing(i -> btree.lookup(root.block(), i, value));
            assertAllocatesNothing(i -> btree.insertLong(root, i, -i));
            Cursor[] cursor = {btree.cursor(root.block())};
            assertAllocatesNothing(_ -> {
                if (!cursor[0].next()) {
                    cursor[0] = btree.cursor(root.block());
                }
            });
            cursor[0].close();
        }
    }
}
