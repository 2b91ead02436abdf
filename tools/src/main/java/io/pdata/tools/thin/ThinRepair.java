package io.pdata.tools.thin;

import io.pdata.core.block.Block;
import io.pdata.core.block.BlockSet;
import io.pdata.core.block.CorruptionException;
import io.pdata.core.btree.NodeValidator;
import io.pdata.core.btree.WalkedNode;
import io.pdata.core.device.Device;
import io.pdata.core.device.DeviceException;
import io.pdata.core.space.SpaceMapRoot;
import io.pdata.core.spacemap.BitmapBlock;
import io.pdata.core.spacemap.IndexEntry;
import io.pdata.thin.BlockTime;
import io.pdata.thin.DeviceDetails;
import io.pdata.thin.ThinSuperblock;
import io.pdata.thin.ThinSuperblockLayout;
import io.pdata.tools.MetadataFile;
import io.pdata.tools.ToolException;
import io.pdata.tools.salvage.SuperblockCopy;
import io.pdata.tools.text.TextOut;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Saves what can be saved of the metadata of a thin pool. They are only read; what is kept goes to a dump or to new
 * metadata, whose counts are made anew.
 *
 * <p>If the superblock reads and its mapping tree is there, that is what is saved, with exactly what is damaged left out.
 * Otherwise the whole device is searched for {@linkplain RootCandidate states of the pool}, and the best taken. Details of a
 * device that are lost are made up: it counts as having had a snapshot just now, so that everything in it is copied before
 * it is overwritten.
 *
 * <p>Memory: see {@link ThinSalvage} and, where the device has to be searched, {@link RootSearch}.
 */
public final class ThinRepair {
    private static final int MOST_NAMED = 10;

    private final MetadataFile file;
    private final Options options;
    private final ThinDump.Options form;
    private final int threads = threads();
    private final PoolRoots trees;
    private final Losses losses = new Losses();
    private ThinSuperblock superblock;
    /** Which root shows that the superblock is older than the trees; null if none does. */
    private final String stale;
    private RootSearch search;

    /**
     * What to take for granted, whatever the metadata say.
     *
     * @param overrides what is lost or known better; a transaction id is taken as it is
     * @param root which of the {@linkplain #roots roots}, counted from 1, to save
     * @param mappingRoot the block of the top level of the mapping tree to save
     * @param detailsRoot the block of the device details tree to save
     */
    public record Options(PoolOverrides overrides, OptionalLong root, OptionalLong mappingRoot,
            OptionalLong detailsRoot) {
        /** Nothing. */
        public static final Options NONE = of(PoolOverrides.NONE);

        /** No roots. */
        public static Options of(PoolOverrides overrides) {
            return new Options(overrides, OptionalLong.empty(), OptionalLong.empty(), OptionalLong.empty());
        }
    }

    /** What is going to be saved. Details that are not exactly of this state are only good for what never changes. */
    private record State(PoolRoots.Found<PoolRoots.Mapped> mapped, Map<Long, DeviceDetails> details,
            Map<Long, DeviceDetails> olderDetails, long transactionId) {}

    private record Plan(ThinSalvage salvage, List<Kept> devices, int time, long transactionId, long dataBlocks) {}

    private record Kept(PoolRoots.Mapped mapped, DeviceDetails details) {}

    private ThinRepair(MetadataFile file, Options options, ThinDump.Options form) {
        this.file = file;
        this.options = options;
        this.form = form;
        this.trees = new PoolRoots(file);
        SuperblockCopy copy = SuperblockCopy.read(file, ThinSuperblockLayout.VALIDATOR);
        this.superblock = copy.isTrusted() ? ThinSuperblock.read(copy.block()) : null;
        if (copy.state() == SuperblockCopy.State.CORRECTED) {
            losses.note(copy.problem());
        }
        this.stale = superblock == null ? null : StaleSuperblock.reason(file, superblock);
    }

