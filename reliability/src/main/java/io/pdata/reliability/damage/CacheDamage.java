package io.pdata.reliability.damage;

import io.pdata.cache.CacheMapping;
import io.pdata.cache.CacheSuperblock;
import io.pdata.cache.CacheSuperblockLayout;
import io.pdata.core.array.ArrayBlock;
import io.pdata.core.block.Bytes;
import io.pdata.reliability.damage.Damage.NothingToDamageException;
import io.pdata.reliability.damage.Part.Kind;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** Damage that only cache metadata can have. */
final class CacheDamage {
    private static final String MAPPINGS = "mapping array";

    private CacheDamage() {}

    static void addTo(Kinds kinds) {
        superblock(kinds);
        sizes(kinds);
        mappings(kinds);
        dirtiness(kinds);
        bitsAndHints(kinds);
    }

    private static CacheSuperblock read(Specimen specimen) {
        return CacheSuperblock.read(specimen.superblock());
    }

    private static void requireVersion(Specimen specimen, int version) {
        if (read(specimen).version() != version) {
            throw new NothingToDamageException(specimen.image().name() + " is of another version");
        }
    }

    private static void superblock(Kinds kinds) {
        kinds.structure("flags-unknown", Verdict.NON_FATAL, "a flag is set that nobody knows",
                s -> s.setField(CacheSuperblockLayout.FLAGS, read(s).flags() | 0x100, "superblock", "flags 100"));
        kinds.structure("feature-incompat", Verdict.FATAL, "an incompatible feature is on",
                s -> s.setField(CacheSuperblockLayout.INCOMPAT_FLAGS, 2, "superblock", "unknown features 2"));
        kinds.structure("feature-read-only", Verdict.FATAL, "a feature is on that forbids writing",
                s -> s.setField(CacheSuperblockLayout.COMPAT_RO_FLAGS, 2, "superblock", "unknown features 2"));
        kinds.structure("feature-compat", Verdict.NOTICE, "a feature is on that may be ignored",
                s -> s.setField(CacheSuperblockLayout.COMPAT_FLAGS, 2, "superblock", "unknown features 2"));
        kinds.structure("metadata-block-size", Verdict.NON_FATAL, "a metadata block has 16 sectors",
                s -> s.setField(CacheSuperblockLayout.METADATA_BLOCK_SECTORS, 16, "superblock",
                        "metadata block size is 16"));
        kinds.content("version-up", Verdict.FATAL, "version 1 says it is version 2", s -> {
            requireVersion(s, 1);
            return s.setField(CacheSuperblockLayout.VERSION, 2, "dirty bitset not found");
        });
        kinds.content("version-down", Verdict.NON_FATAL, "version 2 says it is version 1", s -> {
            requireVersion(s, 2);
            return s.setField(CacheSuperblockLayout.VERSION, 1, "metadata space map", "referred to 0 times");
        });
        kinds.content("dirty-root-none", Verdict.FATAL, "version 2 has no dirty bitset", s -> {
            requireVersion(s, 2);
            return SuperblockDamage.forget(s, CacheSuperblockLayout.DIRTY_ROOT, "dirty bitset not found");
        });
        kinds.content("dirty-root-beyond", Verdict.FATAL, "the dirty bitset is beyond the end", s -> {
            requireVersion(s, 2);
            return s.setLongField(CacheSuperblockLayout.DIRTY_ROOT, s.image().blocks(), "dirty bitset",
                    "its root is said to be block " + s.image().blocks());
        });
        kinds.content("hint-root-none", Verdict.NON_FATAL, "there are no hints after a clean shutdown",
                s -> SuperblockDamage.forget(s, CacheSuperblockLayout.HINT_ROOT, "metadata space map",
                        "referred to 0 times"));
        kinds.content("policy-name", Verdict.NOTICE, "the policy's name is no text", s -> {
            s.editSuperblock(block -> block.asSlice(CacheSuperblockLayout.POLICY_NAME,
                    CacheSuperblockLayout.POLICY_NAME_SIZE).fill((byte) 0xe4));
            return List.of("superblock", "policy name");
        });
        kinds.content("hint-size", Verdict.FATAL, "a hint has 8 bytes",
                s -> s.setField(CacheSuperblockLayout.POLICY_HINT_SIZE, 8, "superblock", "policy hint size is 8"));
    }

