package io.pdata.tools.thin;

import io.pdata.core.block.Block;
import io.pdata.core.block.BlockSet;
import io.pdata.core.block.BlockValidator;
import io.pdata.core.block.Bytes;
import io.pdata.core.block.CorruptionException;
import io.pdata.core.btree.NodeLayout;
import io.pdata.core.btree.NodeValidator;
import io.pdata.core.btree.TreeWalker;
import io.pdata.core.btree.WalkedNode;
import io.pdata.core.device.DeviceException;
import io.pdata.core.spacemap.BitmapBlock;
import io.pdata.core.spacemap.IndexBlock;
import io.pdata.core.spacemap.IndexEntry;
import io.pdata.thin.BlockTime;
import io.pdata.thin.DeviceDetails;
import io.pdata.thin.ThinSuperblock;
import io.pdata.thin.ThinSuperblockLayout;
import io.pdata.tools.MetadataFile;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * Looks at every block of a device once: which type of block it is, and which blocks it refers to, summed up as one number.
 * The content may belong to the present state, to an earlier one, or to none.
 *
 * <p>The sums are of {@linkplain #hash random numbers}, one for each block that is referred to, so that equal sums mean equal
 * references. {@link CommitSearch} compares them with the counts in the bitmaps of space maps.
 *
 * <p>Which tree an internal node belongs to follows from the leaves that it leads to. A leaf with values of 8 bytes belongs
 * to the top level of the mapping tree if all its values are block numbers of this device: as mappings they would all be of
 * data block 0. With one entry it may be either ({@link #SINGLE}).
 *
 * <p>Memory: a byte for each block of the device, and 16 for each that is in use or was. Time: one pass over what is stored,
 * with several threads, and two over internal nodes.
 */
final class BlockSurvey {
    /** No sound block of any type. */
    static final byte NONE = 0;
    /** A leaf of a device's mappings. */
    static final byte MAPPINGS = 1;
    /** A leaf with one entry: a mapping of data block 0, or the only device. */
    static final byte SINGLE = 2;
    /** A leaf without entries: a device without mappings, or the mapping tree of a pool without devices. */
    static final byte EMPTY = 3;
    /** A leaf of the mapping tree's top level. */
    static final byte DEVICES = 4;
    static final byte DETAILS = 5;
    /** A leaf of the data space map's index. */
    static final byte INDEX = 6;
    /** A leaf of counts of 3 and more. */
    static final byte COUNTS = 7;
    static final byte BITMAP = 8;
    /** The index of a metadata space map. */
    static final byte INDEX_BLOCK = 9;
    /** The superblock in a metadata snapshot. */
    static final byte SUPERBLOCK = 10;
    /** An internal node that leads to leaves of no tree, or of several. */
    static final byte INTERNAL = 11;
    /** Added to the type of the leaves that an internal node leads to. */
    static final byte ABOVE = 16;

    /** The largest id that a thin device can be given. */
    private static final long MAX_ID = (1 << 24) - 1;
    private static final int MOST_SUPERBLOCKS = 64;

    private final MetadataFile file;
    private final byte[] types;
    private final SumTable references;
    private final SumTable data;
    private final BlockSet internals;
    private final ConcurrentSkipListMap<Long, ThinSuperblock> superblocks = new ConcurrentSkipListMap<>();

    private BlockSurvey(MetadataFile file) {
        int blocks = Math.toIntExact(file.blocks());
        this.file = file;
        this.types = new byte[blocks];
        this.references = new SumTable(blocks);
        this.data = new SumTable(blocks);
        this.internals = new BlockSet(blocks);
    }

    /** Looks at a device. */
    static BlockSurvey of(MetadataFile file, int threads) {
        BlockSurvey survey = new BlockSurvey(file);
        file.scan(threads, survey::look);
        survey.climb();
        return survey;
    }

    /** A random number for a metadata block. */
    static long hash(long block) {
        return mix(block + 0x5851_F42D_4C95_7F2DL);
    }

    /** A random number for a data block. */
    static long dataHash(long block) {
        return mix(block + 0x1405_7B7E_F767_814FL * 3);
    }

    private static long mix(long value) {
        long z = value * 0x9E37_79B9_7F4A_7C15L + 0x9E37_79B9_7F4A_7C15L;
        z = (z ^ z >>> 30) * 0xBF58_476D_1CE4_E5B9L;
        z = (z ^ z >>> 27) * 0x94D0_49BB_1331_11EBL;
        return z ^ z >>> 31;
    }

    int blocks() {
        return types.length;
    }

    /** The type of a block; {@link #NONE} for one beyond the device. */
    byte type(long block) {
        return block >= 0 && block < types.length ? types[(int) block] : NONE;
    }

    /** The type of the leaves that a node leads to; of a block that is no internal node, its own type. */
    byte leafType(long block) {
        byte type = type(block);
        return type > ABOVE ? (byte) (type - ABOVE) : type;
    }

    /** The sum for the metadata blocks that a block refers to; 0 for {@link #SINGLE}, see {@link #device}. */
    long references(int block) {
        return types[block] == SINGLE ? 0 : references.get(block);
    }

    /** The target of a {@link #SINGLE} leaf that has a device, not a mapping. */
    long device(int block) {
        return references.get(block);
    }

    /** The sum for the data blocks of a leaf of mappings. */
    long dataReferences(int block) {
        return data.get(block);
    }

    /** Copies of superblocks, of metadata snapshots, in the order of their blocks. */
    List<ThinSuperblock> superblockCopies() {
        return List.copyOf(superblocks.values());
    }

    /** The copy in a block that is of the type {@link #SUPERBLOCK}. */
    ThinSuperblock superblockCopy(long block) {
        return superblocks.get(block);
    }

    /** The blocks that can be the roots of top levels of mapping trees: nodes that no other such node points at. */
    BlockSet mappingRoots() {
        BlockSet roots = roots(DEVICES);
        for (int block = 0; block < types.length; block++) {
            if (types[block] == SINGLE && isMappingNode(singleDevice(block))) {
                roots.add(block);
            }
        }
        return roots;
    }

    /** The blocks that can be roots of device details trees. */
    BlockSet detailsRoots() {
        return roots(DETAILS);
    }

    /** The blocks that an internal node points at; none if it cannot be read a second time. */
    long[] children(long block) {
        try (Block locked = file.readLock(block, NodeValidator.NODE)) {
            WalkedNode node = WalkedNode.of(block, locked.data());
            return node.isLeaf() ? new long[0] : node.longValues();
        } catch (CorruptionException | DeviceException e) {
            return new long[0]; // a device that fails now and then: the block counts as damaged
        }
    }

    private boolean isMappingNode(long block) {
        byte leaf = leafType(block);
        return leaf == MAPPINGS || leaf == SINGLE || leaf == EMPTY;
    }

    private long singleDevice(int block) {
        try (Block locked = file.readLock(block, NodeValidator.NODE)) {
            return WalkedNode.of(block, locked.data()).longValue(0);
        } catch (CorruptionException | DeviceException e) {
            return -1; // as above
        }
    }

    private void look(long number, MemorySegment block) {
        if (number == 0 || block.get(Bytes.U64, NodeLayout.BLOCK_NUMBER) != number) {
            return;
        }
        int xor = BlockValidator.rawChecksum(block) ^ block.get(Bytes.U32, NodeLayout.CHECKSUM);
        int at = (int) number;
        if (xor == NodeLayout.CHECKSUM_XOR && isSound(NodeValidator.NODE, block, number)) {
            node(at, WalkedNode.of(number, block));
        } else if (xor == BitmapBlock.VALIDATOR.checksumXor()) {
            types[at] = BITMAP;
        } else if (xor == IndexBlock.VALIDATOR.checksumXor()) {
            types[at] = INDEX_BLOCK;
            references.set(at, indexBlock(block));
        } else if (xor == ThinSuperblockLayout.VALIDATOR.checksumXor() && superblocks.size() < MOST_SUPERBLOCKS
                && isSound(ThinSuperblockLayout.VALIDATOR, block, number)) {
            ThinSuperblock copy = ThinSuperblock.read(block);
            superblocks.put(number, copy);
            references.set(at, hash(copy.mappingRoot()) + hash(copy.detailsRoot()));
            types[at] = SUPERBLOCK;
        }
    }

    private static long indexBlock(MemorySegment block) {
        long sum = 0;
        for (int i = 0; i < IndexBlock.ENTRIES; i++) {
            long bitmap = IndexEntry.location(block, IndexBlock.entryOffset(i));
            sum += bitmap == 0 ? 0 : hash(bitmap);
        }
        return sum;
    }

    private void node(int at, WalkedNode node) {
        if (!node.isLeaf()) {
            types[at] = node.valueSize() == NodeLayout.POINTER_SIZE && node.entries() > 0 ? INTERNAL : NONE;
            references.set(at, sum(node));
            internals.add(at);
            return;
        }
        switch (node.valueSize()) {
        case DeviceDetails.SIZE -> types[at] = hasDeviceIds(node) ? DETAILS : NONE;
        case Integer.BYTES -> types[at] = COUNTS;
        case IndexEntry.SIZE -> {
            types[at] = INDEX;
            for (int i = 0; i < node.entries(); i++) {
                references.set(at, references.get(at) + hash(IndexEntry.location(node.data(), node.valueOffset(i))));
            }
        }
        case Long.BYTES -> values(at, node);
        default -> types[at] = NONE;
        }
    }

    private void values(int at, WalkedNode node) {
        boolean devices = hasDeviceIds(node) && pointsInside(node);
        types[at] = node.entries() == 0 ? EMPTY : !devices ? MAPPINGS : node.entries() == 1 ? SINGLE : DEVICES;
        if (devices) {
            references.set(at, sum(node));
        }
        if (types[at] == MAPPINGS || types[at] == SINGLE) {
            long sum = 0;
            for (int i = 0; i < node.entries(); i++) {
                sum += dataHash(BlockTime.block(node.longValue(i)));
            }
            data.set(at, sum);
        }
    }

    private static long sum(WalkedNode node) {
        long sum = 0;
        for (int i = 0; i < node.entries(); i++) {
            sum += hash(node.longValue(i));
        }
        return sum;
    }

    private static boolean hasDeviceIds(WalkedNode node) {
        return node.firstNotAscending() < 0
                && (node.entries() == 0 || Long.compareUnsigned(node.key(node.entries() - 1), MAX_ID) <= 0);
    }

    private boolean pointsInside(WalkedNode node) {
        for (int i = 0; i < node.entries(); i++) {
            if (node.longValue(i) <= 0 || node.longValue(i) >= types.length) {
                return false;
            }
        }
        return true;
    }

    private static boolean isSound(BlockValidator validator, MemorySegment block, long number) {
        try {
            validator.check(block, number);
            return true;
        } catch (CorruptionException e) {
            return false; // a block of another type, or one that is unused
        }
    }

    /** Finds the tree of each internal node, level by level. */
    private void climb() {
        boolean grown = true;
        for (int level = 1; level < TreeWalker.MAX_DEPTH && grown; level++) {
            grown = false;
            for (int block = internals.next(0); block >= 0; block = internals.next(block + 1)) {
                byte leaf = types[block] == INTERNAL ? commonLeaf(children(block)) : NONE;
                if (leaf != NONE) {
                    types[block] = (byte) (leaf + ABOVE);
                    grown = true;
                }
            }
        }
    }

    /** The common type of the leaves below all children that are nodes; {@link #NONE} if there are several types. */
    private byte commonLeaf(long[] children) {
        byte common = NONE;
        for (long child : children) {
            byte leaf = leafType(child);
            if (leaf == SINGLE || leaf == EMPTY) {
                leaf = MAPPINGS;
            }
            if (leaf == INTERNAL || leaf >= BITMAP || leaf == NONE) {
                continue; // has been used again since, is damaged, or is not known yet
            }
            if (common != NONE && common != leaf) {
                return NONE;
            }
            common = leaf;
        }
        return common;
    }

    private BlockSet roots(byte leaf) {
        BlockSet children = new BlockSet(types.length);
        BlockSet roots = new BlockSet(types.length);
        for (int block = internals.next(0); block >= 0; block = internals.next(block + 1)) {
            if (leafType(block) == leaf) {
                for (long child : children(block)) {
                    if (child >= 0 && child < types.length) {
                        children.add(child);
                    }
                }
            }
        }
        for (int block = 0; block < types.length; block++) {
            if (leafType(block) == leaf && !children.contains(block)) {
                roots.add(block);
            }
        }
        return roots;
    }

    /** A number for each block, 0 to begin with, in memory that is taken in chunks. Threads set different entries. */
    private static final class SumTable {
        private static final int CHUNK = 1024;

        private final long[][] chunks;

        SumTable(int blocks) {
            chunks = new long[blocks / CHUNK + 1][];
        }

        long get(int block) {
            long[] chunk = chunks[block / CHUNK];
            return chunk == null ? 0 : chunk[block % CHUNK];
        }

        void set(int block, long value) {
            chunk(block / CHUNK)[block % CHUNK] = value;
        }

        private long[] chunk(int number) {
            long[] chunk = chunks[number];
            if (chunk == null) {
                synchronized (this) {
                    chunk = chunks[number] == null ? new long[CHUNK] : chunks[number];
                    chunks[number] = chunk;
                }
            }
            return chunk;
        }
    }
}
