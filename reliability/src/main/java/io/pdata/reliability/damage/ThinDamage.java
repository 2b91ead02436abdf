package io.pdata.reliability.damage;

import io.pdata.core.block.Bytes;
import io.pdata.reliability.damage.Part.Kind;
import io.pdata.thin.BlockTime;
import io.pdata.thin.DeviceDetails;
import io.pdata.thin.ThinSuperblock;
import io.pdata.thin.ThinSuperblockLayout;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.UnaryOperator;

/** Damage that only thin metadata can have. */
final class ThinDamage {
    private ThinDamage() {}

    static void addTo(Kinds kinds) {
        superblock(kinds);
        clock(kinds);
        heldRoot(kinds);
        deviceTrees(kinds);
        details(kinds);
        mappings(kinds);
    }

    private static void superblock(Kinds kinds) {
        kinds.structure("flags-unknown", Verdict.NON_FATAL, "a flag is set that nobody knows",
                s -> s.setField(ThinSuperblockLayout.FLAGS, 0x100, "superblock", "flags 100"));
        kinds.structure("feature-incompat", Verdict.FATAL, "an incompatible feature is on",
                s -> s.setField(ThinSuperblockLayout.INCOMPAT_FLAGS, 2, "superblock", "unknown features 2"));
        kinds.structure("feature-read-only", Verdict.FATAL, "a feature is on that forbids writing",
                s -> s.setField(ThinSuperblockLayout.COMPAT_RO_FLAGS, 2, "superblock", "unknown features 2"));
        kinds.structure("feature-compat", Verdict.NOTICE, "a feature is on that may be ignored",
                s -> s.setField(ThinSuperblockLayout.COMPAT_FLAGS, 2, "superblock", "unknown features 2"));
        for (int sectors : new int[]{0, 100, 1 << 24, -128}) {
            kinds.content("data-block-size-" + Integer.toUnsignedString(sectors), Verdict.FATAL,
                    "a data block has " + Integer.toUnsignedString(sectors) + " sectors",
                    s -> s.setField(ThinSuperblockLayout.DATA_BLOCK_SECTORS, sectors, "superblock",
                            "data block size is " + Integer.toUnsignedString(sectors)));
        }
        kinds.structure("metadata-block-size", Verdict.NON_FATAL, "a metadata block has 16 sectors",
                s -> s.setField(ThinSuperblockLayout.METADATA_BLOCK_SECTORS, 16, "superblock",
                        "metadata block size is 16"));
        kinds.structure("formatted-blocks", Verdict.NOTICE, "more metadata blocks were formatted than there are now",
                s -> s.setLongField(ThinSuperblockLayout.FORMATTED_BLOCKS, s.image().blocks() + 1L, "superblock",
                        "formatted with " + (s.image().blocks() + 1)));
    }

    private static void clock(Kinds kinds) {
        kinds.content("time-back", Verdict.FATAL, "the pool's clock has gone back", s -> {
            int time = ThinSuperblock.read(s.superblock()).time();
            return s.setField(ThinSuperblockLayout.TIME, time - 1, "but the pool's time is " + (time - 1));
        });
        kinds.content("time-absurd", Verdict.FATAL, "the pool's clock does not fit into a mapping",
                s -> s.setField(ThinSuperblockLayout.TIME, 1 << 24, "superblock", "time is 16777216"));
        kinds.content("transaction-back", Verdict.NOTICE, "the pool's transaction id has gone back",
                s -> s.setLongField(ThinSuperblockLayout.TRANSACTION_ID, 0, "Thin device", "was created in transaction",
                        "the pool's is 0"));
    }

