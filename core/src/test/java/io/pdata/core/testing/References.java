package io.pdata.core.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.core.array.ArrayBlock;
import io.pdata.core.block.BlockValidator;
import io.pdata.core.block.Bytes;
import io.pdata.core.btree.TreeRoot;
import io.pdata.core.device.Device;
import io.pdata.core.space.SpaceMapRoot;
import io.pdata.core.spacemap.BitmapBlock;
import io.pdata.core.spacemap.IndexBlock;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Counts all references in what is on a device, one for each pointer, and compares the result with the space maps.
 * Decodes nodes by itself: a mistake in the B+tree's code must not hide here.
 */
public final class References {
    private final Device device;
    private final SpaceMapRoot metadataMap;
    private final SpaceMapRoot dataMap;
    private final long[] counts;
    private final Map<Long, Long> dataCounts = new TreeMap<>();

    References(Device device, SpaceMapRoot metadataMap, SpaceMapRoot dataMap) {
        this.device = device;
        this.metadataMap = metadataMap;
        this.dataMap = dataMap;
        this.counts = new long[(int) metadataMap.blocks()];
        counts[0] = 1;
    }

    /** Gets a value of a leaf or an array block; valid during the call only. */
    @FunctionalInterface
    public interface Values {
        void value(MemorySegment block, long offset);
    }

    /** Counts a tree whose values refer to nothing. 0 is no tree. */
    public void tree(TreeRoot root, int levels) {
        if (root.block() != 0) {
            tree(root.block(), levels, (leaf, offset) -> {});
        }
    }

    /** Counts a tree; the values of each leaf are shown once, however often the leaf is shared. */
    public void tree(long root, int levels, Values values) {
        node(root, levels, 0, (_, leaf, offset) -> values.value(leaf, offset));
    }

    /** Counts an array whose values refer to nothing. 0 is no array. */
    public void array(TreeRoot root) {
        array(root, (block, offset) -> {});
    }

    /** Counts an array; the values of each block are shown once, however often the block is shared. 0 is no array. */
    public void array(TreeRoot root, Values values) {
        if (root.block() != 0) {
            tree(root.block(), 1, (leaf, offset) -> arrayBlock(leaf.get(Bytes.U64, offset), values));
        }
    }

    private void arrayBlock(long number, Values values) {
        if (first(number)) {
            MemorySegment block = read(device, number, ArrayBlock.VALIDATOR);
            int size = block.get(Bytes.U32, 12);
            for (int i = 0; i < block.get(Bytes.U32, 8); i++) {
                values.value(block, 24 + (long) i * size);
            }
        }
    }

    /** Counts a pointer to a metadata block; returns whether it is the first. */
    public boolean first(long block) {
        assertThat(block).as("pointer to a metadata block").isBetween(0L, counts.length - 1L);
        return ++counts[(int) block] == 1;
    }

    /** Counts a pointer to a data block. */
    public void data(long block) {
        dataCounts.merge(block, 1L, Long::sum);
    }

    void verify() {
        Map<Long, Long> data = decode("data map", dataMap, treeEntries(dataMap.bitmapRoot()));
        assertThat(data).as("counts of the data blocks").isEqualTo(dataCounts);
        Map<Long, Long> metadata = decode("metadata map", metadataMap, indexEntries(metadataMap.bitmapRoot()));
        Map<Long, Long> expected = new TreeMap<>();
        for (int i = 0; i < counts.length; i++) {
            if (counts[i] > 0) {
                expected.put((long) i, counts[i]);
            }
        }
        assertThat(metadata).as("counts of the metadata blocks").isEqualTo(expected);
    }

    static MemorySegment read(Device device, long block, BlockValidator validator) {
        MemorySegment data = MemorySegment.ofArray(new byte[Bytes.BLOCK_SIZE]);
        device.read(block * Bytes.BLOCK_SIZE, data);
        if (validator != null) {
            validator.check(data, block);
        }
        return data;
    }

    private interface Entries {
        void entry(long key, MemorySegment leaf, long offset);
    }

