package io.pdata.tools.check;

import io.pdata.core.array.ArrayBlock;
import io.pdata.core.block.Block;
import io.pdata.core.block.CorruptionException;
import io.pdata.core.btree.BTreeReader;
import io.pdata.core.btree.Cursor;
import io.pdata.core.btree.TreeWalker;
import io.pdata.core.btree.WalkedNode;
import io.pdata.core.device.DeviceException;
import io.pdata.tools.Finding.Kind;
import io.pdata.tools.Finding;
import io.pdata.tools.Severity;
import java.lang.foreign.MemorySegment;

/**
 * Checks arrays with values of one size, bitsets among them.
 *
 * <p>First {@link #addRoot} each, then {@link #walk} over all their trees, which counts the references to all their blocks,
 * then {@link #values} of each. Used by one thread, except for {@link #addRoot}. Source: format document
 * "persistent-data", sections 10 and 11.
 */
public final class ArrayCheck {
    /** For the length of an array that nobody has recorded. */
    public static final long ANY_LENGTH = -1;

    private static final long DAMAGED = -1;

    private final CheckContext context;
    private final String structure;
    private final int valueSize;
    private final int perBlock;
    private final TreeWalker walker;

    /** Gets the values of an array, a block of them at a time. */
    @FunctionalInterface
    public interface BlockVisitor {
        /**
         * Gets some values; value {@code i} of {@code count} is at {@link ArrayBlock#valueOffset}.
         *
         * @param first the index of the first of them in the array
         * @param data valid during the call only
         */
        void visit(long first, MemorySegment data, int count);
    }

    /** @param structure what findings call these arrays */
    public ArrayCheck(CheckContext context, String structure, int valueSize) {
        this.context = context;
        this.structure = structure;
        this.valueSize = valueSize;
        this.perBlock = ArrayBlock.capacity(valueSize);
        this.walker = context.walker(Long.BYTES);
    }

    /** Adds an array, and counts the reference to it that the caller has found. */
    public synchronized void addRoot(long root) {
        context.addRoot(walker, structure, root);
    }

    /** Walks the trees of all arrays. */
    public void walk() {
        walker.walk(new CountingVisitor(context, structure, this::countBlocks));
    }

    private void countBlocks(WalkedNode leaf) {
        for (int i = 0; i < leaf.entries(); i++) {
            context.references().inc(leaf.longValue(i));
        }
    }

    /**
     * Goes through the values of an array, unless its tree is damaged.
     *
     * <p>Partly filled blocks beyond its length are odd, but nobody's fault: the kernel leaves the last block where it is
     * when an array shrinks to end exactly before it. They are never read, and replaced when the array grows again.
     *
     * @param name what findings call this array
     * @param length how many values it must have, or {@link #ANY_LENGTH}
     * @return how many it has, or -1 if it is damaged
     */
    public long values(String name, long root, long length, BlockVisitor visitor) {
        if (walker.summary(root).errors() > 0) {
            return DAMAGED;
        }
        long blocks = length == ANY_LENGTH ? Long.MAX_VALUE : Math.ceilDiv(length, perBlock);
        long next = 0;
        long found = 0;
        try (Cursor cursor = new BTreeReader(context.blocks(), 1, Long.BYTES).cursor(root, true)) {
            for (; cursor.valid(); cursor.next()) {
                if (next >= blocks && isPartial(cursor.longValue())) {
                    remains(name, cursor.longValue(), length);
                    continue;
                }
                if (cursor.key() != next) {
                    fatal(name, -1, "lacks blocks " + next + " to " + Long.toUnsignedString(cursor.key() - 1));
                    return DAMAGED;
                }
                if (found != next * perBlock) {
                    fatal(name, cursor.longValue(), "comes after a block with fewer than " + perBlock + " values");
                    return DAMAGED;
                }
                found += block(name, cursor.longValue(), found, visitor);
                next++;
            }
        } catch (CorruptionException e) {
            fatal(name, e.block(), e.problem());
            return DAMAGED;
        } catch (DeviceException e) {
            fatal(name, -1, e.getMessage());
            return DAMAGED;
        }
        if (length != ANY_LENGTH && found != length) {
            fatal(name, -1, "has " + found + " values instead of " + length);
            return DAMAGED;
        }
        return found;
    }

    private int block(String name, long location, long first, BlockVisitor visitor) {
        try (Block block = context.blocks().readLock(location, ArrayBlock.VALIDATOR)) {
            MemorySegment data = block.data();
            if (ArrayBlock.valueSize(data) != valueSize) {
                throw new CorruptionException(location, ArrayBlock.VALIDATOR.type(),
                        "has values of " + ArrayBlock.valueSize(data) + " bytes instead of " + valueSize);
            }
            if (ArrayBlock.maxEntries(data) != perBlock) {
                context.findings().add(Finding.of(Severity.NON_FATAL, Kind.SHAPE, name, location,
                        "has room for " + ArrayBlock.maxEntries(data) + " values instead of " + perBlock));
            }
            visitor.visit(first, data, ArrayBlock.entries(data));
            return ArrayBlock.entries(data);
        }
    }

    private boolean isPartial(long location) {
        try (Block block = context.blocks().readLock(location, ArrayBlock.VALIDATOR)) {
            return ArrayBlock.valueSize(block.data()) == valueSize && ArrayBlock.entries(block.data()) < perBlock;
        }
    }

    private void remains(String name, long block, long length) {
        context.findings().add(Finding.of(Severity.NOTICE, Kind.SHAPE, name, block,
                "is left over from when there were more than " + length + " values"));
    }

    private void fatal(String name, long block, String problem) {
        context.findings().add(Finding.of(Severity.FATAL, Kind.DAMAGE, name, block, problem));
    }
}