    private static void heldRoot(Kinds kinds) {
        kinds.content("held-root-forgotten", Verdict.FATAL, "the metadata snapshot is not held any more",
                s -> SuperblockDamage.forget(s, ThinSuperblockLayout.HELD_ROOT, "metadata space map", "referred to"));
        kinds.content("held-root-live", Verdict.FATAL, "the metadata snapshot is said to be the superblock's node",
                s -> {
                    long node = s.part(Kind.DETAILS).block();
                    return s.setLongField(ThinSuperblockLayout.HELD_ROOT, node, "metadata snapshot, block " + node);
                });
        kinds.content("held-root-beyond", Verdict.FATAL, "the metadata snapshot is beyond the end",
                s -> s.setLongField(ThinSuperblockLayout.HELD_ROOT, s.image().blocks(), "metadata snapshot, block "
                        + s.image().blocks(), "lies beyond"));
        kinds.content("held-number-wrong", Verdict.FATAL, "the metadata snapshot has the number of the next block",
                s -> NodeDamage.renumbered(s, s.part(Kind.SNAPSHOT)));
        kinds.content("held-root-mapping", Verdict.FATAL, "the mapping tree of the metadata snapshot is a bitmap",
                s -> {
                    long bitmap = s.part(Kind.BITMAP).block();
                    s.edit(s.part(Kind.SNAPSHOT),
                            copy -> copy.set(Bytes.U64, ThinSuperblockLayout.MAPPING_ROOT, bitmap));
                    return List.of("mapping top-level, block " + bitmap);
                });
        kinds.content("held-time-future", Verdict.FATAL, "the metadata snapshot is from the future", s -> {
            int time = ThinSuperblock.read(s.superblock()).time() + 5;
            s.edit(s.part(Kind.SNAPSHOT), copy -> copy.set(Bytes.U32, ThinSuperblockLayout.TIME, time));
            return List.of("metadata snapshot", "its time is " + time);
        });
        kinds.structure("held-space-maps", Verdict.NOTICE, "the metadata snapshot has a space map", s -> {
            s.edit(s.part(Kind.SNAPSHOT), copy -> copy.set(Bytes.U64, ThinSuperblockLayout.METADATA_SPACE_MAP, 10));
            return List.of("metadata snapshot", "has space maps");
        });
    }

    private static Part live(Specimen specimen, int root) {
        return specimen.anatomy().part(specimen.superblock().get(Bytes.U64, root));
    }

    private static void deviceTrees(Kinds kinds) {
        kinds.content("device-without-tree", Verdict.FATAL, "a device has details, but no mapping tree", s -> {
            Part top = live(s, ThinSuperblockLayout.MAPPING_ROOT);
            int slot = s.below(Nodes.entries(s.block(top.block())));
            long id = Nodes.key(s.block(top.block()), slot);
            s.edit(top, node -> Nodes.delete(node, slot));
            return List.of("Thin device " + id, "has no mapping tree");
        });
        kinds.content("tree-without-device", Verdict.FATAL, "a device has a mapping tree, but no details", s -> {
            Part details = live(s, ThinSuperblockLayout.DETAILS_ROOT);
            int slot = s.below(Nodes.entries(s.block(details.block())));
            long id = Nodes.key(s.block(details.block()), slot);
            s.edit(details, node -> Nodes.delete(node, slot));
            return List.of("Thin device " + id, "is not in the device details tree");
        });
        kinds.content("device-id-large", Verdict.NOTICE, "a device has an id of more than 24 bits", s -> {
            long id = 1L << 30;
            for (int root : new int[]{ThinSuperblockLayout.MAPPING_ROOT, ThinSuperblockLayout.DETAILS_ROOT}) {
                s.edit(live(s, root), node -> Nodes.setKey(node, Nodes.entries(node) - 1, id));
            }
            return List.of("Thin device " + id, "has an id above");
        });
    }

    private static void details(Kinds kinds) {
        details(kinds, "mapped-blocks-high", Verdict.FATAL, "mapped_blocks of a device is one too high",
                d -> with(d, d.mappedBlocks() + 1), "has unexpected number of mappings");
        details(kinds, "mapped-blocks-low", Verdict.FATAL, "mapped_blocks of a device is one too low",
                d -> with(d, d.mappedBlocks() - 1), "has unexpected number of mappings");
        details(kinds, "mapped-blocks-absurd", Verdict.FATAL, "mapped_blocks of a device is 2^63", d -> with(d,
                Long.MIN_VALUE), "has unexpected number of mappings, expected 9223372036854775808");
        details(kinds, "device-transaction-future", Verdict.NOTICE, "a device is from a transaction to come",
                d -> new DeviceDetails(d.mappedBlocks(), 1000, d.creationTime(), d.snapshottedTime()),
                "was created in transaction 1000");
        details(kinds, "device-created-future", Verdict.FATAL, "a device was created in the future",
                d -> new DeviceDetails(d.mappedBlocks(), d.transactionId(), 1000, 1000), "was created at 1000");
        details(kinds, "device-snapshot-future", Verdict.FATAL, "a device had a snapshot in the future",
                d -> new DeviceDetails(d.mappedBlocks(), d.transactionId(), d.creationTime(), 1000),
                "had a snapshot at 1000");
        kinds.content("device-snapshot-before-creation", Verdict.FATAL, "a device had a snapshot before it was created",
                s -> {
                    Part node = s.part(part -> part.kind() == Kind.DETAILS && part.leaf());
                    int slot = s.below(0, Nodes.entries(s.block(node.block())),
                            i -> read(s.block(node.block()), i).creationTime() > 0);
                    return change(s, node, slot, d -> new DeviceDetails(d.mappedBlocks(), d.transactionId(),
                            d.creationTime(), d.creationTime() - 1), "before it was created");
                });
    }

