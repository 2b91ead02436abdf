package io.pdata.tools.thin;

import io.pdata.core.block.Block;
import io.pdata.core.block.BlockSet;
import io.pdata.core.block.Bytes;
import io.pdata.core.block.CorruptionException;
import io.pdata.core.btree.NodeLayout;
import io.pdata.core.btree.NodeValidator;
import io.pdata.core.btree.TreeWalker;
import io.pdata.core.btree.WalkedNode;
import io.pdata.core.device.DeviceException;
import io.pdata.thin.DeviceDetails;
import io.pdata.thin.ThinSuperblock;
import io.pdata.thin.ThinSuperblockLayout;
import io.pdata.tools.MetadataFile;
import io.pdata.tools.ToolException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Looks at every block of a device for what could be the top level of a mapping tree or a device details tree, of this or
 * any earlier transaction.
 *
 * <p>A leaf of a top level has ids of devices for keys, and nodes of mapping trees for values. A leaf of a details tree has
 * values of 24 bytes, which no other tree has. Whatever leads only to such leaves belongs to the same tree, and a root is
 * what no such node points at.
 *
 * <p>Memory: six bits for each block of the device. Time: one pass over what is stored, and another over internal nodes
 * and leaves that may be of a top level.
 */
final class NodeCensus {
    /** The largest id that a thin device can be given. */
    private static final long MAX_ID = (1 << 24) - 1;
    private static final int MOST_SUPERBLOCKS = 64;

    private final MetadataFile file;
    private final BlockSet mappingNodes;
    private final BlockSet internals;
    private final BlockSet top;
    private final BlockSet details;
    private final List<ThinSuperblock> superblocks = new CopyOnWriteArrayList<>();

    private NodeCensus(MetadataFile file) {
        this.file = file;
        this.mappingNodes = new BlockSet(file.blocks());
        this.internals = new BlockSet(file.blocks());
        this.top = new BlockSet(file.blocks());
        this.details = new BlockSet(file.blocks());
    }

    /** Looks at a device. */
    static NodeCensus of(MetadataFile file, int threads) {
        NodeCensus census = new NodeCensus(file);
        file.scan(threads, census::look);
        census.confirmTopLeaves();
        census.climb(census.top);
        census.climb(census.details);
        return census;
    }

    /** Superblocks other than the first: what is left of metadata snapshots. */
    List<ThinSuperblock> superblockCopies() {
        return superblocks;
    }

    /** What can be roots of top levels of mapping trees. */
    BlockSet mappingRoots() {
        return roots(top);
    }

    /** What can be roots of device details trees. */
    BlockSet detailsRoots() {
        return roots(details);
    }

    private void look(long number, MemorySegment block) {
        if (block.get(Bytes.U64, NodeLayout.BLOCK_NUMBER) != number) {
            return;
        }
        if (block.get(Bytes.U64, ThinSuperblockLayout.MAGIC) == ThinSuperblockLayout.MAGIC_NUMBER && number != 0
                && superblocks.size() < MOST_SUPERBLOCKS
                && isSound(() -> ThinSuperblockLayout.VALIDATOR.check(block, number))) {
            superblocks.add(ThinSuperblock.read(block));
            return;
        }
        int flags = block.get(Bytes.U32, NodeLayout.FLAGS);
        int valueSize = block.get(Bytes.U32, NodeLayout.VALUE_SIZE);
        if ((flags == NodeLayout.INTERNAL || flags == NodeLayout.LEAF)
                && (valueSize == Long.BYTES || valueSize == DeviceDetails.SIZE)
                && isSound(() -> NodeValidator.NODE.check(block, number))) {
            node(WalkedNode.of(number, block));
        }
    }

    private void node(WalkedNode node) {
        if (node.valueSize() == DeviceDetails.SIZE) {
            if (node.isLeaf() && hasDeviceIds(node)) {
                details.add(node.block());
            }
            return;
        }
        mappingNodes.add(node.block());
        if (!node.isLeaf()) {
            internals.add(node.block());
        } else if (hasDeviceIds(node) && pointsInside(node)) {
            top.add(node.block());
        }
    }

    private static boolean hasDeviceIds(WalkedNode node) {
        for (int i = 0; i < node.entries(); i++) {
            if (Long.compareUnsigned(node.key(i), MAX_ID) > 0
                    || i > 0 && Long.compareUnsigned(node.key(i - 1), node.key(i)) >= 0) {
                return false;
            }
        }
        return node.entries() > 0;
    }

    private boolean pointsInside(WalkedNode node) {
        for (int i = 0; i < node.entries(); i++) {
            if (node.longValue(i) <= 0 || node.longValue(i) >= file.blocks()) {
                return false;
            }
        }
        return true;
    }

    /** Leaves most of whose values are no nodes of mapping trees map something to the first data blocks. */
    private void confirmTopLeaves() {
        for (int block = top.next(0); block >= 0; block = top.next(block + 1)) {
            int[] nodes = new int[2];
            forEachChild(block, child -> nodes[isMappingNode(child) ? 1 : 0]++);
            if (nodes[0] > nodes[1]) {
                top.remove(block);
            }
        }
    }

    private boolean isMappingNode(long block) {
        return block >= 0 && block < mappingNodes.capacity() && mappingNodes.contains(block);
    }

    /** Adds the internal nodes above a kind of leaves: level by level, those that lead to no others. */
    private void climb(BlockSet kind) {
        boolean grown = true;
        for (int level = 1; level < TreeWalker.MAX_DEPTH && grown; level++) {
            grown = false;
            for (int block = internals.next(0); block >= 0; block = internals.next(block + 1)) {
                if (!kind.contains(block) && leadsOnlyTo(kind, block)) {
                    kind.add(block);
                    grown = true;
                }
            }
        }
    }

    private boolean leadsOnlyTo(BlockSet kind, int block) {
        int[] children = new int[2];
        forEachChild(block, child -> {
            if (child >= 0 && child < kind.capacity() && kind.contains(child)) {
                children[1]++;
            } else if (isMappingNode(child)) {
                children[0]++; // what cannot be read may have been of this kind, but this is not
            }
        });
        return children[0] == 0 && children[1] > 0;
    }

    private BlockSet roots(BlockSet kind) {
        BlockSet roots = new BlockSet(kind.capacity());
        BlockSet children = new BlockSet(kind.capacity());
        for (int block = kind.next(0); block >= 0; block = kind.next(block + 1)) {
            if (internals.contains(block)) {
                forEachChild(block, child -> {
                    if (child >= 0 && child < children.capacity()) {
                        children.add(child);
                    }
                });
            }
        }
        for (int block = kind.next(0); block >= 0; block = kind.next(block + 1)) {
            if (!children.contains(block)) {
                roots.add(block);
            }
        }
        return roots;
    }

    private interface ChildVisitor {
        void visit(long child);
    }

    private void forEachChild(int block, ChildVisitor visitor) {
        try (Block locked = file.readLock(block, NodeValidator.NODE)) {
            WalkedNode node = WalkedNode.of(block, locked.data());
            for (int i = 0; i < node.entries(); i++) {
                visitor.visit(node.longValue(i));
            }
        } catch (CorruptionException | DeviceException e) {
            throw new ToolException("block " + block + " could be read a moment ago: " + e.getMessage(), e);
        }
    }

    private static boolean isSound(Runnable check) {
        try {
            check.run();
            return true;
        } catch (CorruptionException e) {
            return false; // one of many blocks that are something else, or nothing any more
        }
    }
}
