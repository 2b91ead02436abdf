package io.pdata.tools.build;

import io.pdata.core.block.Block;
import io.pdata.core.block.BlockAppender;
import io.pdata.core.block.BlockValidator;
import io.pdata.core.block.Bytes;
import io.pdata.core.block.CorruptionException;
import io.pdata.core.btree.BTreeReader;
import io.pdata.core.btree.NodeValidator;
import io.pdata.core.btree.WalkedNode;
import io.pdata.core.space.SpaceMapRoot;
import io.pdata.core.spacemap.BitmapBlock;
import io.pdata.core.spacemap.IndexBlock;
import io.pdata.core.spacemap.IndexEntry;
import io.pdata.tools.Findings;
import io.pdata.tools.MetadataFile;
import io.pdata.tools.Report;
import io.pdata.tools.ToolException;
import io.pdata.tools.check.CheckContext;
import io.pdata.tools.check.ReferenceCounts;
import io.pdata.tools.check.SpaceMapCheck;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.PrimitiveIterator;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;

/**
 * Repairs metadata in place where their meaning does not change: all that space maps say can be computed from the
 * trees, and so can a few other fields. One transaction: new blocks go where neither the trees nor the old space maps
 * have any, and the superblock is written last, so that at any moment either the old state is on the device or the
 * repaired one.
 *
 * <p>The metadata space map is always written again, as each new block changes it; of the data space map only bitmaps
 * that differ are, but its index and overflow tree. All trees have to be whole, because a damaged node may refer to any
 * block.
 *
 * <p>Memory: a copy of the counts of metadata blocks, and 8 bytes for each bitmap. Source: format document
 * "persistent-data", section 4.
 */
public final class InPlaceRepair {
    private final CheckContext context;
    private final BlockValidator superblock;
    private final SpaceMap metadata;
    /** References of everything but space maps; becomes the counts of the repaired metadata. */
    private final ReferenceCounts live;
    private SpaceMap data;
    private ReferenceCounts dataReferences;
    private Tree tree;

    private MetadataFile file;
    private long blocks;
    private long nextFree = 1;

    private record SpaceMap(SpaceMapCheck checked, int rootAt) {}

    private record Tree(int rootAt, long oldRoot, ToLongFunction<BlockAppender> builder) {}

    /**
     * Prepares to repair metadata.
     *
     * @param context has counted the references of everything but space maps
     * @param superblock the type of block 0
     * @param metadata the check of the metadata space map, which has counted nothing yet
     * @param rootAt where the superblock has the root of that map
     */
    public InPlaceRepair(CheckContext context, BlockValidator superblock, SpaceMapCheck metadata, int rootAt) {
        this.context = context;
        this.superblock = superblock;
        this.metadata = new SpaceMap(metadata, rootAt);
        this.live = context.references().copy();
    }

    /** Adds the map of data blocks. */
    public void addDataMap(SpaceMapCheck checked, int rootAt, ReferenceCounts references) {
        this.data = new SpaceMap(checked, rootAt);
        this.dataReferences = references;
    }

    /**
     * Has a tree of one level replaced.
     *
     * @param rootAt where the superblock has its root
     * @param builder writes the new tree and returns its root
     */
    public void replaceTree(int rootAt, long oldRoot, ToLongFunction<BlockAppender> builder) {
        this.tree = new Tree(rootAt, oldRoot, builder);
    }

    /**
     * Repairs all that was found.
     *
     * @param target the metadata, opened to be changed
     * @param amend changes fields of the superblock in the same transaction
     * @throws ToolException if there is no room; nothing has been changed then
     */
    public void run(MetadataFile target, Findings findings, Report report, Consumer<MemorySegment> amend) {
        if (!findings.repairableInPlace()) {
            throw new IllegalArgumentException("cannot be repaired in place: " + findings.obstacle());
        }
        file = target;
        if (tree == null && metadata.checked.sound() && (data == null || data.checked.sound())) {
            file.commit(superblock, amend);
            return;
        }
        blocks = metadataBlocks();
        long treeRoot = tree == null ? 0 : replaceTree(report);
        SpaceMapRoot dataRoot = data == null ? null : dataMap(report);
        report.problem(metadata.checked.leaked() ? "Repairing metadata leaks." : "Repairing the metadata space map.");
        SpaceMapRoot metadataRoot = writeMetadataMap();
        file.commit(superblock, block -> {
            if (tree != null) {
                block.set(Bytes.U64, tree.rootAt, treeRoot);
            }
            if (data != null) {
                dataRoot.write(block, data.rootAt);
            }
            metadataRoot.write(block, metadata.rootAt);
            amend.accept(block);
        });
    }

