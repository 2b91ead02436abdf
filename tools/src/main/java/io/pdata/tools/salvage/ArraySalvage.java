package io.pdata.tools.salvage;

import io.pdata.core.array.ArrayBlock;
import io.pdata.core.block.Block;
import io.pdata.core.block.CorruptionException;
import io.pdata.core.btree.WalkedNode;
import io.pdata.core.device.DeviceException;
import io.pdata.core.transaction.BlockReader;
import java.lang.foreign.MemorySegment;

/**
 * Reads all of an array, and says of each value either what it is or that it is lost. Bounded memory; each block is read
 * once. Not thread-safe.
 */
public final class ArraySalvage {
    private final BlockReader blocks;
    private final int valueSize;
    private final int perBlock;

    /** What gets the values, in ascending order and without a gap. */
    public interface Visitor {
        /** @param block has {@code count} values, from {@code first} on; valid during the call only */
        void values(long first, MemorySegment block, int count);

        /** @param block the metadata block that cannot be used, or -1 */
        void lost(long first, long count, long block, String problem);
    }

    /** @param valueSize the size of a value in bytes */
    public ArraySalvage(BlockReader blocks, int valueSize) {
        this.blocks = blocks;
        this.valueSize = valueSize;
        this.perBlock = ArrayBlock.capacity(valueSize);
    }

    /** How many values a full block has. */
    public int valuesPerBlock() {
        return perBlock;
    }

    /**
     * How many values the blocks that can be found have room for; at most {@code limit}. One pass over the array's tree.
     *
     * @param limit what its owner says
     */
    public long reach(long root, long limit) {
        long[] reach = new long[1];
        boolean[] damaged = new boolean[1];
        new TreeSalvage(blocks, Long.BYTES, null).visit(root, new TreeSalvage.Visitor() {
            @Override
            public void entry(WalkedNode leaf, int index) {
                long key = leaf.key(index);
                reach[0] = key < 0 || key >= limit / perBlock ? limit : (key + 1) * perBlock;
            }

            @Override
            public void lost(long first, long last, long block, String problem) {
                damaged[0] = true;
            }
        });
        return damaged[0] ? limit : Math.min(limit, reach[0]);
    }

    /** What {@link #wholeSize} returns of an array that has damage. */
    public static final long DAMAGED = -1;

    /** Decides whether a value can stand in an array. */
    public interface Filter {
        /** @param block an array block */
        boolean accepts(MemorySegment block, int index);
    }

    /**
     * Returns how many values an array without any damage has, or {@link #DAMAGED}: all blocks can be read, follow each other
     * without a gap and are full but for the last, and all values are accepted. One pass over the array.
     */
    public long wholeSize(long root, Filter filter) {
        Measure measure = new Measure(filter);
        new TreeSalvage(blocks, Long.BYTES, null).visit(root, measure);
        return measure.whole ? measure.size : DAMAGED;
    }

    private final class Measure implements TreeSalvage.Visitor {
        private final Filter filter;
        private boolean whole = true;
        private long size;

        Measure(Filter filter) {
            this.filter = filter;
        }

        @Override
        public void entry(WalkedNode leaf, int index) {
            if (whole && leaf.key(index) * perBlock == size) {
                add(leaf.longValue(index));
            } else {
                whole = false;
            }
        }

        @Override
        public void lost(long first, long last, long block, String problem) {
            whole = false;
        }

        private void add(long location) {
            try (Block block = blocks.readLock(location, ArrayBlock.VALIDATOR)) {
                MemorySegment data = block.data();
                int entries = ArrayBlock.entries(data);
                whole = ArrayBlock.valueSize(data) == valueSize && entries <= perBlock;
                for (int i = 0; whole && i < entries; i++) {
                    whole = filter.accepts(data, i);
                }
                size += entries;
            } catch (CorruptionException | DeviceException e) {
                whole = false;
            }
        }
    }

    /** Goes through an array of {@code size} values. */
    public void visit(long root, long size, Visitor visitor) {
        Progress progress = new Progress(size, visitor);
        new TreeSalvage(blocks, Long.BYTES, null).visit(root, progress);
        progress.lostUntil(size);
    }

    private final class Progress implements TreeSalvage.Visitor {
        private static final String GAP = "nothing leads there";

        private final long size;
        private final Visitor visitor;
        private long next;
        private long culprit = -1;
        private String problem = GAP;

        Progress(long size, Visitor visitor) {
            this.size = size;
            this.visitor = visitor;
        }

        @Override
        public void entry(WalkedNode leaf, int index) {
            long key = leaf.key(index);
            if (key < 0 || key > size / perBlock || key * perBlock >= size) {
                return; // left over from when the array was longer
            }
            long first = key * perBlock;
            lostUntil(first);
            int expected = (int) Math.min(perBlock, size - first);
            int found = block(leaf.longValue(index), first, expected);
            next = first + found;
            lostUntil(first + expected);
        }

        @Override
        public void lost(long first, long last, long block, String why) {
            culprit = block;
            problem = why;
        }

        private int block(long location, long first, int expected) {
            culprit = location;
            try (Block block = blocks.readLock(location, ArrayBlock.VALIDATOR)) {
                MemorySegment data = block.data();
                if (ArrayBlock.valueSize(data) != valueSize) {
                    problem = "has values of " + ArrayBlock.valueSize(data) + " bytes instead of " + valueSize;
                    return 0;
                }
                int count = Math.min(expected, ArrayBlock.entries(data));
                problem = "has only " + count + " values";
                if (count > 0) {
                    visitor.values(first, data, count);
                }
                return count;
            } catch (CorruptionException e) {
                problem = e.problem();
            } catch (DeviceException e) {
                problem = e.getMessage();
            }
            return 0;
        }

        private void lostUntil(long end) {
            if (next < end) {
                visitor.lost(next, end - next, culprit, problem);
                next = end;
            }
            culprit = -1;
            problem = GAP;
        }
    }
}