    private static void sizes(Kinds kinds) {
        for (int sectors : new int[]{0, 100, 1 << 24}) {
            kinds.content("block-size-" + sectors, Verdict.FATAL, "a block has " + sectors + " sectors",
                    s -> s.setField(CacheSuperblockLayout.DATA_BLOCK_SECTORS, sectors, "superblock",
                            "block size is " + sectors));
        }
        kinds.content("cache-blocks-high", Verdict.FATAL, "there is one cache block more than mappings", s -> {
            int blocks = (int) read(s).cacheBlocks();
            return s.setField(CacheSuperblockLayout.CACHE_BLOCKS, blocks + 1, MAPPINGS,
                    "has " + blocks + " values instead of " + (blocks + 1));
        });
        kinds.content("cache-blocks-low", Verdict.FATAL, "there is one cache block less than mappings", s -> {
            int blocks = (int) read(s).cacheBlocks();
            return s.setField(CacheSuperblockLayout.CACHE_BLOCKS, blocks - 1, MAPPINGS,
                    "has " + blocks + " values instead of " + (blocks - 1));
        });
        kinds.content("cache-blocks-absurd", Verdict.FATAL, "there are 2^32 - 1 cache blocks",
                s -> s.setField(CacheSuperblockLayout.CACHE_BLOCKS, -1, MAPPINGS, "values instead of 4294967295"));
        kinds.content("discard-blocks-high", Verdict.FATAL, "there are more discard blocks than bits for them",
                s -> s.setLongField(CacheSuperblockLayout.DISCARD_BLOCKS, read(s).discardBlocks() + 100_000,
                        "discard bitset", "values instead of"));
        kinds.content("discard-blocks-absurd", Verdict.REFUSED, "there are 2^60 discard blocks",
                s -> s.setLongField(CacheSuperblockLayout.DISCARD_BLOCKS, 1L << 60, "discard blocks of"));
        kinds.content("discard-block-size-none", Verdict.FATAL, "a discard block has no sectors",
                s -> s.setLongField(CacheSuperblockLayout.DISCARD_BLOCK_SECTORS, 0, "superblock",
                        "discard block size is 0"));
    }

    /** A place in the mapping array. */
    private record Place(Part block, int index, long cacheBlock) {}

    private static Place mapping(Specimen specimen, boolean mapped) {
        Part block = specimen.part(part -> part.kind() == Kind.ARRAY_BLOCK && part.structure().equals(MAPPINGS)
                && specimenHas(specimen.block(part.block()), mapped));
        MemorySegment data = specimen.block(block.block());
        int index = specimen.below(0, ArrayBlock.entries(data), i -> CacheMapping.valid(value(data, i)) == mapped);
        return new Place(block, index, Nodes.key(specimen.block(block.parent()), block.slot())
                * ArrayBlock.capacity(CacheMapping.SIZE) + index);
    }

    private static boolean specimenHas(MemorySegment data, boolean mapped) {
        for (int i = 0; i < ArrayBlock.entries(data); i++) {
            if (CacheMapping.valid(value(data, i)) == mapped) {
                return true;
            }
        }
        return false;
    }

    private static long value(MemorySegment data, int index) {
        return data.get(Bytes.U64, ArrayBlock.valueOffset(index, CacheMapping.SIZE));
    }

    private static List<String> set(Specimen specimen, Place place, long value, String problem) {
        specimen.edit(place.block(),
                data -> data.set(Bytes.U64, ArrayBlock.valueOffset(place.index(), CacheMapping.SIZE), value));
        return List.of(MAPPINGS, "cache block " + place.cacheBlock() + ": " + problem);
    }

