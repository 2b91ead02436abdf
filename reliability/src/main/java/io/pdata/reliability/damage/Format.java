package io.pdata.reliability.damage;

import io.pdata.cache.CacheSuperblockLayout;
import io.pdata.core.block.BlockValidator;
import io.pdata.era.EraSuperblockLayout;
import io.pdata.thin.ThinSuperblockLayout;

/** The three formats of metadata: what their superblocks are, which programs judge them, and how they are put to use. */
public enum Format {
    THIN("thin_check", ThinSuperblockLayout.VALIDATOR, ThinSuperblockLayout.METADATA_SPACE_MAP, new ThinUse()),
    CACHE("cache_check", CacheSuperblockLayout.VALIDATOR, CacheSuperblockLayout.SPACE_MAP_ROOT, new CacheUse()),
    ERA("era_check", EraSuperblockLayout.VALIDATOR, EraSuperblockLayout.SPACE_MAP_ROOT, new EraUse());

    private final String checker;
    private final BlockValidator superblock;
    private final int spaceMapRoot;
    private final Use use;

    Format(String checker, BlockValidator superblock, int spaceMapRoot, Use use) {
        this.checker = checker;
        this.superblock = superblock;
        this.spaceMapRoot = spaceMapRoot;
        this.use = use;
    }

    /** The program of thin-provisioning-tools that checks such metadata. */
    String checker() {
        return checker;
    }

    BlockValidator superblock() {
        return superblock;
    }

    /** Where in the superblock the root record of the metadata space map is. */
    int spaceMapRoot() {
        return spaceMapRoot;
    }

    Use use() {
        return use;
    }
}
