package io.pdata.interop.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.interop.kernel.BlockContent.Image;
import io.pdata.testkit.PeerTools;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** What all judges say of a pool that is not active, and whether that is what the model says. */
final class ThinVerdict {
    private final ThinPool pool;
    private final ThinWorld world;

    ThinVerdict(ThinPool pool, ThinWorld world) {
        this.pool = pool;
        this.world = world;
    }

    /** Checks everything, and returns the number of data blocks in use. */
    long pronounce() {
        for (String version : PeerTools.VERSIONS) {
            PeerTools.run(version, "thin_check", pool.metadata()).succeeded();
        }
        OwnTools.thinCheck(pool.metadata());
        ThinDump dump = dump();
        Set<Long> used = new HashSet<>();
        assertThat(dump.transaction()).as("transaction id").isEqualTo(world.transaction);
        assertThat(dump.dataBlockSize()).isEqualTo(pool.blockSectors());
        assertThat(dump.dataBlocks()).isEqualTo(world.dataBlocks);
        assertThat(dump.devices().keySet()).as("devices").isEqualTo(world.volumes.keySet());
        try (Image data = Image.open(pool.data())) {
            world.volumes.forEach((id, volume) -> compare(id, volume, dump.devices().get(id), data));
        }
        dump.devices().values().forEach(device -> collect(device, used));
        if (world.held != null) {
            ThinDump held = dump("-m");
            assertThat(held.devices().keySet()).as("held devices").isEqualTo(world.held.keySet());
            // Content may have been overwritten in place since: only the mappings are frozen.
            world.held.forEach((id, volume) -> assertThat(held.devices().get(id).mappings().keySet())
                    .as("held device " + id).isEqualTo(volume.blocks().keySet()));
            held.devices().values().forEach(device -> collect(device, used));
        }
        return used.size();
    }

    private void compare(int id, ThinWorld.Volume expected, ThinDump.Device found, Image data) {
        assertThat(found.mappings().keySet()).as("mapped blocks of device %d", id)
                .isEqualTo(expected.blocks().keySet());
        assertThat(found.mappedBlocks()).as("mapped_blocks of device %d", id).isEqualTo(expected.blocks().size());
        assertThat(found.transaction()).as("transaction of device %d", id).isEqualTo(expected.transaction());
        Map<Long, BlockContent> content = new TreeMap<>();
        found.mappings().forEach(
                (block, mapping) -> content.put(block, data.read(mapping.dataBlock(), pool.blockBytes())));
        assertThat(content).as("content of device %d", id).isEqualTo(expected.blocks());
    }

    private static void collect(ThinDump.Device device, Set<Long> used) {
        device.mappings().values().forEach(mapping -> used.add(mapping.dataBlock()));
    }

    /** The dump that all tools agree on: ours and the newer one's to the letter. */
    private ThinDump dump(String... options) {
        String rust = xml(PeerTools.RUST, options);
        OwnTools.requireSame("thin_dump", OwnTools.thinDump(pool.metadata(), options.length > 0), rust);
        ThinDump dump = ThinDump.parse(rust);
        assertThat(ThinDump.parse(xml(PeerTools.CPP, options))).isEqualTo(dump);
        return dump;
    }

    private String xml(String version, String... options) {
        Object[] arguments = new Object[options.length + 1];
        System.arraycopy(options, 0, arguments, 0, options.length);
        arguments[options.length] = pool.metadata();
        return PeerTools.run(version, "thin_dump", arguments).succeeded().output();
    }
}
