package io.pdata.benchmarks;

import io.pdata.core.block.Bytes;
import io.pdata.core.btree.TreeBuilder;
import io.pdata.core.btree.TreeRoot;
import io.pdata.core.btree.ValueType;
import io.pdata.core.device.FileDevice;
import io.pdata.core.spacemap.DiskSpaceMap;
import io.pdata.core.store.MetadataStore;
import io.pdata.thin.BlockTime;
import io.pdata.thin.DeviceDetails;
import io.pdata.thin.ThinSuperblock;
import io.pdata.thin.ThinSuperblockLayout;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/**
 * Makes metadata of a thin pool as large as wanted, with the bulk builder, to show what checking and dumping it takes:
 * volumes with mappings that do not merge into ranges, and as many snapshots that share all of their leaves.
 */
public final class LargeThinMetadata {
    private static final int MAPPINGS_PER_LEAF = 252;
    private static final int BLOCK_SECTORS = 128;
    /** Data blocks that are free. */
    private static final int SPARE = 100_000;

    private LargeThinMetadata() {}

    /** {@code FILE MIB VOLUMES}: fills a metadata file of so many MiB nearly up. */
    public static void main(String[] args) {
        if (args.length != 3) {
            System.err.println("usage: LargeThinMetadata FILE MIB VOLUMES");
            System.exit(2);
        }
        long blocks = Long.parseLong(args[1]) << 8;
        int volumes = Integer.parseInt(args[2]);
        long mappings = blocks * 98 / 100 * MAPPINGS_PER_LEAF / volumes;
        make(Path.of(args[0]), blocks, volumes, mappings);
        System.out.printf("%s: %d blocks, %d volumes of %d mappings, and a snapshot of each%n", args[0], blocks,
                volumes,
                mappings);
    }

    /** Makes a metadata file of so many blocks, with volumes 0, 2, 4... of so many mappings to blocks of 64 KiB. */
    public static void make(Path file, long blocks, int volumes, long mappings) {
        FileDevice device = FileDevice.create(file, blocks * Bytes.BLOCK_SIZE);
        try (MetadataStore store = MetadataStore.format(device, 64 << 20, ThinSuperblockLayout.VALIDATOR)) {
            fill(store, volumes, mappings);
        }
    }

    private static void fill(MetadataStore store, int volumes, long mappings) {
        DiskSpaceMap data = new DiskSpaceMap(store.transactions());
        data.create();
        data.extend(volumes * mappings + SPARE);
        data.inc(0, volumes * mappings);
        TreeBuilder top = new TreeBuilder(store.transactions(), ValueType.plain(8));
        TreeBuilder details = new TreeBuilder(store.transactions(), ValueType.plain(DeviceDetails.SIZE));
        MemorySegment value = MemorySegment.ofArray(new byte[DeviceDetails.SIZE]);
        for (int volume = 0; volume < volumes; volume++) {
            TreeRoot tree = volume(store, volume * mappings, mappings);
            store.transactions().inc(tree.block());
            for (int id = 2 * volume; id < 2 * volume + 2; id++) {
                top.addLong(id, tree.block());
                new DeviceDetails(mappings, 0, id % 2, 1).write(value, 0);
                details.add(id, value, 0);
            }
        }
        long mappingRoot = top.finish().block();
        long detailsRoot = details.finish().block();
        data.commit();
        store.commitNew(block -> new ThinSuperblock(0, ThinSuperblockLayout.CURRENT_VERSION, 1, 0, 0, data.root(),
                store.spaceMap().root(), mappingRoot, detailsRoot, BLOCK_SECTORS,
                ThinSuperblockLayout.SECTORS_PER_METADATA_BLOCK, store.spaceMap().blocks(), 0, 0, 0).write(block),
                () -> {});
    }

    /** Neighbours are swapped, so that no two mappings make a range. */
    private static TreeRoot volume(MetadataStore store, long firstDataBlock, long mappings) {
        TreeBuilder tree = new TreeBuilder(store.transactions(), ValueType.plain(8));
        for (long i = 0; i < mappings; i++) {
            tree.addLong(i, BlockTime.pack(firstDataBlock + Math.min(i ^ 1, mappings - 1), 0));
        }
        return tree.finish();
    }
}
