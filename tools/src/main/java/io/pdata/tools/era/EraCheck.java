package io.pdata.tools.era;

import io.pdata.core.array.ArrayBlock;
import io.pdata.core.block.Bytes;
import io.pdata.core.block.CorruptionException;
import io.pdata.core.btree.BTreeReader;
import io.pdata.core.btree.Cursor;
import io.pdata.core.btree.TreeWalker;
import io.pdata.core.btree.WalkedNode;
import io.pdata.core.device.DeviceException;
import io.pdata.era.EraSuperblock;
import io.pdata.era.EraSuperblockLayout;
import io.pdata.era.Writeset;
import io.pdata.tools.Finding.Kind;
import io.pdata.tools.Finding;
import io.pdata.tools.Findings;
import io.pdata.tools.MetadataFile;
import io.pdata.tools.Report;
import io.pdata.tools.Severity;
import io.pdata.tools.ToolException;
import io.pdata.tools.check.ArrayCheck;
import io.pdata.tools.check.BitsetEnd;
import io.pdata.tools.check.CheckContext;
import io.pdata.tools.check.CountingVisitor;
import io.pdata.tools.check.MetadataCounts;
import io.pdata.tools.check.SpaceMapCheck;
import java.lang.foreign.MemorySegment;

/**
 * Checks era metadata: the superblock and its copy in a metadata snapshot, all writesets and era arrays, and the
 * metadata space map against counts made from scratch.
 *
 * <p>Memory: the {@linkplain MetadataFile#CACHE_BYTES block cache}, a few bits for each metadata block, and 29 bytes
 * for each node of a tree. Source: format document "era", section 6.
 */
public final class EraCheck {
    private static final String WRITESETS = "writeset tree";
    private static final String BITSET = "writeset";
    private static final String ERAS = "era array";
    /** A flag that nobody gives a meaning to, but that some restored metadata have. */
    private static final int RESTORED = 1;
    /** A block has a multiple of this many sectors. */
    static final int SECTORS_STEP = 8;

    private final MetadataFile file;
    private final Report report;
    private final Findings findings = new Findings();
    private final CheckContext context;
    private final TreeWalker writesets;
    private final ArrayCheck bitsets;
    private final ArrayCheck eras;

    private EraCheck(MetadataFile file, Report report) {
        this.file = file;
        this.report = report;
        this.context = CheckContext.of(file, findings);
        this.writesets = context.walker(Writeset.SIZE);
        this.bitsets = new ArrayCheck(context, BITSET, Long.BYTES);
        this.eras = new ArrayCheck(context, ERAS, Integer.BYTES);
    }

    /**
     * Checks metadata.
     *
     * @param superBlockOnly whether to leave it at the superblock
     * @return what is wrong with them
     * @throws ToolException if there is no superblock to begin with
     */
    public static Findings check(MetadataFile file, boolean superBlockOnly, Report report) {
        EraCheck check = new EraCheck(file, report);
        report.stage("Checking era metadata");
        EraSuperblock live = file.superblock(EraSuperblockLayout.VALIDATOR, block -> {
            check.checkUnused(block);
            return EraSuperblock.read(block);
        });
        check.checkSuperblock(live);
        if (superBlockOnly) {
            check.findings.printTo(report);
        } else {
            check.run(live);
        }
        return check.findings;
    }

    /** Fields that nothing depends on. */
    private void checkUnused(MemorySegment block) {
        int flags = block.get(Bytes.U32, EraSuperblockLayout.FLAGS);
        if ((flags & ~RESTORED) != 0) {
            findings.add(Finding.of(Severity.NON_FATAL, Kind.SUPERBLOCK, "superblock",
                    String.format("flags %x are set that have no meaning", flags & ~RESTORED)));
        }
        int sectors = block.get(Bytes.U32, EraSuperblockLayout.METADATA_BLOCK_SECTORS);
        if (sectors != EraSuperblockLayout.SECTORS_PER_METADATA_BLOCK) {
            findings.add(Finding.of(Severity.NON_FATAL, Kind.SUPERBLOCK, "superblock",
                    "metadata block size is " + Integer.toUnsignedString(sectors) + " sectors instead of "
                            + EraSuperblockLayout.SECTORS_PER_METADATA_BLOCK));
        }
    }

    /** Whether this is a valid size of blocks, in sectors. */
    static boolean isBlockSize(long sectors) {
        return sectors > 0 && sectors % SECTORS_STEP == 0;
    }

    private void checkSuperblock(EraSuperblock superblock) {
        long sectors = superblock.dataBlockSectors();
        if (!isBlockSize(sectors)) {
            findings.add(Finding.of(Severity.FATAL, Kind.SUPERBLOCK, "superblock",
                    "block size is " + sectors + " sectors, not a multiple of " + SECTORS_STEP));
        }
    }

