package io.pdata.tools.thin;

import io.pdata.core.block.Block;
import io.pdata.core.block.BlockSet;
import io.pdata.core.block.CorruptionException;
import io.pdata.core.btree.NodeValidator;
import io.pdata.core.btree.TreeDamage;
import io.pdata.core.btree.TreeWalker;
import io.pdata.core.btree.WalkedNode;
import io.pdata.core.device.DeviceException;
import io.pdata.thin.BlockTime;
import io.pdata.thin.DeviceDetails;
import io.pdata.thin.ThinSuperblock;
import io.pdata.tools.MetadataFile;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Finds the states of a pool that are still on the device: pairs of a mapping tree and the device details that belong to
 * it, of the last transaction or earlier ones whose blocks have not been used again.
 *
 * <p>Which details belong to which mappings is found by the number of mappings of each device: for every state a number is
 * made of all of them. All mapping trees together are walked once, with several threads.
 *
 * <p>Memory: that of a {@link NodeCensus} and a {@link TreeWalker}, 4 bytes more for each node of a mapping tree, and some
 * 200 bytes for each root. Time: one scan of the device, and each node once more.
 */
final class RootSearch {
    private static final int UNSEEN = -1;

    private final MetadataFile file;
    private final PoolRoots trees;
    private final NodeCensus census;
    private final TreeWalker walker;
    private final BlockTable times;
    private final ThinSuperblock superblock;

    /** A details tree. */
    private record Details(long root, long time, long transactionId) {
        boolean isNewerThan(Details other) {
            if (other == null || time != other.time) {
                return other == null || time > other.time;
            }
            int order = Long.compareUnsigned(transactionId, other.transactionId);
            return order != 0 ? order > 0 : root > other.root;
        }
    }

    /** The details trees, by what is in them; of several that are alike the newest. */
    private final Map<Long, Details> byMappings = new HashMap<>();
    private final Map<Long, Details> byDevices = new HashMap<>();

    /** @param superblock the one there is, or null */
    RootSearch(MetadataFile file, int threads, ThinSuperblock superblock) {
        this.file = file;
        this.superblock = superblock;
        this.trees = new PoolRoots(file);
        this.census = NodeCensus.of(file, threads);
        this.walker = new TreeWalker(file, Long.BYTES, threads);
        this.times = new BlockTable((int) file.blocks(), UNSEEN);
    }

    /** Copies of superblocks, of metadata snapshots. */
    List<ThinSuperblock> superblockCopies() {
        return census.superblockCopies();
    }

    /** All states that there are, the best first. */
    List<RootCandidate> candidates() {
        BlockSet detailsRoots = census.detailsRoots();
        for (int root = detailsRoots.next(0); root >= 0; root = detailsRoots.next(root + 1)) {
            addDetails(root);
        }
        BlockSet mappingRoots = census.mappingRoots();
        for (int root = mappingRoots.next(0); root >= 0; root = mappingRoots.next(root + 1)) {
            trees.mapped(root).devices().forEach(device -> walker.addRoot(device.root()));
        }
        walker.walk(new TreeWalker.Visitor() {
            @Override
            public void leaf(WalkedNode node) {
                noteTime(node);
            }

            @Override
            public void damage(TreeDamage damage) {
                // counted in the summary of every tree that has it
            }
        });
        List<RootCandidate> found = new ArrayList<>();
        for (int root = mappingRoots.next(0); root >= 0; root = mappingRoots.next(root + 1)) {
            found.add(candidate(root));
        }
        found.sort(RootCandidate.BEST_FIRST);
        return found;
    }

    /** The roots of all details trees that were found. */
    BlockSet detailsRoots() {
        return census.detailsRoots();
    }

