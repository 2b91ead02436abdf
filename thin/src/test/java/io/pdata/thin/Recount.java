package io.pdata.thin;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.core.block.BlockValidator;
import io.pdata.core.block.Bytes;
import io.pdata.core.btree.NodeLayout;
import io.pdata.core.device.Device;
import io.pdata.core.space.SpaceMapRoot;
import io.pdata.core.spacemap.BitmapBlock;
import io.pdata.core.spacemap.IndexBlock;
import io.pdata.core.spacemap.IndexEntry;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * Counts all references in a pool's metadata as it is on a device, and compares them with both space maps; compares the
 * devices in both trees, and their mappings with what the details say. Walks the trees by itself, so that a mistake in
 * the B+tree's code does not hide here.
 */
public final class Recount {
    private final Device device;
    private final Map<Long, Long> metadata = new TreeMap<>();
    private final Map<Long, Long> data = new TreeMap<>();
    /** How many values the tree below a block has in all, for blocks that have been visited. */
    private final Map<Long, Long> sizes = new HashMap<>();

    private Recount(Device device) {
        this.device = device;
    }

    public static void verify(Device device) {
        Recount recount = new Recount(device);
        ThinSuperblock superblock = recount.superblock(0);
        recount.trees(superblock, "live");
        if (superblock.heldRoot() != 0) {
            recount.trees(recount.superblock(superblock.heldRoot()), "held");
        }
        Map<Long, Long> storedData = recount.diskMap(superblock.dataSpaceMap());
        Map<Long, Long> storedMetadata = recount.metadataMap(superblock.metadataSpaceMap());
        assertThat(storedData).as("counts of data blocks").isEqualTo(recount.data);
        assertThat(storedMetadata).as("counts of metadata blocks").isEqualTo(recount.metadata);
    }

    private ThinSuperblock superblock(long block) {
        metadata.merge(block, 1L, Long::sum);
        return ThinSuperblock.read(read(block, ThinSuperblockLayout.VALIDATOR));
    }

    private void trees(ThinSuperblock superblock, String which) {
        Map<Long, Long> mapped = new TreeMap<>();
        walk(superblock.mappingRoot(), (id, leaf, offset) -> {
            long root = leaf.get(Bytes.U64, offset);
            mapped.put(id, walk(root, (virtualBlock, values, at) -> {
                data.merge(BlockTime.block(values.get(Bytes.U64, at)), 1L, Long::sum);
                return 1;
            }));
            return 1;
        });
        Map<Long, Long> said = new TreeMap<>();
        walk(superblock.detailsRoot(), (id, leaf, offset) -> {
            said.put(id, DeviceDetails.read(leaf, offset).mappedBlocks());
            return 1;
        });
        if (which.equals("live")) {
            assertThat(said).as("mapped blocks of the devices").isEqualTo(mapped);
        }
    }

    private interface Entry {
        long visit(long key, MemorySegment leaf, long offset);
    }

    /** Counts a pointer to a tree; returns how many entries its leaves have, shared ones visited once. */
    private long walk(long block, Entry entry) {
        if (metadata.merge(block, 1L, Long::sum) > 1) {
            return sizes.get(block);
        }
        MemorySegment node = read(block, null);
        assertThat(BlockValidator.rawChecksum(node) ^ node.get(Bytes.U32, 0)).as("type of block %d", block)
                .isEqualTo(NodeLayout.CHECKSUM_XOR);
        boolean internal = node.get(Bytes.U32, NodeLayout.FLAGS) == NodeLayout.INTERNAL;
        int max = node.get(Bytes.U32, NodeLayout.MAX_ENTRIES);
        int valueSize = node.get(Bytes.U32, NodeLayout.VALUE_SIZE);
        long size = 0;
        for (int i = 0; i < node.get(Bytes.U32, NodeLayout.NR_ENTRIES); i++) {
            long offset = NodeLayout.KEYS + 8L * max + (long) i * valueSize;
            size += internal
                    ? walk(node.get(Bytes.U64, offset), entry)
                    : entry.visit(node.get(Bytes.U64, NodeLayout.KEYS + 8L * i), node, offset);
        }
        sizes.put(block, size);
        return size;
    }

    private Map<Long, Long> diskMap(SpaceMapRoot root) {
        Map<Long, Long> overflow = overflow(root);
        Map<Long, Long> counts = new TreeMap<>();
        walk(root.bitmapRoot(), (i, leaf, offset) -> bitmap(i, leaf, offset, overflow, counts));
        assertThat(root.allocated()).as("allocated data blocks").isEqualTo(counts.size());
        return counts;
    }

    private Map<Long, Long> metadataMap(SpaceMapRoot root) {
        Map<Long, Long> overflow = overflow(root);
        Map<Long, Long> counts = new TreeMap<>();
        metadata.merge(root.bitmapRoot(), 1L, Long::sum);
        MemorySegment index = read(root.bitmapRoot(), IndexBlock.VALIDATOR);
        for (long i = 0; i < BitmapBlock.bitmapsFor(root.blocks()); i++) {
            bitmap(i, index, IndexBlock.entryOffset(i), overflow, counts);
        }
        assertThat(root.allocated()).as("allocated metadata blocks").isEqualTo(counts.size());
        return counts;
    }

    private Map<Long, Long> overflow(SpaceMapRoot root) {
        Map<Long, Long> overflow = new HashMap<>();
        walk(root.overflowRoot(), (block, leaf, offset) -> {
            overflow.put(block, (long) leaf.get(Bytes.U32, offset));
            return 1;
        });
        return overflow;
    }

    private long bitmap(long i, MemorySegment index, long offset, Map<Long, Long> overflow, Map<Long, Long> counts) {
        long location = IndexEntry.location(index, offset);
        metadata.merge(location, 1L, Long::sum);
        MemorySegment bitmap = read(location, BitmapBlock.VALIDATOR);
        int free = 0;
        for (int bit = 0; bit < BitmapBlock.ENTRIES; bit++) {
            long block = i * BitmapBlock.ENTRIES + bit;
            long count = BitmapBlock.count(bitmap, bit);
            if (count == 0) {
                free++;
            } else {
                counts.put(block, count == BitmapBlock.OVERFLOW ? overflow.get(block) : Long.valueOf(count));
            }
        }
        assertThat(IndexEntry.free(index, offset)).as("free entries of bitmap %d", i).isEqualTo(free);
        return 1;
    }

    private MemorySegment read(long block, BlockValidator validator) {
        MemorySegment content = MemorySegment.ofArray(new byte[Bytes.BLOCK_SIZE]);
        device.read(block * Bytes.BLOCK_SIZE, content);
        if (validator != null) {
            validator.check(content, block);
        }
        return content;
    }
}
