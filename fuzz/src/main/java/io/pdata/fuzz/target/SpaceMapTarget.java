package io.pdata.fuzz.target;

import io.pdata.cache.CacheSuperblock;
import io.pdata.cache.CacheSuperblockLayout;
import io.pdata.core.block.BlockValidator;
import io.pdata.core.space.SpaceMap;
import io.pdata.core.space.SpaceMapRoot;
import io.pdata.core.spacemap.DiskSpaceMap;
import io.pdata.core.store.MetadataStore;
import io.pdata.era.EraSuperblock;
import io.pdata.era.EraSuperblockLayout;
import io.pdata.fuzz.Target;
import io.pdata.fuzz.image.Images;
import io.pdata.fuzz.image.Input;
import io.pdata.fuzz.image.PatchedDevice;
import io.pdata.thin.ThinSuperblock;
import io.pdata.thin.ThinSuperblockLayout;
import java.lang.foreign.MemorySegment;
import java.util.function.Function;

/** The two space maps by themselves: loading, counting, changing counts, allocating, committing. */
public final class SpaceMapTarget implements Target {
    private static final int MOST_STEPS = 32;
    private static final long FAR = 1L << 40;

    @Override
    public void run(Input input) {
        int format = input.number() % 3;
        switch (format) {
        case 0 -> run(input, input.image(Images.thin()), ThinSuperblockLayout.VALIDATOR,
                block -> ThinSuperblock.read(block).metadataSpaceMap());
        case 1 -> run(input, input.image(Images.cache()), CacheSuperblockLayout.VALIDATOR,
                block -> CacheSuperblock.read(block).spaceMap());
        default -> run(input, input.image(Images.era()), EraSuperblockLayout.VALIDATOR,
                block -> EraSuperblock.read(block).spaceMap());
        }
    }

    private static void run(Input input, PatchedDevice image, BlockValidator type,
            Function<MemorySegment, SpaceMapRoot> rootOf) {
        Judge.allows(() -> {
            try (MetadataStore store = MetadataStore.open(image, ThinTarget.CACHE_BYTES, type, rootOf)) {
                SpaceMapRoot root = store.readSuperblock(rootOf);
                use(store, input, type == ThinSuperblockLayout.VALIDATOR && input.number() % 2 == 0);
                store.abort(root);
            }
        });
    }

    private static void use(MetadataStore store, Input input, boolean data) {
        SpaceMap map = store.spaceMap();
        if (data) {
            DiskSpaceMap disk = new DiskSpaceMap(store.transactions());
            disk.reload(store.readSuperblock(ThinSuperblock::read).dataSpaceMap());
            map = disk;
        }
        boolean usable = true;
        for (int i = 0; usable && i < MOST_STEPS && input.more(); i++) {
            SpaceMap used = map;
            usable = Judge.allows(() -> step(store, used, input));
        }
        if (usable) {
            SpaceMap used = map;
            Judge.allows(() -> {
                used.commit();
                store.transactions().preCommit();
            });
        }
    }

    private static void step(MetadataStore store, SpaceMap map, Input input) {
        long block = input.wide();
        switch (input.number() % 8) {
        case 0 -> map.count(block);
        case 1 -> map.isShared(block);
        case 2 -> change(map, block, 1);
        case 3 -> change(map, block, -1);
        case 4 -> map.inc(block, Math.max(block, block + input.number()));
        case 5 -> {
            long allocated = map.newBlock();
            Judge.require(map.count(allocated) == 1, "a new block that is not counted once");
        }
        case 6 -> {
            long room = map instanceof DiskSpaceMap ? FAR : store.blocks().blocks();
            map.extend(Math.clamp(room - map.blocks(), 0, input.number()));
        }
        default -> Judge.require(map.free() >= 0 && map.free() <= map.blocks(), "more free than there are");
        }
    }

    /** The metadata map counts its own blocks too, which move when it changes: only the other is as simple as that. */
    private static void change(SpaceMap map, long block, int difference) {
        long before = map.count(block);
        if (difference > 0) {
            map.inc(block);
        } else {
            map.dec(block);
        }
        Judge.require(map.count(block) == before + difference || !(map instanceof DiskSpaceMap),
                "a count of " + before + " that becomes " + map.count(block));
    }
}
