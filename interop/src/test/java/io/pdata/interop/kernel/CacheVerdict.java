package io.pdata.interop.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.cache.CacheMetadata;
import io.pdata.cache.CacheSuperblock;
import io.pdata.cache.CacheView;
import io.pdata.core.device.FileDevice.Access;
import io.pdata.core.device.FileDevice;
import io.pdata.core.store.OpenOptions;
import io.pdata.interop.kernel.BlockContent.Image;
import io.pdata.testkit.PeerTools;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Base64;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/** What all judges say of a cache's metadata, and whether that is what the model says. */
final class CacheVerdict {
    private CacheVerdict() {}

    /** The dump that all tools agree on, of metadata that all find sound. */
    static CacheDump agreed(Path metadata, int version) {
        for (String peer : PeerTools.VERSIONS) {
            PeerTools.run(peer, "cache_check", metadata).succeeded();
        }
        OwnTools.cacheCheck(metadata);
        String xml = PeerTools.run(PeerTools.RUST, "cache_dump", metadata).succeeded().output();
        OwnTools.requireSame("cache_dump", OwnTools.cacheDump(metadata), xml);
        CacheDump rust = CacheDump.parse(xml);
        CacheDump cpp = CacheDump.parse(PeerTools.run(PeerTools.CPP, "cache_dump", metadata).succeeded().output());
        // 0.9.0 does not look at the dirty bitset of version 2.
        assertThat(cpp).isEqualTo(version == 1 ? rust : rust.allClean());
        assertThat(readByUs(metadata)).as("what we read").isEqualTo(rust);
        return rust;
    }

    private static CacheDump readByUs(Path metadata) {
        try (CacheMetadata own = open(metadata); CacheView view = own.openView()) {
            CacheSuperblock superblock = view.superblock();
            CacheDump dump = new CacheDump(superblock.dataBlockSectors(), superblock.cacheBlocks(),
                    superblock.policy().name(), superblock.policy().hintSize(), new TreeMap<>(), new TreeMap<>());
            view.reader().storedMappings((cacheBlock, origin, dirty) -> dump.mappings().put((int) cacheBlock,
                    new CacheDump.Mapping(origin, dirty)));
            view.reader().storedHints((cacheBlock, hint) -> {
                // Dumps leave out the hints of unmapped blocks.
                if (dump.mappings().containsKey((int) cacheBlock)) {
                    dump.hints().put((int) cacheBlock, Base64.getEncoder().encodeToString(
                            ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN).putInt(hint).array()));
                }
            });
            return dump;
        }
    }

    private static CacheMetadata open(Path metadata) {
        return CacheMetadata.open(FileDevice.open(metadata, Access.READ_ONLY), OpenOptions.readOnly());
    }

    /** Compares the discarded blocks with the model; only we can read them. */
    static void matchDiscards(Path metadata, CacheWorld world) {
        BitSet discarded = new BitSet();
        try (CacheMetadata own = open(metadata)) {
            own.reader().loadDiscards(CacheGuest.BLOCK_SECTORS, world.originBlocks(),
                    (begin, end) -> discarded.set((int) begin, (int) end));
        }
        assertThat(discarded).as("discarded blocks").isEqualTo(world.discarded);
    }

    /** Compares numbers with those of the kernel's status line. */
    static void matchStatus(CacheDump dump, String status, boolean dirtyToo) {
        String[] fields = status.split(" ");
        assertThat(fields[6]).as("used cache blocks").isEqualTo(dump.mappings().size() + "/" + dump.cacheBlocks());
        if (dirtyToo) {
            long dirty = dump.mappings().values().stream().filter(CacheDump.Mapping::dirty).count();
            assertThat(Long.parseLong(fields[13])).as("dirty cache blocks").isEqualTo(dirty);
        }
    }

    /** Whether each block of the device contains what it ought to, in the place where the metadata says it is. */
    static void matchContent(CacheDump dump, CacheWorld world, Path fast, Path origin) {
        Map<Integer, BlockContent> wrong = new HashMap<>();
        boolean[] dirty = new boolean[world.originBlocks()];
        try (Image cache = Image.open(fast); Image slow = Image.open(origin)) {
            dump.mappings().forEach((cacheBlock, mapping) -> {
                int block = (int) mapping.originBlock();
                dirty[block] = mapping.dirty();
                BlockContent content = cache.read(cacheBlock, CacheGuest.BLOCK_BYTES);
                if (!world.agrees(block, content)) {
                    wrong.put(block, content);
                }
            });
            for (int block = 0; block < world.originBlocks(); block++) {
                BlockContent content = slow.read(block, CacheGuest.BLOCK_BYTES);
                if (!dirty[block] && !world.agrees(block, content)) {
                    wrong.put(block, content);
                }
            }
        }
        assertThat(wrong).as("blocks with other content than expected").isEmpty();
    }
}
