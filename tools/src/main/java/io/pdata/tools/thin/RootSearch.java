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
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Finds the states of a pool that are still on the device: pairs of a mapping tree and the device details that belong to it,
 * of the last transaction or earlier ones whose blocks have not been used again.
 *
 * <p>Which trees belong together is proved by the counts of a space map ({@link CommitSearch}), and {@link CommitOrder} finds
 * the order of the commits. Of other mapping trees the details are found by the number of mappings of each device. All mapping
 * trees together are walked once, with several threads.
 *
 * <p>Memory: that of a {@link BlockSurvey}, a {@link CommitSearch} and a {@link TreeWalker}, 4 bytes more for each node of a
 * mapping tree, some 200 bytes for each root, and the details of each whole commit. Time: one scan of the device, each node
 * once more, and what is different between the bitmaps of commits.
 */
final class RootSearch {
    private static final int UNSEEN = -1;
    /** Of the six roots in a superblock as many have to be those of a commit. */
    private static final int MOST_FIELDS = 4;
    private static final int ALL_FIELDS = 6;
    /** The most commits that are compared. */
    private static final int MOST_REUSED = 8;

    private final MetadataFile file;
    private final PoolRoots trees;
    private final BlockSurvey survey;
    private final TreeWalker walker;
    private final BlockTable times;
    private final ThinSuperblock superblock;
    private List<RootCandidate> candidates;
    private RootCandidate rival;
    private ThinSuperblock mended;

    /** A details tree. */
    private record Details(long root, long time, long transactionId, long mappings) {
        boolean isNewerThan(Details other) {
            if (time != other.time) {
                return time > other.time;
            }
            int order = Long.compareUnsigned(transactionId, other.transactionId);
            return order != 0 ? order > 0 : root > other.root;
        }
    }

    /** A mapping tree. */
    private record Mappings(long root, long time, long devices, long total, long damages, long byMappings,
            long byDevices) {}

    /** The details trees, by their roots, and by what is in them; of several that are alike the newest. */
    private final Map<Long, Details> details = new HashMap<>();
    private final Map<Long, Details> detailsByMappings = new HashMap<>();
    private final Map<Long, Details> detailsByDevices = new HashMap<>();
    private final Map<Long, Mappings> mappings = new HashMap<>();

    /** @param superblock the one there is, or null */
    RootSearch(MetadataFile file, int threads, ThinSuperblock superblock) {
        this.file = file;
        this.superblock = superblock;
        this.trees = new PoolRoots(file);
        this.survey = BlockSurvey.of(file, threads);
        this.walker = new TreeWalker(file, Long.BYTES, threads);
        this.times = new BlockTable((int) file.blocks(), UNSEEN);
    }

    /** Copies of superblocks, of metadata snapshots. */
    List<ThinSuperblock> superblockCopies() {
        return survey.superblockCopies();
    }

    /** The roots of all details trees that were found. */
    BlockSet detailsRoots() {
        return survey.detailsRoots();
    }

    /** All states that there are, the best first: whole commits, the newest first, and then what else there is. */
    List<RootCandidate> candidates() {
        if (candidates == null) {
            candidates = search();
        }
        return candidates;
    }

    /** The state that could as well be the newest as the first one; null if there is none. */
    RootCandidate rival() {
        candidates();
        return rival;
    }

    /**
     * The superblock whose checksum is wrong, if most of its roots are those of one whole commit, with all roots of that
     * commit; otherwise null. Its other fields have to be judged one by one.
     */
    ThinSuperblock mended() {
        candidates();
        return mended;
    }

    private List<RootCandidate> search() {
        List<Commit> commits = new CommitSearch(file, survey).commits();
        Set<Long> mappingRoots = new HashSet<>();
        BlockSet found = survey.mappingRoots();
        for (int root = found.next(0); root >= 0; root = found.next(root + 1)) {
            mappingRoots.add((long) root);
        }
        commits.forEach(commit -> mappingRoots.add(commit.mappingRoot()));
        BlockSet detailsRoots = survey.detailsRoots();
        for (int root = detailsRoots.next(0); root >= 0; root = detailsRoots.next(root + 1)) {
            addDetails(root);
        }
        walk(mappingRoots);
        mappingRoots.forEach(this::addMappings);
        return ranked(commits);
    }

    private List<RootCandidate> ranked(List<Commit> commits) {
        Map<Integer, Commit> fitting = new LinkedHashMap<>();
        Set<Long> proven = new HashSet<>();
        commits.stream().filter(Commit::proven).forEach(commit -> proven.add(pair(commit)));
        commits.stream().filter(commit -> commit.proven() || !proven.contains(pair(commit))).filter(this::fits)
                .forEach(commit -> fitting.putIfAbsent(commit.index(), commit));
        List<Commit> whole = List.copyOf(fitting.values());
        List<RootCandidate> ranked = new ArrayList<>();
        Set<Long> pairs = new HashSet<>();
        Commit named = named(whole);
        if (named != null) {
            pairs.add(pair(named));
            ranked.add(candidate(named));
        }
        for (Commit commit : newestFirst(whole, named == null)) {
            if (pairs.add(pair(commit))) {
                ranked.add(candidate(commit));
            }
        }
        Set<Long> taken = new HashSet<>();
        ranked.forEach(candidate -> taken.add(candidate.mappingRoot()));
        mappings.values().stream().filter(tree -> !taken.contains(tree.root())).map(this::candidate)
                .sorted(RootCandidate.LIKELIEST_FIRST).forEach(ranked::add);
        return ranked;
    }