    /**
     * Saves a pool.
     *
     * @param form in which form, and what of it; a metadata snapshot cannot be saved
     * @param output is asked where to write to once it is clear that something can be saved; gets flushed, not closed
     * @return what could not be saved
     * @throws ToolException if there is nothing to be saved, or something has to be known that is lost
     */
    public static Losses dump(MetadataFile file, Options options, ThinDump.Options form, Supplier<TextOut> output) {
        TextOut[] out = new TextOut[1];
        Losses losses = save(file, options, form, () -> {
            out[0] = output.get();
            return form.format() == ThinDump.Format.XML ? new XmlSink(out[0]) : new HumanReadableSink(out[0]);
        });
        out[0].flush();
        return losses;
    }

    /**
     * As {@link #dump}, to new metadata.
     *
     * @param output is overwritten once it is clear that something can be saved, and closed in any case
     */
    public static Losses repair(MetadataFile file, Options options, Device output) {
        try (ThinWriter writer = new ThinWriter(output)) {
            return save(file, options, () -> writer);
        }
    }

    /** As {@link #dump}, to any sink. */
    public static Losses save(MetadataFile file, Options options, Supplier<DumpSink> sink) {
        return save(file, options, ThinDump.Options.XML, sink);
    }

    private static Losses save(MetadataFile file, Options options, ThinDump.Options form, Supplier<DumpSink> sink) {
        ThinRepair repair = new ThinRepair(file, options, form);
        State state = repair.choose();
        int sectors = repair.dataBlockSectors();
        Plan plan = repair.plan(state);
        repair.write(plan, sectors, sink.get());
        return repair.losses;
    }

    /**
     * What a repair would keep and lose.
     *
     * @throws ToolException if there is nothing to be saved
     */
    public static Losses preview(MetadataFile file) {
        ThinRepair repair = new ThinRepair(file, Options.NONE, ThinDump.Options.XML);
        repair.plan(repair.choose());
        if (repair.knownBlockSectors().isEmpty()) {
            repair.losses.blockSizeLost();
        }
        return repair.losses;
    }

    /** All states of the pool that are on the device, whole or in part, the best first. */
    public static List<RootCandidate> roots(MetadataFile file) {
        return new ThinRepair(file, Options.NONE, ThinDump.Options.XML).search().candidates();
    }

    /** How many threads a search has. */
    static int threads() {
        return Math.clamp(Runtime.getRuntime().availableProcessors(), 2, 8);
    }

    /** Null if there is none whose fields can be believed. */
    static ThinSuperblock readSuperblock(MetadataFile file) {
        SuperblockCopy copy = SuperblockCopy.read(file, ThinSuperblockLayout.VALIDATOR);
        return copy.isTrusted() ? ThinSuperblock.read(copy.block()) : null;
    }

    private RootSearch search() {
        if (search == null) {
            search = new RootSearch(file, threads, superblock);
        }
        return search;
    }

    private State choose() {
        if (options.root().isPresent()) {
            List<RootCandidate> candidates = search().candidates();
            long number = options.root().getAsLong();
            if (number < 1 || number > candidates.size()) {
                throw new ToolException("there is no root " + number + ", only " + candidates.size());
            }
            useDamagedSuperblock();
            return state(candidates.get((int) number - 1));
        }
        if (options.mappingRoot().isPresent()) {
            long details = options.detailsRoot().orElse(superblock == null ? -1 : superblock.detailsRoot());
            return state(trees.mapped(options.mappingRoot().getAsLong()), details, true);
        }
        if (superblock == null || stale != null) {
            losses.note(stale == null
                    ? "the superblock cannot be read"
                    : "the superblock is older than the metadata: " + stale);
            List<RootCandidate> candidates = search().candidates();
            if (candidates.isEmpty()) {
                throw new ToolException("no compatible roots found");
            }
            useDamagedSuperblock();
            noteRival(candidates);
            return state(candidates.getFirst());
        }
        return chooseBesides(trees.mapped(superblock.mappingRoot()),
                options.detailsRoot().orElse(superblock.detailsRoot()));
    }

    /** Uses the fields of a superblock with a wrong checksum if its roots are those of a whole state. */
    private void useDamagedSuperblock() {
        if (superblock == null && search().mended() != null) {
            superblock = search().mended();
            losses.note(
                    "the superblock's checksum is wrong, but its roots are those of a whole state: its other fields are"
                            + " used");
        }
    }

