package io.pdata.core.btree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.pdata.core.block.Bytes;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.junit.jupiter.api.Test;

class NodeTest {
    private final MemorySegment node = MemorySegment.ofArray(new byte[Bytes.BLOCK_SIZE]);

    @Test
    void searchAgreesWithAScanForEveryNumberOfEntries() {
        for (int entries = 0; entries <= 252; entries++) {
            Node.format(node, NodeLayout.LEAF, 252, 8);
            Node.setEntries(node, entries);
            for (int i = 0; i < entries; i++) {
                Node.setKey(node, i, Long.MAX_VALUE - entries + 2L * i);
            }
            for (long key = Long.MAX_VALUE - entries - 1; key != Long.MAX_VALUE + entries + 2; key++) {
                int lower = -1;
                while (lower + 1 < entries && Long.compareUnsigned(Node.key(node, lower + 1), key) <= 0) {
                    lower++;
                }
                boolean exact = lower >= 0 && Node.key(node, lower) == key;
                int upper = exact ? lower : lower + 1;
                if (Node.lower(node, key) != lower || Node.upper(node, key) != upper) {
                    fail("key %d of %d entries: %d, %d", key, entries, Node.lower(node, key), Node.upper(node, key));
                }
            }
        }
    }

    /** An optimistic reader may see any bytes at all; an IndexOutOfBoundsException there would be a crash of its caller. */
    @Test
    void readingGarbageNeverLeavesTheBlock() {
        Random random = new Random(5);
        byte[] garbage = new byte[Bytes.BLOCK_SIZE];
        for (int i = 0; i < 20_000; i++) {
            random.nextBytes(garbage);
            MemorySegment.copy(MemorySegment.ofArray(garbage), 0, node, 0, garbage.length);
            int slot = Math.max(Node.lower(node, random.nextLong()), 0);
            Node.key(node, slot);
            Node.longValue(node, slot);
            for (int size : new int[]{1, 24, 1346}) {
                assertThat(Node.valueOffset(node, slot, size)).isBetween(0L, (long) Bytes.BLOCK_SIZE - size);
            }
        }
    }
}