    private static void mappings(Kinds kinds) {
        kinds.content("origin-twice", Verdict.FATAL, "two cache blocks have the same origin block", s -> {
            Place one = mapping(s, true);
            Place other = mapping(s, false);
            long value = value(s.block(one.block().block()), one.index());
            set(s, other, value, "");
            return List.of(MAPPINGS, "origin block " + CacheMapping.origin(value) + " already mapped");
        });
        kinds.content("origin-beyond", Verdict.FATAL, "a cache block has an origin block beyond the origin's end",
                s -> set(s, mapping(s, true), CacheMapping.pack(CacheMapping.ORIGIN_LIMIT - 1, CacheMapping.VALID),
                        "mapping beyond end of the origin device"));
        kinds.content("mapping-flags", Verdict.FATAL, "a mapping has a flag that nobody knows", s -> {
            Place place = mapping(s, true);
            long value = value(s.block(place.block().block()), place.index()) | 0x80;
            return set(s, place, value, "unknown flags in mapping");
        });
        kinds.content("unmapped-origin", Verdict.FATAL, "a cache block that is not mapped has an origin block",
                s -> set(s, mapping(s, false), CacheMapping.pack(77, 0), "invalid block is mapped"));
    }

    private static void dirtiness(Kinds kinds) {
        kinds.content("unmapped-dirty", Verdict.FATAL,
                "a cache block that is not mapped is marked dirty in its mapping",
                s -> {
                    requireVersion(s, 1);
                    return set(s, mapping(s, false), CacheMapping.DIRTY, "dirty bit found on an unmapped block");
                });
        kinds.content("dirty-flag-version-2", Verdict.FATAL, "version 2 marks a block dirty in its mapping", s -> {
            requireVersion(s, 2);
            Place place = mapping(s, true);
            return set(s, place, value(s.block(place.block().block()), place.index()) | CacheMapping.DIRTY,
                    "unknown flags in mapping");
        });
        kinds.content("unmapped-dirty-bit", Verdict.FATAL, "a cache block that is not mapped has a dirty bit", s -> {
            requireVersion(s, 2);
            long block = mapping(s, false).cacheBlock();
            setBit(s, "dirty bitset", block);
            return List.of("dirty bitset", "dirty bit found on an unmapped block");
        });
    }

    private static void bitsAndHints(Kinds kinds) {
        kinds.content("dirty-bit-beyond", Verdict.NOTICE, "a cache block beyond the end has a dirty bit", s -> {
            requireVersion(s, 2);
            return beyond(s, "dirty bitset", read(s).cacheBlocks());
        });
        kinds.content("discard-bit-beyond", Verdict.NOTICE, "a discard block beyond the end has a bit",
                s -> beyond(s, "discard bitset", read(s).discardBlocks()));
        kinds.content("hints-short", Verdict.NON_FATAL, "there are hints for fewer blocks than at the clean shutdown",
                s -> {
                    int blocks = (int) read(s).cacheBlocks();
                    Part last = s.part(part -> part.kind() == Kind.ARRAY_BLOCK && part.structure().equals("hint array")
                            && part.slot() + 1 == Nodes.entries(s.block(part.parent())));
                    s.edit(last, data -> data.set(Bytes.U32, 8, ArrayBlock.entries(data) - 1));
                    return List.of("hint array", "has " + (blocks - 1) + " values instead of " + blocks);
                });
    }

    private static void setBit(Specimen specimen, String bitset, long bit) {
        long word = bit / Long.SIZE;
        int perBlock = ArrayBlock.capacity(Long.BYTES);
        Part part = specimen.part(candidate -> candidate.kind() == Kind.ARRAY_BLOCK
                && candidate.structure().equals(bitset) && candidate.slot() == word / perBlock);
        specimen.edit(part, data -> {
            long offset = ArrayBlock.valueOffset((int) (word % perBlock), Long.BYTES);
            data.set(Bytes.U64, offset, data.get(Bytes.U64, offset) | 1L << bit);
        });
    }

    private static List<String> beyond(Specimen specimen, String bitset, long bits) {
        if (bits % Long.SIZE == 0) {
            throw new NothingToDamageException("there is no room for bits beyond " + bits);
        }
        setBit(specimen, bitset, bits);
        return List.of(bitset, "bits are set beyond its " + bits);
    }
}