    /** Says that another state could as well be the newest, what differs, and how to choose. */
    private void noteRival(List<RootCandidate> candidates) {
        RootCandidate rival = search().rival();
        if (rival == null) {
            return;
        }
        RootCandidate best = candidates.getFirst();
        losses.note("nothing on the device tells whether root 1 (" + text(best) + ") or root "
                + (candidates.indexOf(rival) + 1) + " (" + text(rival) + ") is the newer one; they differ in "
                + differences(best, rival) + "; 'thin_repair --list-roots' lists both, and '--root' picks one");
    }

    private static String text(RootCandidate candidate) {
        return candidate.devices() + " devices, " + candidate.mappings() + " mappings";
    }

    private String differences(RootCandidate one, RootCandidate other) {
        Map<Long, DeviceDetails> first = byId(trees.detailed(one.detailsRoot()));
        Map<Long, DeviceDetails> second = byId(trees.detailed(other.detailsRoot()));
        TreeSet<Long> ids = new TreeSet<>(Long::compareUnsigned);
        ids.addAll(first.keySet());
        ids.addAll(second.keySet());
        ids.removeIf(id -> first.containsKey(id) && first.get(id).equals(second.get(id)));
        String named = ids.stream().limit(MOST_NAMED).map(Long::toUnsignedString).collect(Collectors.joining(", "));
        return ids.isEmpty()
                ? "mappings only"
                : "the devices " + named
                        + (ids.size() > MOST_NAMED ? " and " + (ids.size() - MOST_NAMED) + " more" : "");
    }

    /** The state that the superblock names, unless another is better; if there is no other, what there is of it. */
    private State chooseBesides(PoolRoots.Found<PoolRoots.Mapped> mapped, long detailsRoot) {
        if (isUsable(mapped, trees.detailed(detailsRoot))) {
            return state(mapped, detailsRoot, true);
        }
        String root = "the superblock's mapping root, block " + Long.toUnsignedString(superblock.mappingRoot());
        List<RootCandidate> others = search().candidates();
        if (!others.isEmpty()) {
            losses.note(root + ", cannot be used");
            return state(others.getFirst());
        }
        if (mapped.devices().isEmpty()) {
            throw new ToolException("no compatible roots found");
        }
        losses.note(root + ", leads to few devices that can be read, but there is no other");
        return state(mapped, detailsRoot, true);
    }

    /** Whether most of the devices can at least be begun with. */
    private boolean isUsable(PoolRoots.Found<PoolRoots.Mapped> mapped, PoolRoots.Found<PoolRoots.Detailed> detailed) {
        if (mapped.devices().isEmpty()) {
            return mapped.complete() && detailed.complete() && detailed.devices().isEmpty();
        }
        long readable = mapped.devices().stream().filter(device -> isMappingNode(device.root())).count();
        return 2 * readable >= mapped.devices().size();
    }

    private boolean isMappingNode(long block) {
        try (Block locked = file.readLock(block, NodeValidator.NODE)) {
            return WalkedNode.of(block, locked.data()).valueSize() == Long.BYTES;
        } catch (CorruptionException | DeviceException e) {
            return false;
        }
    }

    private State state(RootCandidate candidate) {
        losses.note("saving mapping root " + candidate.mappingRoot() + " with "
                + (candidate.detailsRoot() < 0 ? "no details" : "details root " + candidate.detailsRoot()) + ": "
                + candidate.devices() + " devices, " + candidate.mappings() + " mappings, time " + candidate.time());
        return state(trees.mapped(candidate.mappingRoot()),
                options.detailsRoot().orElse(candidate.detailsRoot()),
                candidate.consistent() || candidate.detailsRoot() >= 0);
    }

    /** @param ofThisState whether the details say what is true of these mappings */
    private State state(PoolRoots.Found<PoolRoots.Mapped> mapped, long detailsRoot, boolean ofThisState) {
        mapped.problems().forEach(problem -> losses.note("lost from the mapping tree's top level: " + problem));
        PoolRoots.Found<PoolRoots.Detailed> detailed = detailsRoot < 0
                ? new PoolRoots.Found<>(List.of(), 0, List.of())
                : trees.detailed(detailsRoot);
        detailed.problems().forEach(problem -> losses.note("lost from the device details tree: " + problem));
        Map<Long, DeviceDetails> details = byId(detailed);
        boolean complete = ofThisState
                && mapped.devices().stream().allMatch(device -> details.containsKey(device.id()));
        Map<Long, DeviceDetails> older = complete ? Map.of() : olderDetails(mapped);
        return new State(mapped, ofThisState ? details : Map.of(), older, highestTransaction(details));
    }

