package io.pdata.reliability.damage;

import io.pdata.core.array.ArrayBlock;
import io.pdata.core.block.Bytes;
import io.pdata.era.EraSuperblock;
import io.pdata.era.EraSuperblockLayout;
import io.pdata.era.Writeset;
import io.pdata.reliability.damage.Damage.NothingToDamageException;
import io.pdata.reliability.damage.Part.Kind;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.IntUnaryOperator;

/** Damage that only era metadata can have. */
final class EraDamage {
    private EraDamage() {}

    static void addTo(Kinds kinds) {
        superblock(kinds);
        snapshot(kinds);
        eras(kinds);
        writesets(kinds);
    }

    private static EraSuperblock read(Specimen specimen) {
        return EraSuperblock.read(specimen.superblock());
    }

    private static void superblock(Kinds kinds) {
        for (int sectors : new int[]{0, 100}) {
            kinds.content("block-size-" + sectors, Verdict.FATAL, "a block has " + sectors + " sectors",
                    s -> s.setField(EraSuperblockLayout.DATA_BLOCK_SECTORS, sectors, "superblock",
                            "block size is " + sectors));
        }
        kinds.structure("metadata-block-size", Verdict.NON_FATAL, "a metadata block has 16 sectors",
                s -> s.setField(EraSuperblockLayout.METADATA_BLOCK_SECTORS, 16, "superblock",
                        "metadata block size is 16"));
        kinds.structure("flags-unknown", Verdict.NON_FATAL, "a flag is set that nobody knows",
                s -> s.setField(EraSuperblockLayout.FLAGS, 0x100, "superblock", "flags 100"));
        blocks(kinds, "nr-blocks-high", "there is one block more than the era array has", n -> n + 1);
        blocks(kinds, "nr-blocks-low", "there is one block less than the era array has", n -> n - 1);
        blocks(kinds, "nr-blocks-absurd", "there are 2^32 - 1 blocks", _ -> -1);
    }

    private static void blocks(Kinds kinds, String name, String description, IntUnaryOperator change) {
        kinds.content(name, Verdict.FATAL, description, s -> {
            int blocks = (int) read(s).blocks();
            int changed = change.applyAsInt(blocks);
            return s.setField(EraSuperblockLayout.BLOCKS, changed, "era array",
                    "has " + blocks + " values instead of " + Integer.toUnsignedString(changed));
        });
    }

    private static void snapshot(Kinds kinds) {
        kinds.content("snapshot-forgotten", Verdict.FATAL, "the metadata snapshot is not held any more", s -> {
            List<String> words = SuperblockDamage.forget(s, EraSuperblockLayout.METADATA_SNAPSHOT, "metadata space map",
                    "referred to");
            return words;
        });
        kinds.content("snapshot-node", Verdict.FATAL, "the metadata snapshot is a node", s -> {
            long node = s.part(Kind.WRITESETS).block();
            return s.setLongField(EraSuperblockLayout.METADATA_SNAPSHOT, node, "metadata snapshot, block " + node);
        });
        kinds.content("snapshot-beyond", Verdict.FATAL, "the metadata snapshot is beyond the end",
                s -> s.setLongField(EraSuperblockLayout.METADATA_SNAPSHOT, s.image().blocks(),
                        "metadata snapshot, block " + s.image().blocks(), "lies beyond"));
        kinds.content("snapshot-number-wrong", Verdict.FATAL, "the metadata snapshot has the number of the next block",
                s -> NodeDamage.renumbered(s, s.part(Kind.SNAPSHOT)));
        kinds.content("snapshot-array-beyond", Verdict.FATAL, "the metadata snapshot's era array is beyond the end",
                s -> {
                    s.edit(s.part(Kind.SNAPSHOT),
                            copy -> copy.set(Bytes.U64, EraSuperblockLayout.ERA_ARRAY_ROOT, s.image().blocks()));
                    return List.of("era array", "its root is said to be block " + s.image().blocks());
                });
        kinds.content("snapshot-future", Verdict.FATAL, "the metadata snapshot is from an era to come", s -> {
            int era = (int) read(s).currentEra() + 1;
            s.edit(s.part(Kind.SNAPSHOT), copy -> copy.set(Bytes.U32, EraSuperblockLayout.CURRENT_ERA, era));
            return List.of("metadata snapshot", "its era is " + era);
        });
    }

