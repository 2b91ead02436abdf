package io.pdata.thin;

import io.pdata.core.block.Block;
import io.pdata.core.block.Bytes;
import io.pdata.core.block.CorruptionException;
import io.pdata.core.btree.BTreeReader;
import io.pdata.core.btree.NodeWalk;
import io.pdata.core.spacemap.CountReader;
import io.pdata.core.transaction.ReadView;
import io.pdata.thin.ThinRequestException.Reason;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A committed state of a pool's metadata, which stays readable, unchanged, until it is closed, whatever the writer does.
 *
 * <p>Any number of threads may use one view; it must not be closed while another still reads. It holds up neither the
 * writer nor other views; it only keeps metadata blocks from being used again, so one that is never closed costs space.
 */
public final class ThinView implements AutoCloseable {
    private static final long NO_SUBTREE = -1;

    private final ReadView<ThinSuperblock> view;
    private final ThinSuperblock superblock;
    private final BTreeReader devices;
    private final BTreeReader mappings;

    private ThinView(ReadView<ThinSuperblock> view, ThinSuperblock superblock) {
        this.view = view;
        this.superblock = superblock;
        this.devices = new BTreeReader(view, 1, DeviceDetails.SIZE);
        this.mappings = new BTreeReader(view, 1, Long.BYTES);
    }

    static ThinView of(ReadView<ThinSuperblock> view) {
        return new ThinView(view, view.roots());
    }

    /** Closes the view if there is no metadata snapshot, or if it cannot be read. */
    static ThinView ofMetadataSnapshot(ReadView<ThinSuperblock> view) {
        long held = view.roots().heldRoot();
        try {
            if (held == 0) {
                throw new ThinRequestException(Reason.INVALID, "no metadata snapshot is held");
            }
            try (Block copy = view.readLock(held, ThinSuperblockLayout.VALIDATOR)) {
                return new ThinView(view, ThinSuperblock.read(copy.data()));
            }
        } catch (RuntimeException e) {
            view.close();
            throw e;
        }
    }

    /** What the state's superblock says. In that of a metadata snapshot the space maps are all zeroes. */
    public ThinSuperblock superblock() {
        return superblock;
    }

    /** Visits all devices in the order of their ids. O(devices). */
    public void forEachDevice(DeviceVisitor visitor) {
        devices.walk(superblock.detailsRoot(),
                (id, block, offset) -> visitor.visit(id, DeviceDetails.read(block, offset)));
    }

    /**
     * As {@link #forEachDevice(DeviceVisitor)}, but passes over details that cannot be read.
     *
     * @param damage gets the first and the last id that may be missing for that, and why
     */
    public void forEachDevice(DeviceVisitor visitor, NodeWalk.DamageVisitor damage) {
        new NodeWalk(view, DeviceDetails.SIZE).readableLeaves(superblock.detailsRoot(), leaf -> {
            for (int i = 0; i < leaf.entries(); i++) {
                visitor.visit(leaf.key(i), DeviceDetails.read(leaf.data(), leaf.valueOffset(i)));
            }
        }, damage);
    }

    /**
     * Looks for unreadable nodes among the mappings of a device. O(nodes of its tree).
     *
     * @param damage gets the first and the last virtual block, unsigned, of each range, and why
     * @throws ThinRequestException UNKNOWN_DEVICE
     */
    public void forEachDamage(long id, NodeWalk.DamageVisitor damage) {
        long root;
        try {
            root = mappingRoot(id);
        } catch (CorruptionException e) {
            damage.damaged(0, -1, e);
            return;
        }
        new NodeWalk(view, Long.BYTES).readableLeaves(root, _ -> {}, damage);
    }

    /** The details of a device. O(log devices). */
    public Optional<DeviceDetails> details(long id) {
        MemorySegment value = MemorySegment.ofArray(new byte[DeviceDetails.SIZE]);
        return devices.lookup(superblock.detailsRoot(), id, value)
                ? Optional.of(DeviceDetails.read(value, 0))
                : Optional.empty();
    }

    /** The mapping of a block of a device: see {@link BlockTime}. O(log blocks), allocates nothing. */
    public long lookup(long id, long virtualBlock) {
        return mappings.lookupLong(mappingRoot(id), virtualBlock, BlockTime.UNMAPPED);
    }

