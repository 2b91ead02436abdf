package io.pdata.tools.check;

import io.pdata.core.block.BlockValidator;
import io.pdata.core.space.SpaceMapRoot;
import io.pdata.core.spacemap.DiskSpaceMap;
import io.pdata.core.store.MetadataStore;
import io.pdata.tools.Findings;
import io.pdata.tools.MetadataFile;
import io.pdata.tools.Report;

/**
 * Frees blocks that have leaked, in one transaction: whatever happens meanwhile, either all are free afterwards or none. Only
 * for metadata with which nothing else is wrong. O(leaked blocks).
 */
public final class LeakRepair {
    private static final int NOWHERE = -1;

    private final BlockValidator superblock;
    private final int metadataMap;
    private final int dataMap;

    private LeakRepair(BlockValidator superblock, int metadataMap, int dataMap) {
        this.superblock = superblock;
        this.metadataMap = metadataMap;
        this.dataMap = dataMap;
    }

    /** For metadata whose superblock has the root of the metadata space map at an offset. */
    public static LeakRepair of(BlockValidator superblock, int metadataMap) {
        return new LeakRepair(superblock, metadataMap, NOWHERE);
    }

    /** For metadata that count data blocks as well. */
    public static LeakRepair of(BlockValidator superblock, int metadataMap, int dataMap) {
        return new LeakRepair(superblock, metadataMap, dataMap);
    }

    /** @param file was opened to be changed */
    public void run(MetadataFile file, Findings findings, Report report) {
        if (!findings.onlyLeaks()) {
            throw new IllegalArgumentException("something else than leaks is wrong");
        }
        MetadataStore store = file.store(superblock, metadataMap);
        DiskSpaceMap data = dataMap == NOWHERE ? null : dataMap(store);
        if (findings.dataLeaks().any()) {
            report.problem("Repairing data leaks.");
            findings.dataLeaks().forEach(data::dec);
        }
        if (findings.metadataLeaks().any()) {
            report.problem("Repairing metadata leaks.");
            findings.metadataLeaks().forEach(store.spaceMap()::dec);
        }
        if (data != null) {
            data.commit();
        }
        store.commit(block -> {
            store.spaceMap().root().write(block, metadataMap);
            if (data != null) {
                data.root().write(block, dataMap);
            }
        }, () -> {});
    }

    private DiskSpaceMap dataMap(MetadataStore store) {
        DiskSpaceMap map = new DiskSpaceMap(store.transactions());
        map.reload(store.readSuperblock(block -> SpaceMapRoot.read(block, dataMap)));
        return map;
    }
}