    /**
     * The commits in their order; but such whose mappings are not all counted, so that a leaf must have been used again since,
     * last.
     */
    private List<Commit> newestFirst(List<Commit> whole, boolean compare) {
        CommitFacts facts = new CommitFacts(trees, commit -> mappings.get(commit.mappingRoot()).time());
        CommitOrder order = new CommitOrder(file, survey, whole, facts);
        List<Commit> sorted = new ArrayList<>(order.newestFirst());
        DataCounts data = new DataCounts(file, survey);
        List<Commit> last = new ArrayList<>();
        while (!sorted.isEmpty() && last.size() < MOST_REUSED && !sorted.getFirst().dataExact()
                && !data.cover(sorted.getFirst())) {
            last.add(sorted.removeFirst());
        }
        if (compare && last.isEmpty() && order.rival() != null) {
            rival = candidate(order.rival());
        }
        sorted.addAll(last);
        return sorted;
    }

    private static long pair(Commit commit) {
        return commit.mappingRoot() << Integer.SIZE | commit.detailsRoot();
    }

    /** The commit that the superblock names, be it one with a wrong checksum; null if there is none. */
    private Commit named(List<Commit> whole) {
        if (superblock != null) {
            return whole.stream().filter(commit -> commit.fieldsIn(superblock) == ALL_FIELDS).findFirst().orElse(null);
        }
        ThinSuperblock damaged = ThinSuperblock.read(file.unverified(0));
        for (Commit commit : whole) {
            if (commit.fieldsIn(damaged) >= MOST_FIELDS) {
                mended = commit.in(damaged);
                return commit;
            }
        }
        return null;
    }

    /** Whether the mapping tree of a commit is whole, and its details tree has the same. */
    private boolean fits(Commit commit) {
        Mappings tree = mappings.get(commit.mappingRoot());
        Details fitting = details.get(commit.detailsRoot());
        return fitting != null && tree.damages() == 0 && fitting.mappings() == tree.byMappings();
    }

    private void addDetails(int root) {
        PoolRoots.Found<PoolRoots.Detailed> found = trees.detailed(root);
        Fingerprint byMappings = new Fingerprint();
        Fingerprint byDevices = new Fingerprint();
        long time = 0;
        long transactionId = 0;
        for (PoolRoots.Detailed device : found.devices()) {
            DeviceDetails each = device.details();
            byMappings.add(device.id()).add(each.mappedBlocks());
            byDevices.add(device.id());
            time = Math.max(time, Integer.toUnsignedLong(each.snapshottedTime()));
            if (Long.compareUnsigned(each.transactionId(), transactionId) > 0) {
                transactionId = each.transactionId();
            }
        }
        Details tree = new Details(root, time, transactionId, byMappings.value());
        if (found.complete() && time <= BlockTime.MAX_TIME) {
            details.put((long) root, tree);
            detailsByMappings.merge(byMappings.value(), tree, (a, b) -> a.isNewerThan(b) ? a : b);
            detailsByDevices.merge(byDevices.value(), tree, (a, b) -> a.isNewerThan(b) ? a : b);
        }
    }

    private void addMappings(long root) {
        PoolRoots.Found<PoolRoots.Mapped> found = trees.mapped(root);
        Fingerprint byMappings = new Fingerprint();
        Fingerprint byDevices = new Fingerprint();
        long total = 0;
        long damages = found.damages();
        long time = 0;
        for (PoolRoots.Mapped device : found.devices()) {
            TreeWalker.Summary summary = walker.summary(device.root());
            byMappings.add(device.id()).add(summary.entries());
            byDevices.add(device.id());
            total += summary.entries();
            damages += summary.height() == 0 ? Math.max(1, summary.errors()) : summary.errors();
            time = Math.max(time, time(device.root(), TreeWalker.MAX_DEPTH));
        }
        mappings.put(root, new Mappings(root, time, found.devices().size(), total, damages, byMappings.value(),
                byDevices.value()));
    }

    /** A state that no counts prove. */
    private RootCandidate candidate(Mappings tree) {
        Details exact = detailsByMappings.get(tree.byMappings());
        return candidate(tree, exact != null ? exact : detailsByDevices.get(tree.byDevices()), 0);
    }

    private RootCandidate candidate(Commit commit) {
        return candidate(mappings.get(commit.mappingRoot()), details.get(commit.detailsRoot()), commit.index());
    }

    private RootCandidate candidate(Mappings tree, Details fitting, long commit) {
        long detailsRoot = fitting == null ? -1 : fitting.root();
        boolean consistent = fitting != null && fitting.mappings() == tree.byMappings();
        boolean named = superblock != null && superblock.mappingRoot() == tree.root()
                && superblock.detailsRoot() == detailsRoot;
        return new RootCandidate(tree.root(), detailsRoot,
                fitting == null ? tree.time() : Math.max(tree.time(), fitting.time()),
                named ? superblock.transactionId() : fitting == null ? 0 : fitting.transactionId(), tree.devices(),
                tree.total(), tree.damages(), consistent, commit, named && consistent && tree.damages() == 0);
    }

    private void walk(Set<Long> mappingRoots) {
        for (long root : mappingRoots) {
            trees.mapped(root).devices().forEach(device -> walker.addRoot(device.root()));
        }
        walker.walk(new TreeWalker.Visitor() {
            @Override
            public void leaf(WalkedNode node) {
                if (survey.type(node.block()) == BlockSurvey.DEVICES) {
                    walker.distrust(node); // has been used again since, and its values are no times
                } else {
                    noteTime(node);
                }
            }

            @Override
            public void damage(TreeDamage damage) {
                // counted in the summary of every tree that has it
            }
        });
    }

    private synchronized void noteTime(WalkedNode leaf) {
        int latest = 0;
        boolean mappings = survey.type(leaf.block()) == BlockSurvey.MAPPINGS;
        for (int i = 0; i < leaf.entries() && mappings; i++) {
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
            return node.isLeaf() ? new long[0] : node.longValues();
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
