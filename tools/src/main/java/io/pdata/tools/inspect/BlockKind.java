package io.pdata.tools.inspect;

import io.pdata.cache.CacheSuperblockLayout;
import io.pdata.core.array.ArrayBlock;
import io.pdata.core.block.BlockValidator;
import io.pdata.core.block.Bytes;
import io.pdata.core.block.CorruptionException;
import io.pdata.core.btree.NodeValidator;
import io.pdata.core.spacemap.BitmapBlock;
import io.pdata.core.spacemap.IndexBlock;
import io.pdata.core.store.MetadataRefusedException;
import io.pdata.era.EraSuperblockLayout;
import io.pdata.thin.ThinSuperblockLayout;
import java.lang.foreign.MemorySegment;

/** The types of blocks that metadata of any kind have, as their checksums tell them apart. */
public enum BlockKind {
    THIN_SUPERBLOCK("thin superblock", 'S', ThinSuperblockLayout.VALIDATOR),
    CACHE_SUPERBLOCK("cache superblock", 'S', CacheSuperblockLayout.VALIDATOR),
    ERA_SUPERBLOCK("era superblock", 'S', EraSuperblockLayout.VALIDATOR),
    NODE("btree node", 'n', NodeValidator.NODE),
    ARRAY("array block", 'a', ArrayBlock.VALIDATOR),
    INDEX("space map index", 'i', IndexBlock.VALIDATOR),
    BITMAP("space map bitmap", 'b', BitmapBlock.VALIDATOR),
    /** All zeroes: never written, or given back. */
    BLANK("blank", ' ', null),
    /** Of no type: damaged, or something else. */
    UNKNOWN("of no known type", '?', null);

    private final String title;
    private final char sign;
    private final BlockValidator validator;

    BlockKind(String title, char sign, BlockValidator validator) {
        this.title = title;
        this.sign = sign;
        this.validator = validator;
    }

    /** What it is called. */
    public String title() {
        return title;
    }

    /** What stands for it in a map. */
    public char sign() {
        return sign;
    }

    /** Null if there is nothing to verify. */
    BlockValidator validator() {
        return validator;
    }

    /** Whether more than its checksum tells it from others. */
    boolean saysWhatItIs() {
        return this != INDEX && this != BITMAP;
    }

    /** What a block is: checksum, number and header must all be right. */
    public static BlockKind of(MemorySegment block, long number) {
        if (block.mismatch(MemorySegment.ofArray(new byte[Bytes.BLOCK_SIZE])) < 0) {
            return BLANK;
        }
        for (BlockKind kind : values()) {
            if (kind.validator != null && passes(kind.validator, block, number)) {
                return kind;
            }
        }
        return UNKNOWN;
    }

    private static boolean passes(BlockValidator validator, MemorySegment block, long number) {
        try {
            validator.check(block, number);
            return true;
        } catch (CorruptionException | MetadataRefusedException e) {
            return false; // not this one
        }
    }
}