    private void node(long block, int levels, int depth, Entries entries) {
        if (!first(block)) {
            return;
        }
        assertThat(depth).as("depth of block %d", block).isLessThan(20);
        MemorySegment node = read(device, block, null);
        assertThat(BlockValidator.rawChecksum(node) ^ node.get(Bytes.U32, 0)).as("type of block %d", block)
                .isEqualTo(121107);
        boolean internal = node.get(Bytes.U32, 4) == 1;
        int count = node.get(Bytes.U32, 16);
        int max = node.get(Bytes.U32, 20);
        int size = node.get(Bytes.U32, 24);
        for (int i = 0; i < count; i++) {
            long key = node.get(Bytes.U64, 32 + 8L * i);
            long offset = 32 + 8L * max + (long) i * size;
            if (internal) {
                node(node.get(Bytes.U64, offset), levels, depth + 1, entries);
            } else if (levels > 1) {
                node(node.get(Bytes.U64, offset), levels - 1, depth + 1, entries);
            } else {
                entries.entry(key, node, offset);
            }
        }
    }

    private record IndexEntry(long location, int free, int noneFreeBefore) {
        static IndexEntry at(MemorySegment block, long offset) {
            return new IndexEntry(block.get(Bytes.U64, offset), block.get(Bytes.U32, offset + 8),
                    block.get(Bytes.U32, offset + 12));
        }
    }

    private List<IndexEntry> indexEntries(long root) {
        assertThat(first(root)).as("first pointer to the index").isTrue();
        MemorySegment block = read(device, root, IndexBlock.VALIDATOR);
        List<IndexEntry> entries = new ArrayList<>();
        for (int i = 0; i < BitmapBlock.bitmapsFor(metadataMap.blocks()); i++) {
            entries.add(IndexEntry.at(block, 16 + 16L * i));
        }
        return entries;
    }

    private List<IndexEntry> treeEntries(long root) {
        List<IndexEntry> entries = new ArrayList<>();
        node(root, 1, 0, (key, leaf, offset) -> {
            assertThat(key).as("key of an index entry").isEqualTo(entries.size());
            entries.add(IndexEntry.at(leaf, offset));
        });
        return entries;
    }

    /** Decodes a map, and verifies that what it says about itself is right. */
    private Map<Long, Long> decode(String name, SpaceMapRoot root, List<IndexEntry> index) {
        Map<Long, Long> overflow = new TreeMap<>();
        node(root.overflowRoot(), 1, 0, (key, leaf, offset) -> overflow.put(key, (long) leaf.get(Bytes.U32, offset)));
        assertThat(index).as("bitmaps of the %s", name).hasSize((int) BitmapBlock.bitmapsFor(root.blocks()));
        Map<Long, Long> result = new TreeMap<>();
        int overflowing = 0;
        for (int i = 0; i < index.size(); i++) {
            IndexEntry entry = index.get(i);
            first(entry.location());
            MemorySegment bitmap = read(device, entry.location(), BitmapBlock.VALIDATOR);
            int free = 0;
            int firstFree = BitmapBlock.ENTRIES;
            for (int bit = 0; bit < BitmapBlock.ENTRIES; bit++) {
                int count = BitmapBlock.count(bitmap, bit);
                if (count == 0) {
                    free++;
                    firstFree = Math.min(firstFree, bit);
                    continue;
                }
                long block = (long) i * BitmapBlock.ENTRIES + bit;
                if (count == BitmapBlock.OVERFLOW) {
                    assertThat(overflow.get(block)).as("overflow count of block %d", block).isNotNull()
                            .isGreaterThanOrEqualTo(3);
                    overflowing++;
                }
                result.put(block, count == BitmapBlock.OVERFLOW ? overflow.get(block) : Long.valueOf(count));
            }
            assertThat(entry.noneFreeBefore()).as("none free before, %s, bitmap %d", name, i)
                    .isLessThanOrEqualTo(firstFree);
            assertThat(entry.free()).as("free entries, %s, bitmap %d", name, i).isEqualTo(free);
        }
        assertThat(result.keySet()).as("blocks in use in the %s", name)
                .allMatch(block -> block < root.blocks());
        assertThat(overflow).as("overflow counts of the %s", name).hasSize(overflowing);
        assertThat(root.allocated()).as("allocated blocks of the %s", name).isEqualTo(result.size());
        return result;
    }
}