    private static Map<Long, DeviceDetails> byId(PoolRoots.Found<PoolRoots.Detailed> detailed) {
        Map<Long, DeviceDetails> details = new HashMap<>();
        detailed.devices().forEach(device -> details.put(device.id(), device.details()));
        return details;
    }

    private static long highestTransaction(Map<Long, DeviceDetails> details) {
        return details.values().stream().mapToLong(DeviceDetails::transactionId).filter(id -> id >= 0).max().orElse(0);
    }

    /** Details from other transactions that have the most of some devices. */
    private Map<Long, DeviceDetails> olderDetails(PoolRoots.Found<PoolRoots.Mapped> mapped) {
        Set<Long> wanted = mapped.devices().stream().map(PoolRoots.Mapped::id).collect(Collectors.toSet());
        Map<Long, DeviceDetails> best = new HashMap<>();
        BlockSet roots = search().detailsRoots();
        for (int root = roots.next(0); root >= 0; root = roots.next(root + 1)) {
            Map<Long, DeviceDetails> details = byId(trees.detailed(root));
            details.keySet().retainAll(wanted);
            if (details.size() > best.size() || details.size() == best.size()
                    && highestTransaction(details) >= highestTransaction(best)) {
                best = details;
            }
        }
        return best;
    }

    private Plan plan(State state) {
        long dataBlocks = knownDataBlocks();
        ThinSalvage salvage = new ThinSalvage(file, threads, dataBlocks, losses);
        List<PoolRoots.Mapped> devices = devices(state);
        salvage.walk(devices);
        Map<Long, Long> kept = new HashMap<>();
        for (PoolRoots.Mapped device : devices) {
            kept.put(device.id(), salvage.plan(device));
        }
        if (dataBlocks == ThinSalvage.ANY) {
            dataBlocks = Math.max(salvage.highestBlock() + 1, leastDataBlocks());
            losses.note("how many data blocks there are is not known: " + dataBlocks
                    + " are enough for what is mapped, and the pool gets more when it is activated");
        }
        long transactionId = transactionId(state);
        int time = time(state, salvage.latestTime());
        List<Kept> complete = new ArrayList<>();
        for (PoolRoots.Mapped device : devices) {
            complete.add(new Kept(device, details(state, device, kept.get(device.id()), transactionId, time)));
            DeviceDetails recorded = state.details().get(device.id());
            losses.kept(device.id(), kept.get(device.id()),
                    recorded == null ? Losses.UNKNOWN : recorded.mappedBlocks());
        }
        return new Plan(salvage, complete, time, transactionId, dataBlocks);
    }

    private void write(Plan plan, int dataBlockSectors, DumpSink target) {
        target.beginPool(new PoolHeader(plan.time(), plan.transactionId(),
                superblock == null ? 0 : superblock.flags(), ThinSuperblockLayout.CURRENT_VERSION,
                dataBlockSectors, plan.dataBlocks()));
        if (!form.skipMappings()) {
            plan.salvage().writeShared(target);
        }
        for (Kept device : plan.devices()) {
            target.beginDevice(device.mapped().id(), device.details());
            if (!form.skipMappings()) {
                plan.salvage().write(device.mapped(), target);
            }
            target.endDevice();
        }
        target.endPool();
    }

    /** The devices that either tree knows, ascending. */
    private List<PoolRoots.Mapped> devices(State state) {
        TreeMap<Long, PoolRoots.Mapped> devices = new TreeMap<>(Long::compareUnsigned);
        state.details().keySet().forEach(id -> devices.put(id, new PoolRoots.Mapped(id, ThinSalvage.NO_TREE)));
        state.mapped().devices().forEach(device -> devices.put(device.id(), device));
        if (!form.devices().isEmpty()) {
            devices.keySet().retainAll(form.devices());
        }
        return List.copyOf(devices.values());
    }

    private int dataBlockSectors() {
        return knownBlockSectors().orElseThrow(
                () -> new ToolException("data block size needs to be provided due to corruption in the superblock"));
    }