    private void run(EraSuperblock live) {
        EraSuperblock snapshot = snapshot(live);
        countRoots(live, snapshot);
        writesets.walk(new CountingVisitor(context, WRITESETS, this::addBitsets));
        bitsets.walk();
        eras.walk();
        checkState(live, "");
        if (live.currentWriteset().exists()) {
            checkWriteset("", live.currentEra(), live.currentWriteset());
        }
        if (snapshot != null) {
            if (snapshot.currentEra() > live.currentEra()) {
                findings.add(Finding.of(Severity.FATAL, Kind.FUTURE, "metadata snapshot",
                        "its era is " + snapshot.currentEra() + ", the current one is " + live.currentEra()));
            }
            checkState(snapshot, "metadata snapshot, ");
        }
        SpaceMapCheck map = SpaceMapCheck.ofMetadata(context, live.spaceMap());
        if (live.currentEra() == 0) {
            map.ignoreTotals(); // as formatted, before the first activation: the kernel has not committed them yet
        }
        MetadataCounts.compare(context, map, report);
        if (findings.count(Severity.FATAL) > 0) {
            report.problem("fatal errors in metadata");
        }
    }

    private EraSuperblock snapshot(EraSuperblock live) {
        context.references().inc(0);
        if (live.metadataSnapshot() == 0) {
            return null;
        }
        context.references().inc(live.metadataSnapshot());
        try {
            return file.superblock(live.metadataSnapshot(), EraSuperblockLayout.VALIDATOR, EraSuperblock::read);
        } catch (ToolException e) {
            findings.add(Finding.of(Severity.FATAL, Kind.DAMAGE, "metadata snapshot", live.metadataSnapshot(),
                    e.getMessage()));
            return null;
        }
    }

    /** Of a snapshot, only the writeset tree and the era array are referred to. */
    private void countRoots(EraSuperblock live, EraSuperblock snapshot) {
        context.addRoot(writesets, WRITESETS, live.writesetTreeRoot());
        eras.addRoot(live.eraArrayRoot());
        if (live.currentWriteset().exists()) {
            bitsets.addRoot(live.currentWriteset().root());
        }
        if (snapshot != null) {
            context.addRoot(writesets, WRITESETS, snapshot.writesetTreeRoot());
            eras.addRoot(snapshot.eraArrayRoot());
        }
    }

    private void addBitsets(WalkedNode leaf) {
        for (int i = 0; i < leaf.entries(); i++) {
            bitsets.addRoot(Writeset.read(leaf.data(), leaf.valueOffset(i)).root());
        }
    }

    private void checkState(EraSuperblock state, String where) {
        checkWritesets(state, where);
        eras.values(where + ERAS, state.eraArrayRoot(), state.blocks(),
                (first, data, count) -> checkEras(state, where + ERAS, first, data, count));
    }

    private void checkWritesets(EraSuperblock state, String where) {
        if (writesets.summary(state.writesetTreeRoot()).errors() > 0) {
            return;
        }
        try (Cursor cursor = new BTreeReader(file, 1, Writeset.SIZE).cursor(state.writesetTreeRoot())) {
            long previous = -1;
            for (; cursor.valid(); cursor.next()) {
                long era = cursor.key();
                String name = where + WRITESETS;
                if (Long.compareUnsigned(era, state.currentEra()) > 0) {
                    findings.add(Finding.of(Severity.FATAL, Kind.FUTURE, name, "has a writeset of era "
                            + Long.toUnsignedString(era) + ", but the current one is " + state.currentEra()));
                }
                if (where.isEmpty() && state.currentWriteset().exists() && era == state.currentEra()) {
                    findings.add(Finding.of(Severity.FATAL, Kind.VALUE, name,
                            "has a writeset of the current era " + era + ", which has another that is in use"));
                }
                if (previous >= 0 && era != previous + 1) {
                    findings.add(Finding.of(Severity.NOTICE, Kind.VALUE, name,
                            "has no writeset between eras " + previous + " and " + Long.toUnsignedString(era)));
                }
                previous = era;
                checkWriteset(where, era, Writeset.read(cursor.block(), cursor.valueOffset()));
            }
        } catch (CorruptionException | DeviceException e) {
            findings.add(Finding.of(Severity.FATAL, Kind.DAMAGE, where + WRITESETS, e.getMessage()));
        }
    }

    private void checkWriteset(String where, long era, Writeset writeset) {
        String name = where + BITSET + " of era " + Long.toUnsignedString(era);
        bitsets.values(name, writeset.root(), Math.ceilDiv(writeset.bits(), Long.SIZE),
                new BitsetEnd(name, writeset.bits(), findings));
    }

    private void checkEras(EraSuperblock state, String name, long first, MemorySegment data, int count) {
        for (int i = 0; i < count; i++) {
            long era = Integer.toUnsignedLong(data.get(Bytes.U32, ArrayBlock.valueOffset(i, Integer.BYTES)));
            if (era > state.currentEra()) {
                findings.add(Finding.of(Severity.FATAL, Kind.FUTURE, name,
                        "invalid era value at data block " + (first + i) + ": " + era));
            }
        }
    }
}
