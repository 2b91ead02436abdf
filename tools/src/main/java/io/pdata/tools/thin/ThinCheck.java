package io.pdata.tools.thin;

import io.pdata.core.block.Bytes;
import io.pdata.core.btree.TreeWalker;
import io.pdata.core.btree.WalkedNode;
import io.pdata.thin.BlockTime;
import io.pdata.thin.DeviceDetails;
import io.pdata.thin.ThinSuperblock;
import io.pdata.thin.ThinSuperblockLayout;
import io.pdata.tools.Checked;
import io.pdata.tools.Finding.Kind;
import io.pdata.tools.Finding;
import io.pdata.tools.Findings;
import io.pdata.tools.MetadataFile;
import io.pdata.tools.Report;
import io.pdata.tools.Severity;
import io.pdata.tools.ToolException;
import io.pdata.tools.build.InPlaceRepair;
import io.pdata.tools.check.CheckContext;
import io.pdata.tools.check.CountingVisitor;
import io.pdata.tools.check.ReferenceCounts;
import io.pdata.tools.check.SpaceMapCheck;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Checks the metadata of a thin pool: everything that can be known to be right or wrong from the metadata alone.
 *
 * <p>That is: the superblock and the copy of it in a held metadata snapshot; every node of every tree, once; that both
 * trees have the same devices, with as many mappings as they say; that no time or transaction id is from the future;
 * and that both space maps agree exactly with counts made from scratch.
 *
 * <p>Memory: the {@linkplain MetadataFile#CACHE_BYTES block cache}; for each metadata block a few bits, and at most 29
 * bytes more if it is a node of a mapping tree ({@link TreeWalker}); for each data block that is mapped a quarter of a
 * byte, or more where more than three devices share a block ({@link ReferenceCounts}). For the largest metadata, 16
 * GiB, that is some 180 MiB plus the counts of data blocks: 250 MiB for a thousand million. The number of devices makes
 * no difference.
 *
 * <p>Source: format documents "persistent-data", section 12, and "thin", section 11.
 */
public final class ThinCheck {
    private static final String DETAILS = "device details tree";
    private static final String TOP_LEVEL = "mapping top-level";
    private static final String MAPPINGS = "mapping tree";

    private final MetadataFile file;
    private final Options options;
    private final Report report;
    private final Findings findings = new Findings();
    private final CheckContext context;
    private final TreeWalker details;
    private final TreeWalker topLevel;
    private final TreeWalker mappings;
    private InPlaceRepair repair;

    /**
     * What to check.
     *
     * @param superBlockOnly only the superblock
     * @param skipMappings not the mapping trees of the devices, and so no counts either
     * @param metadataSnapshot only the held metadata snapshot, which can be looked at while the pool is in use
     * @param mappingRoot the root of the mapping tree, whatever the superblock says; null: what it says
     * @param detailsRoot the root of the details tree, likewise
     */
    public record Options(boolean superBlockOnly, boolean skipMappings, boolean metadataSnapshot, Long mappingRoot,
            Long detailsRoot) {
        /** Everything. */
        public static final Options FULL = new Options(false, false, false);

        public Options(boolean superBlockOnly, boolean skipMappings, boolean metadataSnapshot) {
            this(superBlockOnly, skipMappings, metadataSnapshot, null, null);
        }

        private ThinSuperblock applyTo(ThinSuperblock superblock) {
            return superblock.withRoots(mappingRoot == null ? superblock.mappingRoot() : mappingRoot,
                    detailsRoot == null ? superblock.detailsRoot() : detailsRoot);
        }
    }

    private ThinCheck(MetadataFile file, Options options, Report report) {
        this.file = file;
        this.options = options;
        this.report = report;
        this.context = CheckContext.of(file, findings);
        this.details = context.walker(DeviceDetails.SIZE);
        this.topLevel = context.walker(Long.BYTES);
        this.mappings = context.walker(Long.BYTES);
    }

    /**
     * Checks metadata.
     *
     * @return what is wrong with them
     * @throws ToolException if there is no superblock to begin with
     */
    public static Findings check(MetadataFile file, Options options, Report report) {
        return checkForRepair(file, options, report).findings();
    }

    /** As {@link #check}; a repair in place can follow. */
    public static Checked checkForRepair(MetadataFile file, Options options, Report report) {
        ThinCheck check = new ThinCheck(file, options, report);
        check.run();
        return new Checked(check.findings, check.repair == null
                ? null
                : (target, progress) -> check.repair.run(target, check.findings, progress, ThinCheck::amend));
    }

    /** Clears flags, and sets the fields that nothing depends on. */
    private static void amend(MemorySegment block) {
        block.set(Bytes.U32, ThinSuperblockLayout.FLAGS, 0); // there is no other flag
        block.set(Bytes.U32, ThinSuperblockLayout.METADATA_BLOCK_SECTORS,
                ThinSuperblockLayout.SECTORS_PER_METADATA_BLOCK);
    }

    private void run() {
        ThinSuperblock live = options.applyTo(file.superblock(ThinSuperblockLayout.VALIDATOR, ThinSuperblock::read));
        ThinSuperblock held = held(live);
        report.result("TRANSACTION_ID=" + Long.toUnsignedString(live.transactionId()));
        long free = live.metadataSpaceMap().blocks() - live.metadataSpaceMap().allocated();
        report.result("METADATA_FREE_BLOCKS=" + Math.max(0, free));
        SuperblockCheck.check(live, held, findings);
        if (!options.superBlockOnly()) {
            report.stage("Checking thin metadata");
            checkTrees(live, held);
        } else {
            findings.printTo(report);
        }
    }

    private void checkTrees(ThinSuperblock live, ThinSuperblock held) {
        List<ThinSuperblock> states = states(live, held);
        countSuperblocks(live);
        walkDevices(states);
        SpaceMapCheck data = SpaceMapCheck.ofData(context, live.dataSpaceMap(), BlockTime.MAX_BLOCKS);
        ReferenceCounts dataReferences = new ReferenceCounts(data.blocks());
        if (!options.skipMappings()) {
            walkMappings(dataReferences, states.getFirst().time());
        }
        DeviceCheck devices = null;
        for (ThinSuperblock state : states) {
            DeviceCheck check = new DeviceCheck(file, state, state == held ? "metadata snapshot" : "", findings);
            check.check(options.skipMappings() ? null : mappings);
            devices = devices == null ? check : devices;
        }
        if (options.skipMappings() || options.metadataSnapshot()) {
            findings.printTo(report);
        } else {
            compareSpaceMaps(live, devices, data, dataReferences);
        }
        if (findings.count(Kind.MAPPED_BLOCKS) > 0) {
            report.problem("Check of mappings failed");
        }
    }

    private ThinSuperblock held(ThinSuperblock live) {
        if (live.heldRoot() == 0) {
            if (options.metadataSnapshot()) {
                throw new ToolException("no current metadata snap");
            }
            return null;
        }
        try {
            return file.superblock(live.heldRoot(), ThinSuperblockLayout.VALIDATOR, ThinSuperblock::read);
        } catch (ToolException e) {
            if (options.metadataSnapshot()) {
                throw new ToolException("metadata snap: " + e.getMessage(), e);
            }
            findings.add(Finding.of(Severity.FATAL, Kind.DAMAGE, "metadata snapshot", live.heldRoot(),
                    e.getMessage()));
            return null;
        }
    }

    private List<ThinSuperblock> states(ThinSuperblock live, ThinSuperblock held) {
        if (options.metadataSnapshot()) {
            return List.of(held);
        }
        return held == null ? List.of(live) : List.of(live, held);
    }

    private void countSuperblocks(ThinSuperblock live) {
        context.references().inc(0);
        if (live.heldRoot() != 0) {
            context.references().inc(live.heldRoot());
        }
    }

    private void walkDevices(List<ThinSuperblock> states) {
        report.stage(DETAILS);
        for (ThinSuperblock state : states) {
            context.addRoot(details, DETAILS, state.detailsRoot());
            context.addRoot(topLevel, TOP_LEVEL, state.mappingRoot());
        }
        details.walk(new CountingVisitor(context, DETAILS, _ -> {}));
        topLevel.walk(new CountingVisitor(context, TOP_LEVEL, this::addDeviceRoots));
    }

    private synchronized void addDeviceRoots(WalkedNode leaf) {
        for (int i = 0; i < leaf.entries(); i++) {
            context.addRoot(mappings, MAPPINGS, leaf.longValue(i));
        }
    }

    private void walkMappings(ReferenceCounts dataReferences, int time) {
        report.stage(MAPPINGS);
        MappingVisitor visitor = new MappingVisitor(dataReferences, time, findings);
        mappings.walk(new CountingVisitor(context, MAPPINGS, visitor::leaf));
    }

    private void compareSpaceMaps(ThinSuperblock live, DeviceCheck devices, SpaceMapCheck data,
            ReferenceCounts dataReferences) {
        SpaceMapCheck metadata = SpaceMapCheck.ofMetadata(context, live.metadataSpaceMap());
        prepareRepair(live, devices, metadata, data, dataReferences);
        data.countOwnBlocks();
        metadata.countOwnBlocks();
        boolean complete = findings.count(Kind.DAMAGE) == 0;
        if (complete) {
            data.compare(dataReferences);
            metadata.compare(context.references());
        }
        if (devices.shortfall() && data.mayCountTooHigh()) {
            findings.ruleOutRepair(
                    "a device has fewer mappings than its details say, and the data space map counts more"
                            + " references than there are: mappings may be lost");
        }
        findings.printTo(report);
        if (!complete) {
            report.problem("space maps were not compared: what is damaged may refer to any block");
        }
        for (SpaceMapCheck map : List.of(data, metadata)) {
            map.summarise(report);
        }
    }

    private void prepareRepair(ThinSuperblock live, DeviceCheck devices, SpaceMapCheck metadata, SpaceMapCheck data,
            ReferenceCounts dataReferences) {
        repair = new InPlaceRepair(context, ThinSuperblockLayout.VALIDATOR, metadata,
                ThinSuperblockLayout.METADATA_SPACE_MAP);
        repair.addDataMap(data, ThinSuperblockLayout.DATA_SPACE_MAP, dataReferences);
        if (devices.wrongNumbers()) {
            repair.replaceTree(ThinSuperblockLayout.DETAILS_ROOT, live.detailsRoot(),
                    out -> MappedBlocks.rewrite(file, live, mappings, out));
        }
    }
}
