package io.pdata.interop.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.interop.kernel.BlockContent.Image;
import io.pdata.testkit.PeerTools;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** What all judges say of a cache's metadata, and whether that is what the model says. */
final class CacheVerdict {
    private CacheVerdict() {}

    /** The dump that all tools agree on, of metadata that all find sound. */
    static CacheDump agreed(Path metadata, int version) {
        for (String peer : PeerTools.VERSIONS) {
            PeerTools.run(peer, "cache_check", metadata).succeeded();
        }
        CacheDump rust = CacheDump.parse(PeerTools.run(PeerTools.RUST, "cache_dump", metadata).succeeded().output());
        CacheDump cpp = CacheDump.parse(PeerTools.run(PeerTools.CPP, "cache_dump", metadata).succeeded().output());
        // 0.9.0 does not look at the dirty bitset of version 2.
        assertThat(cpp).isEqualTo(version == 1 ? rust : rust.allClean());
        return rust;
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