    /**
     * Copies the first mappings of a device at or above a block, in ascending order. Copies at least one if there is any;
     * how many more depends on the tree, so the caller continues after the last. O(log blocks + mappings copied).
     *
     * @param blocks gets the virtual blocks; its length is the most that are copied
     * @param mappings gets their mappings ({@link BlockTime}); of the same length
     * @return how many were copied
     * @throws ThinRequestException UNKNOWN_DEVICE
     */
    public int nextMappings(long id, long from, long[] blocks, long[] mappings) {
        return this.mappings.lookupNext(mappingRoot(id), from, blocks, mappings);
    }

    /**
     * The last block of a device that is mapped, if any is. O(log blocks).
     *
     * @throws ThinRequestException UNKNOWN_DEVICE
     */
    public OptionalLong highestMappedBlock(long id) {
        return mappings.highestKey(mappingRoot(id));
    }

    /** Visits all mappings of a device in the order of its blocks. O(mappings). */
    public void forEachMapping(long id, MappingVisitor visitor) {
        mappings.walk(mappingRoot(id), (virtualBlock, block, offset) -> {
            long mapping = block.get(Bytes.U64, offset);
            return visitor.visit(virtualBlock, BlockTime.block(mapping), BlockTime.time(mapping));
        });
    }

    /**
     * Compares the mappings of two devices. Parts of their trees that they share are not looked at: a device and a snapshot
     * of it are compared in O(what has been changed in either since x log blocks), whatever their size.
     *
     * @param begin the first virtual block to compare
     * @param end the one behind the last, unsigned
     * @param same whether blocks that are the same are told of too; then the cost is O(mappings in the range)
     * @return how many nodes of the two trees have been read
     * @throws ThinRequestException UNKNOWN_DEVICE
     */
    public long compare(long left, long right, long begin, long end, boolean same, Difference.Visitor visitor) {
        long leftRoot = mappingRoot(left);
        long rightRoot = mappingRoot(right);
        if (Long.compareUnsigned(begin, end) >= 0) {
            return 0;
        }
        return Difference.between(view, leftRoot, rightRoot, begin, end - 1, same, visitor);
    }

    /**
     * How many data blocks a device alone has: deleting it would free them.
     *
     * <p>That is those with one reference, in leaves that are reached through nothing but nodes with one reference: a node
     * that others have too stands for references that are counted nowhere. So only nodes of this device's own are read.
     * O(blocks that only it has), however much it shares. Nothing counts as its own that a held metadata snapshot has.
     *
     * @throws ThinRequestException UNKNOWN_DEVICE; INVALID in a metadata snapshot, which has no counts
     */
    public long exclusiveBlocks(long id) {
        if (superblock.metadataSpaceMap().blocks() == 0) {
            throw new ThinRequestException(Reason.INVALID, "a metadata snapshot has no reference counts");
        }
        long root = mappingRoot(id);
        NodeWalk walk = new NodeWalk(view, Long.BYTES);
        CountReader nodes = CountReader.ofMetadata(view, superblock.metadataSpaceMap());
        if (!walk.allOnPath(superblock.mappingRoot(), id, nodes::isOne)) {
            return 0;
        }
        CountReader data = CountReader.ofData(view, superblock.dataSpaceMap());
        long[] found = {0};
        walk.leaves(root, nodes::isOne, leaf -> {
            for (int i = 0; i < leaf.entries(); i++) {
                if (data.isOne(BlockTime.block(leaf.longValue(i)))) {
                    found[0]++;
                }
            }
        });
        return found[0];
    }

    /**
     * The root of a device's tree. Two devices with the same root have the same content.
     *
     * @throws ThinRequestException UNKNOWN_DEVICE
     */
    public long mappingRoot(long id) {
        long root = mappings.lookupLong(superblock.mappingRoot(), id, NO_SUBTREE);
        if (root == NO_SUBTREE) {
            throw new ThinRequestException(Reason.UNKNOWN_DEVICE, "there is no device " + Long.toUnsignedString(id));
        }
        return root;
    }

    /** Lets the writer have the blocks that were kept for this view. Closing twice does nothing. */
    @Override
    public void close() {
        view.close();
    }

    /** What {@link #forEachDevice} calls. */
    @FunctionalInterface
    public interface DeviceVisitor {
        /** @return whether to go on */
        boolean visit(long id, DeviceDetails details);
    }

    /** What {@link #forEachMapping} calls. */
    @FunctionalInterface
    public interface MappingVisitor {
        /** @return whether to go on */
        boolean visit(long virtualBlock, long dataBlock, int time);
    }
}
