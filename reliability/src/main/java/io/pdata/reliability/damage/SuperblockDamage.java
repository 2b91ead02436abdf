package io.pdata.reliability.damage;

import io.pdata.cache.CacheSuperblockLayout;
import io.pdata.core.block.Bytes;
import io.pdata.core.spacemap.BitmapBlock;
import io.pdata.era.EraSuperblockLayout;
import io.pdata.reliability.damage.Part.Kind;
import io.pdata.thin.ThinSuperblockLayout;
import java.util.List;

/** Damage to what all superblocks have: magic, version, number, roots. */
final class SuperblockDamage {
    private static final int MAGIC = 32;
    private static final int VERSION = 40;
    /** The roots that 0 means the absence of. */
    private static final List<String> MAY_BE_NONE = List.of("hint", "discard", "current-writeset");

    private SuperblockDamage() {}

    static void addTo(Kinds kinds) {
        Format format = kinds.format();
        kinds.structure("superblock-magic", Verdict.REFUSED, "the magic number is another",
                s -> s.setLongField(MAGIC, 4711, "bad magic number: expected", "found 4711"));
        kinds.structure("superblock-number", Verdict.REFUSED, "the superblock says it is block 1", s -> {
            format.superblock().prepare(s.superblock(), 1);
            return List.of("block 0", "says it is block 1");
        });
        kinds.structure("superblock-type", Verdict.REFUSED, "the superblock has the checksum of a bitmap", s -> {
            BitmapBlock.VALIDATOR.prepare(s.superblock(), 0);
            return List.of("block 0", "bad checksum");
        });
        kinds.structure("superblock-blank", Verdict.REFUSED, "the superblock is all zeroes", s -> {
            s.superblock().fill((byte) 0);
            return List.of("block 0");
        });
        kinds.content("superblock-version", format == Format.THIN ? Verdict.NOTICE : Verdict.REFUSED,
                "the version is 9", s -> s.setField(VERSION, 9, "version", "9"));
        for (int i = 0; i < roots(format).size(); i++) {
            root(kinds, roots(format).get(i));
        }
        indexBlock(kinds);
    }

    /** A field of a superblock that says where a tree is. */
    private record Root(String name, int offset) {}

    private static List<Root> roots(Format format) {
        int overflow = format.spaceMapRoot() + 24;
        return switch (format) {
        case THIN -> List.of(new Root("mapping", ThinSuperblockLayout.MAPPING_ROOT),
                new Root("details", ThinSuperblockLayout.DETAILS_ROOT),
                new Root("data-index", ThinSuperblockLayout.DATA_SPACE_MAP + 16),
                new Root("data-overflow", ThinSuperblockLayout.DATA_SPACE_MAP + 24), new Root("overflow", overflow));
        case CACHE -> List.of(new Root("mapping", CacheSuperblockLayout.MAPPING_ROOT),
                new Root("hint", CacheSuperblockLayout.HINT_ROOT),
                new Root("discard", CacheSuperblockLayout.DISCARD_ROOT), new Root("overflow", overflow));
        case ERA -> List.of(new Root("writeset-tree", EraSuperblockLayout.WRITESET_TREE_ROOT),
                new Root("era-array", EraSuperblockLayout.ERA_ARRAY_ROOT),
                new Root("current-writeset", EraSuperblockLayout.CURRENT_WRITESET + 4), new Root("overflow", overflow));
        };
    }

    private static void root(Kinds kinds, Root root) {
        kinds.structure("root-" + root.name() + "-beyond", Verdict.FATAL,
                "the root of the " + root.name() + " is beyond the end", s -> s.setLongField(root.offset(),
                        s.image().blocks() + 9L, "its root is said to be block " + (s.image().blocks() + 9)));
        kinds.structure("root-" + root.name() + "-elsewhere", Verdict.FATAL,
                "the root of the " + root.name() + " is a bitmap, the superblock or a blank block", s -> {
                    long block = s.any(List.of(0L, s.part(Kind.BITMAP).block(), s.blank()));
                    boolean none = block == 0 && MAY_BE_NONE.contains(root.name());
                    long target = none ? s.blank() : block;
                    return s.setLongField(root.offset(), target, "block " + target);
                });
    }

    private static void indexBlock(Kinds kinds) {
        int offset = kinds.format().spaceMapRoot() + 16;
        kinds.structure("root-index-beyond", Verdict.FATAL, "the index of the metadata space map is beyond the end",
                s -> s.setLongField(offset, s.image().blocks() + 2L, "block " + (s.image().blocks() + 2),
                        "lies beyond"));
        kinds.structure("root-index-elsewhere", Verdict.FATAL,
                "the index of the metadata space map is a bitmap, the superblock or a blank block", s -> {
                    long block = s.any(List.of(0L, s.part(Kind.BITMAP).block(), s.blank()));
                    return s.setLongField(offset, block, "metadata space map, block " + block);
                });
        kinds.structure("index-number-wrong", Verdict.FATAL,
                "the index of the metadata space map has the number of the next block",
                s -> NodeDamage.renumbered(s, s.part(Kind.INDEX)));
    }

    /** Takes a reference away where a superblock's field is set to 0. */
    static List<String> forget(Specimen specimen, int offset, String... words) {
        specimen.editSuperblock(block -> {
            if (block.get(Bytes.U64, offset) == 0) {
                throw new Damage.NothingToDamageException("there is none in " + specimen.image().name());
            }
            block.set(Bytes.U64, offset, 0);
        });
        return List.of(words);
    }
}
