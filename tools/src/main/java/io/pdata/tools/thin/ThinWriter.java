package io.pdata.tools.thin;

import io.pdata.core.btree.LeafRun;
import io.pdata.core.btree.NodeValidator;
import io.pdata.core.btree.SharedLeaves;
import io.pdata.core.btree.TreeBuilder;
import io.pdata.core.btree.WalkedNode;
import io.pdata.core.device.Device;
import io.pdata.core.space.SpaceMapRoot;
import io.pdata.core.spacemap.BitmapBlock;
import io.pdata.thin.BlockTime;
import io.pdata.thin.DeviceDetails;
import io.pdata.thin.ThinSuperblock;
import io.pdata.thin.ThinSuperblockLayout;
import io.pdata.tools.Report;
import io.pdata.tools.ToolException;
import io.pdata.tools.build.MetadataWriter;
import io.pdata.tools.check.ReferenceCounts;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Makes the metadata of a pool. Shared runs become leaves that all devices with the run have in common; where a node
 * next to one would be less than half full its entries are copied. What cannot be in metadata is refused.
 *
 * <p>The new metadata are there when {@link #endPool} has returned; without it there are none ({@link MetadataWriter}).
 * They have no metadata snapshot and need no check.
 *
 * <p>Memory: what {@link MetadataWriter} takes, 16 bytes for each leaf of the device that is being written, a little
 * for each device and each shared run ({@link SharedRuns}), and for each data block that is mapped a quarter of a byte,
 * or more where more than three leaves refer to one ({@link ReferenceCounts}). Errors: {@link ToolException}. Not
 * thread-safe. Source: format documents "thin", and "tools-xml", sections 2 and 5.
 */
public final class ThinWriter implements DumpSink, AutoCloseable {
    private static final long MAX_ID = 0xFFFF_FFFFL;
    /** How many mappings are counted at once. */
    private static final int BATCH = 1 << 12;

    private final MetadataWriter out;
    private final Report report;
    private final SharedLeaves sharing = new Sharing();
    private final SharedRuns runs = new SharedRuns();
    private final List<WrittenDevice> devices = new ArrayList<>();
    private final Set<Long> ids = new HashSet<>();
    private PoolHeader pool;
    private ReferenceCounts data;
    /** Data blocks of mappings that have not been counted yet. */
    private final long[] uncounted = new long[BATCH];
    private int inBatch;

    // What is being written: a shared run, or a device.
    private TreeBuilder tree;
    private String place;
    private long id;
    private DeviceDetails details;
    private long mapped;

    private record WrittenDevice(long id, long root, DeviceDetails details) {}

    /** Writes to a device, which is closed together with this object; all of it is overwritten. */
    public ThinWriter(Device device) {
        this(device, Report.SILENT);
    }

    /**
     * Writes to a device, which is closed together with this object; all of it is overwritten.
     *
     * @param report receives corrections of the input
     */
    public ThinWriter(Device device, Report report) {
        this.out = new MetadataWriter(device);
        this.report = report;
    }

    @Override
    public void beginPool(PoolHeader header) {
        SuperblockCheck.requireBlockSize(header.dataBlockSectors());
        if (Integer.compareUnsigned(header.time(), BlockTime.MAX_TIME) > 0) {
            throw new ToolException("time out of bounds: the pool's is " + Integer.toUnsignedString(header.time())
                    + ", but mappings have room for " + BlockTime.MAX_TIME);
        }
        if (header.dataBlocks() < 0 || header.dataBlocks() > BlockTime.MAX_BLOCKS
                || BitmapBlock.bitmapsFor(header.dataBlocks()) >= out.blocks()) {
            throw new ToolException("out of metadata space: the output cannot count "
                    + Long.toUnsignedString(header.dataBlocks()) + " data blocks");
        }
        pool = header;
        data = new ReferenceCounts(header.dataBlocks());
    }

    @Override
    public void beginShared(long name) {
        if (!devices.isEmpty()) {
            throw new ToolException("sub tree '" + name + "' comes after a device");
        }
        begin("sub tree '" + name + "'");
        id = name;
    }

    @Override
    public void endShared() {
        if (!runs.add(id, tree.finishRun(), mapped)) {
            throw new ToolException("there are two of " + place);
        }
    }

    @Override
    public void beginDevice(long deviceId, DeviceDetails deviceDetails) {
        if (deviceId < 0 || deviceId > MAX_ID) {
            throw new ToolException("device id " + Long.toUnsignedString(deviceId) + " is not below 2^32");
        }
        if (!ids.add(deviceId)) {
            throw new ToolException("there are two of device " + deviceId);
        }
        begin("device " + deviceId);
        requireTimes(deviceDetails);
        id = deviceId;
        details = deviceDetails;
    }

    private void requireTimes(DeviceDetails times) {
        requirePast(times.creationTime(), "creation time of ");
        requirePast(times.snapshottedTime(), "snapshot time of ");
        if (Integer.compareUnsigned(times.snapshottedTime(), times.creationTime()) < 0) {
            throw new ToolException("time out of bounds: the snapshot time of " + place + ", "
                    + Integer.toUnsignedString(times.snapshottedTime()) + ", is before its creation time "
                    + Integer.toUnsignedString(times.creationTime()));
        }
    }

    private void requirePast(int time, String what) {
        if (Integer.compareUnsigned(time, pool.time()) > 0) {
            throw new ToolException("time out of bounds: the " + what + place + ", " + Integer.toUnsignedString(time)
                    + ", is after the pool's time " + Integer.toUnsignedString(pool.time()));
        }
    }

    private void begin(String newPlace) {
        place = newPlace;
        mapped = 0;
        tree = new TreeBuilder(out, sharing, Long.BYTES);
    }

    @Override
    public void endDevice() {
        if (mapped != details.mappedBlocks()) {
            report.problem(place + " has " + mapped + " mappings; mapped_blocks was "
                    + Long.toUnsignedString(details.mappedBlocks()) + " and has been corrected");
        }
        devices.add(new WrittenDevice(id, tree.finish().block(), new DeviceDetails(mapped, details.transactionId(),
                details.creationTime(), details.snapshottedTime())));
    }

    @Override
    public void map(long origin, long block, long length, int time) {
        requirePast(time, "time of a mapping of ");
        if (block < 0 || length < 1 || length > data.blocks() || block > data.blocks() - length) {
            throw new ToolException("block out of bounds: " + place + " is mapped to data blocks "
                    + Long.toUnsignedString(block) + " to " + Long.toUnsignedString(block + length - 1)
                    + ", but there are " + data.blocks());
        }
        requireAscending(origin, origin + length - 1);
        mapped += length;
        for (long i = 0; i < length; i++) {
            tree.addLong(origin + i, BlockTime.pack(block + i, time));
            uncounted[inBatch++] = block + i;
            if (inBatch == BATCH) {
                count();
            }
        }
    }

    private void count() {
        data.inc(uncounted, inBatch);
        inBatch = 0;
    }

    @Override
    public void shared(long name) {
        LeafRun run = runs.get(name);
        if (run == null) {
            throw new ToolException("Couldn't find sub tree '" + name + "'.");
        }
        if (run.leaves() > 0) {
            requireAscending(run.key(0), run.lastKey());
            mapped += runs.mappings(name);
            tree.addRun(run);
        }
    }

    private void requireAscending(long first, long last) {
        if (!tree.ascendsTo(first) || Long.compareUnsigned(last, first) < 0) {
            throw new ToolException("keys out of order: virtual block " + Long.toUnsignedString(first) + " of " + place
                    + " does not come after those before it");
        }
    }

    @Override
    public void endPool() {
        count();
        releaseRuns();
        sortDevices();
        long detailsRoot = writeDetails();
        long mappingRoot = writeTopLevel();
        SpaceMapRoot dataMap = out.writeSpaceMap(data);
        SpaceMapRoot metadataMap = out.writeSpaceMap();
        ThinSuperblock superblock = new ThinSuperblock(0, ThinSuperblockLayout.CURRENT_VERSION, pool.time(),
                pool.transactionId(), 0, dataMap, metadataMap, mappingRoot, detailsRoot, pool.dataBlockSectors(),
                ThinSuperblockLayout.SECTORS_PER_METADATA_BLOCK, out.blocks(), 0, 0, 0);
        out.finish(ThinSuperblockLayout.VALIDATOR, superblock::write);
    }

    /** Until now each leaf of a run was kept whether a device has it or not. */
    private void releaseRuns() {
        for (int i = 0; i < runs.leaves(); i++) {
            long leaf = runs.firstBlock() + i;
            out.references().dec(leaf);
            if (out.references().get(leaf) == 0) {
                out.read(leaf, NodeValidator.NODE, node -> forEachBlock(leaf, node, data::dec));
            }
        }
    }

    private void sortDevices() {
        devices.sort(Comparator.comparingLong(WrittenDevice::id));
    }

    private long writeDetails() {
        TreeBuilder builder = new TreeBuilder(out, SharedLeaves.NONE, DeviceDetails.SIZE);
        MemorySegment value = MemorySegment.ofArray(new byte[DeviceDetails.SIZE]);
        for (WrittenDevice device : devices) {
            device.details().write(value, 0);
            builder.add(device.id(), value, 0);
        }
        return builder.finish().block();
    }

    private long writeTopLevel() {
        TreeBuilder builder = new TreeBuilder(out, SharedLeaves.NONE, Long.BYTES);
        for (WrittenDevice device : devices) {
            builder.addLong(device.id(), device.root());
        }
        return builder.finish().block();
    }

    @Override
    public void close() {
        out.close();
    }

    private interface BlockVisitor {
        void visit(long block);
    }

    private static void forEachBlock(long leaf, MemorySegment node, BlockVisitor visitor) {
        WalkedNode entries = WalkedNode.of(leaf, node);
        for (int i = 0; i < entries.entries(); i++) {
            visitor.visit(BlockTime.block(entries.longValue(i)));
        }
    }

    /** Counts who refers to the leaves of runs, and to the data blocks of those that are copied. */
    private final class Sharing implements SharedLeaves {
        @Override
        public void share(long leaf) {
            out.references().inc(leaf);
        }

        @Override
        public void unshare(long leaf) {
            out.references().dec(leaf);
        }

        @Override
        public void copy(long leaf, Consumer<MemorySegment> reader) {
            out.read(leaf, NodeValidator.NODE, node -> {
                forEachBlock(leaf, node, data::inc);
                reader.accept(node);
            });
        }
    }
}