    private static DeviceDetails with(DeviceDetails details, long mapped) {
        return new DeviceDetails(mapped, details.transactionId(), details.creationTime(), details.snapshottedTime());
    }

    private static DeviceDetails read(MemorySegment node, int slot) {
        return DeviceDetails.read(node, Nodes.value(node, slot));
    }

    private static void details(Kinds kinds, String name, Verdict expected, String description,
            UnaryOperator<DeviceDetails> change, String words) {
        kinds.content(name, expected, description, s -> {
            Part node = s.part(part -> part.kind() == Kind.DETAILS && part.leaf());
            int slot = s.below(0, Nodes.entries(s.block(node.block())),
                    i -> read(s.block(node.block()), i).mappedBlocks() > 0);
            return change(s, node, slot, change, words);
        });
    }

    private static List<String> change(Specimen specimen, Part leaf, int slot, UnaryOperator<DeviceDetails> change,
            String words) {
        long id = Nodes.key(specimen.block(leaf.block()), slot);
        specimen.edit(leaf, node -> change.apply(read(node, slot)).write(node, Nodes.value(node, slot)));
        return List.of("Thin device " + id, words);
    }

    private static void mappings(Kinds kinds) {
        mapping(kinds, "mapping-future", "a mapping is from the future",
                (s, value) -> value & ~(long) BlockTime.MAX_TIME | 1000, "are from a time after the pool's");
        mapping(kinds, "mapping-beyond", "a mapping leads to the block after the last data block",
                (s, value) -> BlockTime.pack(new Counts(s, true).root().blocks(), 0), "lead beyond the");
        mapping(kinds, "mapping-absurd", "a mapping leads to the last block that can be numbered",
                (s, value) -> BlockTime.pack(BlockTime.MAX_BLOCKS - 1, 0), "lead beyond the");
        kinds.content("mapping-free", Verdict.FATAL, "a mapping leads to a data block that is not in use", s -> {
            long free = new Counts(s, true).any(0);
            setMapping(s, BlockTime.pack(free, 0));
            return List.of("data space map, block " + free, "counted 0 times, but referred to 1 times");
        });
        kinds.content("mapping-twice", Verdict.FATAL, "two mappings lead to a data block that is counted once", s -> {
            long used = new Counts(s, true).any(1);
            setMapping(s, BlockTime.pack(used, 0));
            return List.of("data space map, block " + used, "counted 1 times, but referred to 2 times");
        });
    }

    private interface Mapping {
        long change(Specimen specimen, long value);
    }

    private static void mapping(Kinds kinds, String name, String description, Mapping change, String words) {
        kinds.content(name, Verdict.FATAL, description, s -> {
            Part leaf = s.node(1, part -> part.kind() == Kind.MAPPING && part.leaf());
            int slot = s.below(Nodes.entries(s.block(leaf.block())));
            s.edit(leaf, node -> Nodes.setPointer(node, slot, change.change(s, Nodes.pointer(node, slot))));
            return List.of("mapping tree, block " + leaf.block(), words);
        });
    }

    /** Changes a mapping that leads to another block. */
    private static void setMapping(Specimen specimen, long value) {
        Part leaf = specimen.node(1, part -> part.kind() == Kind.MAPPING && part.leaf());
        MemorySegment node = specimen.block(leaf.block());
        int slot = specimen.below(0, Nodes.entries(node),
                i -> BlockTime.block(Nodes.pointer(node, i)) != BlockTime.block(value));
        specimen.edit(leaf, block -> Nodes.setPointer(block, slot, value));
    }
}
