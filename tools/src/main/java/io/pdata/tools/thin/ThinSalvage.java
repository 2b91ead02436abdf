package io.pdata.tools.thin;

import io.pdata.core.btree.TreeDamage;
import io.pdata.core.btree.TreeWalker;
import io.pdata.core.btree.WalkedNode;
import io.pdata.thin.BlockTime;
import io.pdata.tools.MetadataFile;
import io.pdata.tools.salvage.TreeSalvage;
import java.util.List;
import java.util.concurrent.atomic.LongAccumulator;

/**
 * Gives a sink what can be kept of the devices of a pool. Parts of trees without damage stay shared between devices; around
 * damage each device is gone through by itself, so that its losses are accounted for exactly.
 *
 * <p>A mapping beyond the end of the data device is lost. All nodes are read twice: once to find the damage, with several
 * threads, and once for the sink. Memory: the {@linkplain MetadataFile#CACHE_BYTES block cache}, a {@link TreeWalker}, a
 * {@link LeafGraph} and some 100 bytes for each device. Used by one thread.
 */
final class ThinSalvage {
    private final TreeWalker walker;
    private final TreeSalvage salvage;
    private final SharedTrees trees;
    private final Losses losses;
    private final long dataBlocks;
    private final LongAccumulator highestBlock = new LongAccumulator(Math::max, -1);
    private final LongAccumulator latestTime = new LongAccumulator(Math::max, 0);

    /** The number of data blocks if that is not known: every mapping is believed. */
    static final long ANY = BlockTime.MAX_BLOCKS;
    /** Stands for the root of a device whose mapping tree nobody points at any more. */
    static final long NO_TREE = -1;

    /** @param dataBlocks mappings to data blocks from here on are lost; or {@link #ANY} */
    ThinSalvage(MetadataFile file, int threads, long dataBlocks, Losses losses) {
        this.walker = new TreeWalker(file, Long.BYTES, threads);
        this.salvage = new TreeSalvage(file, Long.BYTES, walker);
        this.trees = new SharedTrees(file);
        this.dataBlocks = dataBlocks;
        this.losses = losses;
    }

    /** Looks at all trees. To be called once, and first. */
    void walk(List<PoolRoots.Mapped> devices) {
        for (PoolRoots.Mapped device : devices) {
            walker.addRoot(device.root());
        }
        walker.walk(new TreeWalker.Visitor() {
            @Override
            public void leaf(WalkedNode node) {
                look(node);
            }

            @Override
            public void damage(TreeDamage damage) {
                // Whatever is damaged is met again in each device that it belongs to, and accounted for there.
            }
        });
    }

    private void look(WalkedNode leaf) {
        long highest = -1;
        long latest = 0;
        boolean beyond = false;
        for (int i = 0; i < leaf.entries(); i++) {
            long value = leaf.longValue(i);
            if (BlockTime.block(value) >= dataBlocks) {
                beyond = true;
            } else {
                highest = Math.max(highest, BlockTime.block(value));
                latest = Math.max(latest, BlockTime.time(value));
            }
        }
        highestBlock.accumulate(highest);
        latestTime.accumulate(latest);
        if (beyond) {
            walker.distrust(leaf);
        }
    }

    /** Finds out what can be kept of a device, and accounts for the rest; returns how many mappings it keeps. */
    long plan(PoolRoots.Mapped device) {
        if (device.root() == NO_TREE) {
            losses.note(device.id(), "nothing leads to its mapping tree any more");
            return 0;
        }
        long[] kept = new long[1];
        salvage.visit(device.root(), new TreeSalvage.Visitor() {
            @Override
            public void whole(long block, TreeWalker.Summary part) {
                trees.add(block);
                kept[0] += part.entries();
            }

            @Override
            public void entry(WalkedNode leaf, int index) {
                long block = BlockTime.block(leaf.longValue(index));
                long key = leaf.key(index);
                if (block < dataBlocks) {
                    kept[0]++;
                    highestBlock.accumulate(block);
                    latestTime.accumulate(BlockTime.time(leaf.longValue(index)));
                } else {
                    losses.lost(device.id(), key, key, leaf.block(), "leads beyond the " + dataBlocks + " data blocks");
                }
            }

            @Override
            public void lost(long first, long last, long block, String problem) {
                losses.lost(device.id(), first, last, block, problem);
            }
        });
        return kept[0];
    }

    /** The highest data block that is mapped, of all devices that have been planned; -1 if there is none. */
    long highestBlock() {
        return highestBlock.get();
    }

    /** The latest time of a mapping. */
    int latestTime() {
        return (int) latestTime.get();
    }

    /** Writes what devices have in common; after all of them have been planned. */
    void writeShared(DumpSink sink) {
        trees.gather();
        trees.writeShared(sink, new MappingRuns(sink));
    }

    /** Writes the mappings of a device. */
    void write(PoolRoots.Mapped device, DumpSink sink) {
        if (device.root() == NO_TREE) {
            return;
        }
        MappingRuns runs = new MappingRuns(sink);
        salvage.visit(device.root(), new TreeSalvage.Visitor() {
            @Override
            public void whole(long block, TreeWalker.Summary part) {
                trees.write(block, sink, runs, new KeyOrder());
            }

            @Override
            public void entry(WalkedNode leaf, int index) {
                long value = leaf.longValue(index);
                if (BlockTime.block(value) < dataBlocks) {
                    runs.add(leaf.key(index), BlockTime.block(value), BlockTime.time(value));
                }
            }

            @Override
            public void lost(long first, long last, long block, String problem) {
                // accounted for when the device was planned
            }
        });
        runs.finish();
    }
}
