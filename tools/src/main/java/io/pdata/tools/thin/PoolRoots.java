package io.pdata.tools.thin;

import io.pdata.core.btree.WalkedNode;
import io.pdata.core.transaction.BlockReader;
import io.pdata.thin.DeviceDetails;
import io.pdata.tools.salvage.TreeSalvage;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads what can be read of the two trees that know the devices of a pool. Damage is counted, not thrown. Memory: some 60
 * bytes for each device. Not thread-safe.
 */
final class PoolRoots {
    private final BlockReader blocks;

    /** A device as the top level of the mapping tree has it. */
    record Mapped(long id, long root) {}

    /** A device as the details tree has it. */
    record Detailed(long id, DeviceDetails details) {}

    /**
     * What could be read.
     *
     * @param devices ascending by id
     * @param damages how many parts of the tree, or entries in it, could not be used
     * @param problems the first of them
     */
    record Found<T>(List<T> devices, long damages, List<String> problems) {
        boolean complete() {
            return damages == 0;
        }
    }

    private interface Decoder<T> {
        T decode(WalkedNode leaf, int index);
    }

    PoolRoots(BlockReader blocks) {
        this.blocks = blocks;
    }

    Found<Mapped> mapped(long root) {
        return read(root, Long.BYTES, (leaf, i) -> new Mapped(leaf.key(i), leaf.longValue(i)));
    }

    Found<Detailed> detailed(long root) {
        return read(root, DeviceDetails.SIZE,
                (leaf, i) -> new Detailed(leaf.key(i), DeviceDetails.read(leaf.data(), leaf.valueOffset(i))));
    }

    /**
     * How far the keys of a tree go.
     *
     * @param end the first key beyond
     * @param complete whether all of the tree could be read
     */
    record Reach(long end, boolean complete) {}

    Reach reach(long root, int valueSize) {
        Found<Long> keys = read(root, valueSize, WalkedNode::key);
        return new Reach(keys.devices().isEmpty() ? 0 : keys.devices().getLast() + 1, keys.complete());
    }

    private <T> Found<T> read(long root, int valueSize, Decoder<T> decoder) {
        List<T> devices = new ArrayList<>();
        List<String> problems = new ArrayList<>();
        long[] damages = new long[1];
        new TreeSalvage(blocks, valueSize, null).visit(root, new TreeSalvage.Visitor() {
            @Override
            public void entry(WalkedNode leaf, int index) {
                devices.add(decoder.decode(leaf, index));
            }

            @Override
            public void lost(long first, long last, long block, String problem) {
                if (damages[0]++ < MOST_PROBLEMS) {
                    problems.add("devices " + Long.toUnsignedString(first)
                            + (last == -1 ? " and above" : " to " + Long.toUnsignedString(last)) + ": metadata block "
                            + Long.toUnsignedString(block) + ": " + problem);
                }
            }
        });
        return new Found<>(devices, damages[0], problems);
    }

    private static final int MOST_PROBLEMS = 20;
}
