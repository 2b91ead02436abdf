package io.pdata.tools.thin;

import io.pdata.core.block.Block;
import io.pdata.core.block.Bytes;
import io.pdata.core.block.CorruptionException;
import io.pdata.core.btree.NodeLayout;
import io.pdata.core.btree.NodeValidator;
import io.pdata.core.btree.TreeWalker;
import io.pdata.core.device.DeviceException;
import io.pdata.thin.BlockTime;
import io.pdata.tools.MetadataFile;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;

/**
 * What the nodes of two commits tell about their order. A node is copied with everything in it before it is changed, and what
 * is removed from it stays behind its last entry. So where two versions of a node have different numbers of entries, the
 * smaller one is the later if the last entry of the other is still there, and the earlier if it is not. And of two mappings of
 * one virtual block the later has the later time.
 *
 * <p>Time: some {@value #MOST_NODES} nodes for each pair of commits at most. Memory: those of one path. Used by one thread.
 */
final class CommitTraces {
    private static final int MOST_NODES = 200;

    private final MetadataFile file;
    private int nodes;
    private int votes;

    CommitTraces(MetadataFile file) {
        this.file = file;
    }

    /** How many nodes tell that one commit is the earlier, less those that tell that it is the later. */
    int earlier(Commit one, Commit other) {
        nodes = 0;
        votes = 0;
        compare(one.detailsRoot(), other.detailsRoot(), 1, TreeWalker.MAX_DEPTH);
        compare(one.mappingRoot(), other.mappingRoot(), 2, TreeWalker.MAX_DEPTH);
        compare(one.dataOverflowRoot(), other.dataOverflowRoot(), 1, TreeWalker.MAX_DEPTH);
        compare(one.metadataOverflowRoot(), other.metadataOverflowRoot(), 1, TreeWalker.MAX_DEPTH);
        return votes;
    }

    /** A node with all that is in its block. */
    private record Content(MemorySegment data) {
        boolean leaf() {
            return data.get(Bytes.U32, NodeLayout.FLAGS) == NodeLayout.LEAF;
        }

        int entries() {
            return data.get(Bytes.U32, NodeLayout.NR_ENTRIES);
        }

        int capacity() {
            return data.get(Bytes.U32, NodeLayout.MAX_ENTRIES);
        }

        int valueSize() {
            return data.get(Bytes.U32, NodeLayout.VALUE_SIZE);
        }

        long key(int slot) {
            return data.get(Bytes.U64, NodeLayout.KEYS + (long) slot * NodeLayout.KEY_SIZE);
        }

        MemorySegment value(int slot) {
            return data.asSlice(NodeLayout.KEYS + (long) capacity() * NodeLayout.KEY_SIZE + (long) slot * valueSize(),
                    valueSize());
        }

        long longValue(int slot) {
            return value(slot).get(Bytes.U64, 0);
        }

        boolean isLike(Content other) {
            return leaf() == other.leaf() && valueSize() == other.valueSize() && capacity() == other.capacity();
        }

        boolean hasInSlot(Content other, int slot) {
            return key(slot) == other.key(slot) && value(slot).mismatch(other.value(slot)) < 0;
        }
    }

    /** @param levels how many trees there are from here down: 2 for the top level of the mapping tree */
    private void compare(long one, long other, int levels, int depth) {
        if (one == other || depth == 0 || nodes >= MOST_NODES) {
            return;
        }
        nodes++;
        Content a = read(one);
        Content b = read(other);
        if (a == null || b == null || !a.isLike(b)) {
            return;
        }
        if (a.entries() != b.entries()) {
            boolean smaller = a.entries() < b.entries();
            Content small = smaller ? a : b;
            Content large = smaller ? b : a;
            votes += small.hasInSlot(large, large.entries() - 1) == smaller ? -1 : 1;
        }
        boolean mappings = a.leaf() && levels == 1 && a.valueSize() == Long.BYTES && depth < TreeWalker.MAX_DEPTH;
        if (mappings) {
            times(a, b);
        } else if (!a.leaf() || levels == 2) {
            children(a, b, a.leaf() ? 1 : levels, depth - 1);
        }
    }

    private void children(Content a, Content b, int levels, int depth) {
        Map<Long, Long> others = new HashMap<>();
        for (int i = 0; i < b.entries(); i++) {
            others.put(b.key(i), b.longValue(i));
        }
        for (int i = 0; i < a.entries(); i++) {
            Long child = others.get(a.key(i));
            if (child != null) {
                compare(a.longValue(i), child, levels, depth);
            }
        }
    }

    private void times(Content a, Content b) {
        int i = 0;
        int j = 0;
        int later = 0;
        while (i < a.entries() && j < b.entries()) {
            int order = Long.compareUnsigned(a.key(i), b.key(j));
            if (order == 0) {
                later += Integer.signum(BlockTime.time(b.longValue(j)) - BlockTime.time(a.longValue(i)));
            }
            i += order <= 0 ? 1 : 0;
            j += order >= 0 ? 1 : 0;
        }
        votes += Integer.signum(later);
    }

    private Content read(long block) {
        try (Block locked = file.readLock(block, NodeValidator.NODE)) {
            return new Content(MemorySegment.ofArray(locked.data().toArray(java.lang.foreign.ValueLayout.JAVA_BYTE)));
        } catch (CorruptionException | DeviceException e) {
            return null; // a device that fails now and then: one trace less
        }
    }
}