    private static void eras(Kinds kinds) {
        kinds.content("era-future", Verdict.FATAL, "a block was written in an era to come", s -> {
            Part part = s.part(
                    candidate -> candidate.kind() == Kind.ARRAY_BLOCK && candidate.structure().equals("era array"));
            int index = s.below(ArrayBlock.entries(s.block(part.block())));
            s.edit(part, data -> data.set(Bytes.U32, ArrayBlock.valueOffset(index, Integer.BYTES), 1000));
            long first = Nodes.key(s.block(part.parent()), part.slot()) * ArrayBlock.capacity(Integer.BYTES);
            return List.of("era array", "invalid era value at data block " + (first + index) + ": 1000");
        });
        kinds.content("current-era-back", Verdict.FATAL, "the current era has gone back",
                s -> s.setField(EraSuperblockLayout.CURRENT_ERA, 1, "writeset tree", "but the current one is 1"));
    }

    private static Part records(Specimen specimen) {
        return specimen.node(1, part -> part.kind() == Kind.WRITESETS && part.leaf());
    }

    private static List<String> setBits(Specimen specimen, IntUnaryOperator change) {
        Part node = records(specimen);
        int slot = specimen.below(Nodes.entries(specimen.block(node.block())));
        MemorySegment block = specimen.block(node.block());
        int bits = block.get(Bytes.U32, Nodes.value(block, slot));
        specimen.edit(node, data -> data.set(Bytes.U32, Nodes.value(data, slot), change.applyAsInt(bits)));
        return List.of("writeset of era " + Nodes.key(block, slot), "values instead of");
    }

    private static void writesets(Kinds kinds) {
        kinds.content("writeset-bits-high", Verdict.FATAL, "a writeset has fewer words than its nr_bits needs",
                s -> setBits(s, bits -> bits + Long.SIZE));
        kinds.content("writeset-bits-low", Verdict.FATAL, "a writeset has more words than its nr_bits needs",
                s -> setBits(s, bits -> bits - Long.SIZE));
        kinds.content("writeset-bits-absurd", Verdict.FATAL, "a writeset has 2^32 - 1 bits", s -> setBits(s, _ -> -1));
        kinds.content("writeset-bit-beyond", Verdict.NOTICE, "a writeset has a bit beyond its nr_bits", s -> {
            Part node = records(s);
            int slot = s.below(Nodes.entries(s.block(node.block())));
            MemorySegment leaf = s.block(node.block());
            Writeset writeset = Writeset.read(leaf, Nodes.value(leaf, slot));
            Part bits = s.part(part -> part.kind() == Kind.ARRAY_BLOCK && part.parent() == writeset.root());
            s.edit(bits, data -> {
                long offset = ArrayBlock.valueOffset((int) (writeset.bits() / Long.SIZE), Long.BYTES);
                data.set(Bytes.U64, offset, data.get(Bytes.U64, offset) | 1L << writeset.bits());
            });
            return List.of("writeset of era", "bits are set beyond its " + writeset.bits());
        });
        kinds.content("writeset-future", Verdict.FATAL, "there is a writeset of an era to come", s -> {
            Part node = records(s);
            s.edit(node, data -> Nodes.setKey(data, Nodes.entries(data) - 1, 1000));
            return List.of("writeset tree", "has a writeset of era 1000");
        });
        kinds.content("writeset-absurd", Verdict.FATAL, "there is a writeset of era 2^40", s -> {
            Part node = records(s);
            s.edit(node, data -> Nodes.setKey(data, Nodes.entries(data) - 1, 1L << 40));
            return List.of("writeset tree", "has a writeset of era " + (1L << 40));
        });
        kinds.content("writeset-gap", Verdict.NOTICE, "there is no writeset of an era in between", s -> {
            Part node = s.node(2, part -> part.kind() == Kind.WRITESETS && part.leaf());
            long first = Nodes.key(s.block(node.block()), 0);
            s.edit(node, data -> Nodes.setKey(data, 0, first - 1));
            return List.of("writeset tree", "has no writeset between eras " + (first - 1));
        });
        kinds.content("writeset-of-current-era", Verdict.FATAL, "the current era has an archived writeset too", s -> {
            if (!read(s).currentWriteset().exists()) {
                throw new NothingToDamageException("there is no current writeset");
            }
            Part node = s.anatomy().part(read(s).writesetTreeRoot());
            s.edit(node, data -> Nodes.setKey(data, Nodes.entries(data) - 1, read(s).currentEra()));
            return List.of("writeset tree", "of the current era " + read(s).currentEra());
        });
        kinds.content("current-writeset-bits", Verdict.FATAL, "the current writeset has 2^32 - 1 bits", s -> {
            if (!read(s).currentWriteset().exists()) {
                throw new NothingToDamageException("there is no current writeset");
            }
            return s.setField(EraSuperblockLayout.CURRENT_WRITESET, -1, "writeset of era " + read(s).currentEra(),
                    "values instead of");
        });
    }
}