    private OptionalInt knownBlockSectors() {
        if (options.overrides().dataBlockSectors().isPresent()) {
            return options.overrides().dataBlockSectors();
        }
        if (superblock != null && SuperblockCheck.isBlockSize(superblock.dataBlockSectors())) {
            return OptionalInt.of(superblock.dataBlockSectors());
        }
        return search().superblockCopies().stream().mapToInt(ThinSuperblock::dataBlockSectors)
                .filter(SuperblockCheck::isBlockSize).findFirst();
    }

    /** The number in an older superblock, which never shrinks, or 0. */
    private long leastDataBlocks() {
        long recorded = stale == null ? 0 : superblock.dataSpaceMap().blocks();
        return recorded > 0 && recorded < BlockTime.MAX_BLOCKS ? recorded : 0;
    }

    /** They never get fewer than the superblock says, if it reads. */
    private long knownDataBlocks() {
        long recorded = superblock == null || stale != null ? 0 : countable(superblock.dataSpaceMap());
        long known = Math.max(recorded, options.overrides().dataBlocks().orElse(0));
        return known > 0 && known < BlockTime.MAX_BLOCKS ? known : ThinSalvage.ANY;
    }

    /** How many data blocks there are, or 0 if that cannot be: if there are no bitmaps to count so many. */
    private long countable(SpaceMapRoot map) {
        PoolRoots.Reach index = trees.reach(map.bitmapRoot(), IndexEntry.SIZE);
        if (!index.complete() || Long.compareUnsigned(map.blocks(), BlockTime.MAX_BLOCKS) < 0
                && BitmapBlock.bitmapsFor(map.blocks()) <= index.end()) {
            return map.blocks();
        }
        losses.note("the superblock's " + Long.toUnsignedString(map.blocks()) + " data blocks are not to be believed");
        return 0;
    }

    private long transactionId(State state) {
        if (options.overrides().transactionId().isPresent()) {
            return options.overrides().transactionId().getAsLong();
        }
        if (superblock != null && stale == null
                && Long.compareUnsigned(superblock.transactionId(), state.transactionId()) >= 0) {
            return superblock.transactionId();
        }
        // Whoever creates a device raises the id afterwards.
        long guess = search().superblockCopies().stream().mapToLong(ThinSuperblock::transactionId)
                .filter(id -> id >= 0).max().orElse(0);
        guess = Math.max(guess, state.transactionId() + 1);
        if (superblock != null && superblock.transactionId() >= 0 && stale != null) {
            guess = Math.max(guess, superblock.transactionId());
        }
        losses.note("the transaction id is a guess: " + guess);
        return guess;
    }

    /** The pool's clock, which nothing may be ahead of. */
    private int time(State state, int latestMapping) {
        int time = latestMapping;
        if (superblock != null && isTime(superblock.time())) {
            time = Math.max(time, superblock.time());
        }
        for (DeviceDetails details : state.details().values()) {
            if (isTime(details.snapshottedTime()) && isTime(details.creationTime())) {
                time = Math.max(time, Math.max(details.snapshottedTime(), details.creationTime()));
            }
        }
        return time;
    }

    private static boolean isTime(int time) {
        return time >= 0 && time <= BlockTime.MAX_TIME;
    }

    private DeviceDetails details(State state, PoolRoots.Mapped device, long kept, long transactionId, int time) {
        DeviceDetails details = state.details().get(device.id());
        if (details != null && isTime(details.creationTime()) && isTime(details.snapshottedTime())
                && details.creationTime() <= details.snapshottedTime()) {
            return new DeviceDetails(kept, lower(details.transactionId(), transactionId), details.creationTime(),
                    details.snapshottedTime());
        }
        DeviceDetails older = details != null ? details : state.olderDetails().get(device.id());
        losses.note(device.id(), older == null
                ? "its details are lost, and were made up"
                : "its details are lost or cannot be; when it was made is known from older ones");
        return older == null
                ? new DeviceDetails(kept, transactionId, 0, time)
                : new DeviceDetails(kept, lower(older.transactionId(), transactionId),
                        isTime(older.creationTime()) ? Math.min(older.creationTime(), time) : 0, time);
    }

    private static long lower(long a, long b) {
        return Long.compareUnsigned(a, b) < 0 ? a : b;
    }
}