    private void addDetails(int root) {
        PoolRoots.Found<PoolRoots.Detailed> found = trees.detailed(root);
        Fingerprint mappings = new Fingerprint();
        Fingerprint devices = new Fingerprint();
        long time = 0;
        long transactionId = 0;
        for (PoolRoots.Detailed device : found.devices()) {
            DeviceDetails details = device.details();
            mappings.add(device.id()).add(details.mappedBlocks());
            devices.add(device.id());
            time = Math.max(time, Integer.toUnsignedLong(details.snapshottedTime()));
            if (Long.compareUnsigned(details.transactionId(), transactionId) > 0) {
                transactionId = details.transactionId();
            }
        }
        Details tree = new Details(root, time, transactionId);
        if (found.complete() && time <= BlockTime.MAX_TIME) {
            byMappings.merge(mappings.value(), tree, (a, b) -> a.isNewerThan(b) ? a : b);
            byDevices.merge(devices.value(), tree, (a, b) -> a.isNewerThan(b) ? a : b);
        }
    }

    private RootCandidate candidate(int root) {
        PoolRoots.Found<PoolRoots.Mapped> found = trees.mapped(root);
        Fingerprint mappings = new Fingerprint();
        Fingerprint devices = new Fingerprint();
        long total = 0;
        long damages = found.damages();
        long time = 0;
        for (PoolRoots.Mapped device : found.devices()) {
            TreeWalker.Summary summary = walker.summary(device.root());
            mappings.add(device.id()).add(summary.entries());
            devices.add(device.id());
            total += summary.entries();
            damages += summary.height() == 0 ? Math.max(1, summary.errors()) : summary.errors();
            time = Math.max(time, time(device.root(), TreeWalker.MAX_DEPTH));
        }
        Details exact = byMappings.get(mappings.value());
        Details best = exact != null ? exact : byDevices.get(devices.value());
        boolean current = superblock != null && superblock.mappingRoot() == root;
        long detailed = best == null ? time : Math.max(time, best.time());
        long transactionId = current ? superblock.transactionId() : best == null ? 0 : best.transactionId();
        return new RootCandidate(root, best == null ? -1 : best.root(), detailed, transactionId,
                found.devices().size(), total, damages, exact != null, current, age(root));
    }

    private long age(int root) {
        return superblock == null
                ? file.blocks() - root
                : Math.floorMod(superblock.mappingRoot() - root, file.blocks());
    }

    private synchronized void noteTime(WalkedNode leaf) {
        int latest = 0;
        for (int i = 0; i < leaf.entries(); i++) {
            latest = Math.max(latest, BlockTime.time(leaf.longValue(i)));
        }
        times.set((int) leaf.block(), latest);
    }

    /** The latest time of the mappings below a node; nothing is known of what cannot be read. */
    private int time(long block, int depth) {
        if (block < 0 || block >= file.blocks() || depth == 0) {
            return 0;
        }
        int known = times.get((int) block);
        if (known != UNSEEN) {
            return known;
        }
        times.set((int) block, 0); // a cycle ends here
        int latest = 0;
        for (long child : children(block)) {
            latest = Math.max(latest, time(child, depth - 1));
        }
        times.set((int) block, latest);
        return latest;
    }

    private long[] children(long block) {
        try (Block locked = file.readLock(block, NodeValidator.NODE)) {
            WalkedNode node = WalkedNode.of(block, locked.data());
            long[] children = new long[node.isLeaf() ? 0 : node.entries()];
            for (int i = 0; i < children.length; i++) {
                children[i] = node.longValue(i);
            }
            return children;
        } catch (CorruptionException | DeviceException e) {
            return new long[0]; // the walk has counted it as damage
        }
    }

    /** One number for a sequence of numbers. */
    private static final class Fingerprint {
        private long state = 0x9E37_79B9_7F4A_7C15L;

        Fingerprint add(long number) {
            long mixed = (state ^ number) * 0xBF58_476D_1CE4_E5B9L;
            state = (mixed ^ mixed >>> 29) * 0x94D0_49BB_1331_11EBL + 1;
            return this;
        }

        long value() {
            return state;
        }
    }
}