    /** As many as the map has counted, unless that is impossible, or fewer than are in use. */
    private long metadataBlocks() {
        long counted = metadata.checked.root().blocks();
        long most = metadata.checked.limit();
        if (counted <= 0 || counted > most) {
            return most;
        }
        for (long block = counted; block < context.references().blocks(); block++) {
            if (live.get(block) > 0) {
                return most;
            }
        }
        return counted;
    }

    private long replaceTree(Report report) {
        report.problem("Repairing the device details.");
        long root = tree.builder.applyAsLong(this::append);
        release(tree.oldRoot);
        return root;
    }

    /** Takes a reference from a node; the last one takes those to its children with it. */
    private void release(long number) {
        live.dec(number);
        if (live.get(number) > 0) {
            return;
        }
        long[] children;
        try (Block block = file.readLock(number, NodeValidator.NODE)) {
            WalkedNode node = WalkedNode.of(number, block.data());
            children = node.isLeaf() ? new long[0] : Arrays.copyOf(node.longValues(), node.entries());
        }
        for (long child : children) {
            release(child);
        }
    }

    private SpaceMapRoot dataMap(Report report) {
        if (data.checked.sound()) {
            data.checked.countOwnBlocks(new CheckContext(file, live, new Findings(), context.threads()));
            return data.checked.root();
        }
        report.problem(data.checked.leaked() ? "Repairing data leaks." : "Repairing the data space map.");
        long counted = data.checked.root().blocks();
        SpaceMapBuilder map = new SpaceMapBuilder(this::append, dataReferences, counted);
        long[] old = oldDataBitmaps();
        map.writeBitmaps((index, bitmap) -> reuse(index < old.length ? old[index] : -1, bitmap));
        return MetadataWriter.writeTrees(map, this::append, counted);
    }

    /** Where the data bitmaps are at present; -1 where that is not known. */
    private long[] oldDataBitmaps() {
        long[] locations = new long[Math.toIntExact(BitmapBlock.bitmapsFor(data.checked.root().blocks()))];
        Arrays.fill(locations, -1);
        if (data.checked.indexUsable()) {
            new BTreeReader(file, 1, IndexEntry.SIZE).walk(data.checked.root().bitmapRoot(), (key, node, offset) -> {
                if (Long.compareUnsigned(key, locations.length) < 0) {
                    locations[(int) key] = IndexEntry.location(node, offset);
                }
                return true;
            });
        }
        return locations;
    }

    private long reuse(long location, MemorySegment bitmap) {
        boolean exclusive = location > 0 && location < blocks && live.get(location) == 0
                && context.references().get(location) == 1;
        if (!exclusive) {
            return -1;
        }
        try (Block block = file.readLock(location, BitmapBlock.VALIDATOR)) {
            if (block.data().asSlice(BitmapBlock.WORDS).mismatch(bitmap.asSlice(BitmapBlock.WORDS)) >= 0) {
                return -1;
            }
        } catch (CorruptionException e) {
            return -1;
        }
        live.inc(location);
        return location;
    }

    private SpaceMapRoot writeMetadataMap() {
        SpaceMapBuilder sizes = new SpaceMapBuilder(this::append, live, blocks);
        long[] own = new long[Math.toIntExact(BitmapBlock.bitmapsFor(blocks) + sizes.overflowNodes() + 1)];
        for (int i = 0; i < own.length; i++) {
            own[i] = allocate();
        }
        PrimitiveIterator.OfLong next = Arrays.stream(own).iterator();
        BlockAppender out = (type, content) -> {
            long number = next.nextLong();
            file.writeUnused(number, type, content);
            return number;
        };
        SpaceMapBuilder map = new SpaceMapBuilder(out, live, blocks);
        map.writeBitmaps(SpaceMapBuilder.Existing.NONE);
        long overflow = map.writeOverflow();
        long index = out.append(IndexBlock.VALIDATOR, map::writeIndex);
        return new SpaceMapRoot(blocks, map.allocated(), index, overflow);
    }

    private long append(BlockValidator type, Consumer<MemorySegment> content) {
        long number = allocate();
        file.writeUnused(number, type, content);
        return number;
    }

    /** Takes a block that neither the state on the device nor the new one has. */
    private long allocate() {
        while (nextFree < blocks && (context.references().get(nextFree) > 0 || live.get(nextFree) > 0)) {
            nextFree++;
        }
        if (nextFree >= blocks) {
            throw new ToolException("no room to repair in place: all of the " + blocks
                    + " metadata blocks are in use. Repair into a larger device");
        }
        live.inc(nextFree);
        return nextFree++;
    }
}
