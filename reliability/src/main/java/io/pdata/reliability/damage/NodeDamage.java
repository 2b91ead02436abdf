package io.pdata.reliability.damage;

import io.pdata.core.block.Bytes;
import io.pdata.core.btree.NodeLayout;
import io.pdata.core.spacemap.BitmapBlock;
import io.pdata.reliability.damage.Part.Kind;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.Consumer;

/** Damage inside the nodes of B+trees: keys, headers, identity. */
final class NodeDamage {
    private NodeDamage() {}

    static void addTo(Kinds kinds) {
        keys(kinds);
        if (kinds.format() == Format.THIN) {
            bounds(kinds);
            flags(kinds);
        }
        headers(kinds);
        capacities(kinds);
        identity(kinds);
    }

    private static String[] at(Part part, String... more) {
        String[] words = new String[more.length + 2];
        words[0] = part.structure();
        words[1] = "block " + part.block();
        System.arraycopy(more, 0, words, 2, more.length);
        return words;
    }

    /** Changes a node, and expects to be told that it is this one, and why. */
    private static List<String> change(Specimen specimen, Part node, Consumer<MemorySegment> change,
            String... words) {
        specimen.edit(node, change);
        return List.of(at(node, words));
    }

    private static void keys(Kinds kinds) {
        kinds.content("keys-swapped", Verdict.FATAL, "two neighbouring keys of a node have changed places", s -> {
            Part node = s.node(2, _ -> true);
            int slot = s.below(Nodes.entries(s.block(node.block())) - 1);
            return change(s, node, block -> {
                long first = Nodes.key(block, slot);
                Nodes.setKey(block, slot, Nodes.key(block, slot + 1));
                Nodes.setKey(block, slot + 1, first);
            }, "key ", " after ");
        });
        kinds.content("key-twice", Verdict.FATAL, "a node has the same key twice", s -> {
            Part node = s.node(2, _ -> true);
            int slot = s.below(Nodes.entries(s.block(node.block())) - 1);
            return change(s, node, block -> Nodes.setKey(block, slot + 1, Nodes.key(block, slot)), "key ", " after ");
        });
    }

    private static void bounds(Kinds kinds) {
        kinds.content("key-below-bound", Verdict.FATAL, "a node's first key is below the one its parent has for it",
                s -> {
                    Part child = s.node(2, part -> !part.isRoot() && s.anatomy().part(part.parent()).isInternal());
                    Part parent = s.anatomy().part(child.parent());
                    long first = Nodes.key(s.block(child.block()), 0);
                    s.edit(parent, block -> Nodes.setKey(block, child.slot(), first + 1));
                    return List.of(at(child, "lowest key", "below the parent's"));
                });
        kinds.content("key-beyond-bound", Verdict.FATAL, "a node's last key is the first of the node after it", s -> {
            Part child = s.node(1, part -> !part.isRoot() && s.anatomy().part(part.parent()).isInternal()
                    && part.slot() + 1 < Nodes.entries(s.block(part.parent())));
            long next = Nodes.key(s.block(child.parent()), child.slot() + 1);
            return change(s, child, block -> Nodes.setKey(block, Nodes.entries(block) - 1, next), "highest key",
                    "reaches the next node's");
        });
    }

    private static void flags(Kinds kinds) {
        kinds.content("leaf-as-internal", Verdict.FATAL, "a leaf says it is an internal node", s -> {
            Part node = s.node(1, part -> part.leaf() && part.kind() == Kind.MAPPING);
            s.edit(node, block -> block.set(Bytes.U32, NodeLayout.FLAGS, NodeLayout.INTERNAL));
            return List.of(node.structure());
        });
        kinds.content("internal-as-leaf", Verdict.FATAL, "an internal node says it is a leaf", s -> {
            Part node = s.internal();
            s.edit(node, block -> block.set(Bytes.U32, NodeLayout.FLAGS, NodeLayout.LEAF));
            return List.of("Thin device");
        });
        kinds.structure("internal-empty", Verdict.FATAL, "an internal node has no entries", s -> change(s, s.internal(),
                block -> Nodes.setEntries(block, 0), "an internal node without entries"));
        kinds.content("entries-lost", Verdict.FATAL, "a leaf says it has one entry less", s -> {
            Part node = s.node(2, part -> part.leaf()
                    && List.of(Kind.MAPPING, Kind.DETAILS, Kind.TOP_LEVEL).contains(part.kind()));
            s.edit(node, block -> Nodes.setEntries(block, Nodes.entries(block) - 1));
            return List.of("Thin device");
        });
        kinds.content("max-entries-lies", Verdict.FATAL,
                "a leaf says it has room for less, so its values are elsewhere",
                s -> {
                    Part node = s.node(3, part -> part.leaf() && part.kind() == Kind.MAPPING
                            && Nodes.entries(s.block(part.block())) <= 240);
                    s.edit(node, block -> block.set(Bytes.U32, NodeLayout.MAX_ENTRIES, 246));
                    return List.of("space map");
                });
    }

    private static void headers(Kinds kinds) {
        for (int flags : new int[]{0, 3, -1}) {
            kinds.structure("flags-" + Integer.toUnsignedString(flags), Verdict.FATAL,
                    String.format("a node's flags are %x", flags),
                    s -> change(s, s.part(Part::isNode), block -> block.set(Bytes.U32, NodeLayout.FLAGS, flags),
                            String.format("flags are %x", flags)));
        }
        kinds.structure("nr-entries-too-many", Verdict.FATAL, "nr_entries is one above max_entries",
                s -> change(s, s.part(Part::isNode), block -> Nodes.setEntries(block, Nodes.capacity(block) + 1),
                        "nr_entries", "exceeds max_entries"));
        kinds.structure("nr-entries-absurd", Verdict.FATAL, "nr_entries is 2^32 - 1", s -> change(s,
                s.part(Part::isNode), block -> Nodes.setEntries(block, -1), "nr_entries 4294967295 exceeds"));
        kinds.structure("value-size-halved", Verdict.FATAL, "value_size is half of what it is", s -> {
            Part node = s.part(Part::isNode);
            int size = Nodes.valueSize(s.block(node.block()));
            return change(s, node, block -> block.set(Bytes.U32, NodeLayout.VALUE_SIZE, size / 2),
                    "values of " + size / 2 + " bytes instead of " + size);
        });
        kinds.structure("value-size-zero", Verdict.FATAL, "value_size is 0", s -> change(s, s.part(Part::isNode),
                block -> block.set(Bytes.U32, NodeLayout.VALUE_SIZE, 0), "values of 0 bytes instead of"));
        kinds.structure("value-size-absurd", Verdict.FATAL, "value_size is 2^31 - 1", s -> change(s,
                s.part(Part::isNode), block -> block.set(Bytes.U32, NodeLayout.VALUE_SIZE, Integer.MAX_VALUE),
                "do not fit in a block"));
    }

    private static void capacities(Kinds kinds) {
        kinds.structure("max-entries-too-large", Verdict.FATAL, "max_entries is more than fit into a block", s -> {
            Part node = s.part(Part::isNode);
            int most = (Bytes.BLOCK_SIZE - NodeLayout.KEYS)
                    / (NodeLayout.KEY_SIZE + Nodes.valueSize(s.block(node.block())));
            return change(s, node, block -> block.set(Bytes.U32, NodeLayout.MAX_ENTRIES, most + 1),
                    "max_entries " + (most + 1), "do not fit in a block");
        });
        kinds.structure("max-entries-odd", Verdict.NON_FATAL, "max_entries fits, but is not a multiple of 3", s -> {
            Part node = s.node(1, part -> Nodes.capacity(s.block(part.block())) == 252);
            return change(s, node, block -> {
                MemorySegment.copy(block, Nodes.value(block, 0), block, Nodes.value(block, 1), 8L * 252);
                block.set(Bytes.U32, NodeLayout.MAX_ENTRIES, 253);
            }, "room for 253 entries");
        });
        kinds.structure("max-entries-none", Verdict.FATAL, "an empty leaf has room for no entries", s -> change(s,
                s.part(part -> part.isNode() && Nodes.entries(s.block(part.block())) == 0),
                block -> block.set(Bytes.U32, NodeLayout.MAX_ENTRIES, 0), "max_entries is 0"));
    }

    private static void identity(Kinds kinds) {
        kinds.structure("number-wrong", Verdict.FATAL, "a node has the number of the next block", s -> {
            Part node = s.part(Part::isNode);
            return renumbered(s, node);
        });
        kinds.structure("misplaced", Verdict.FATAL, "a node was written in the place of another", s -> {
            Part node = s.part(Part::isNode);
            Part other = s.part(part -> part.isNode() && part.block() != node.block());
            s.block(node.block()).copyFrom(s.block(other.block()));
            return List.of(at(node, "says it is block " + other.block()));
        });
        kinds.structure("never-written", Verdict.FATAL, "a node is all zeroes", s -> {
            Part node = s.part(Part::isNode);
            s.block(node.block()).fill((byte) 0);
            return List.of(at(node, "says it is block 0"));
        });
        kinds.structure("wrong-type", Verdict.FATAL, "a node has the checksum of a bitmap", s -> {
            Part node = s.part(Part::isNode);
            BitmapBlock.VALIDATOR.prepare(s.block(node.block()), node.block());
            return List.of(at(node, "bad checksum: expected"));
        });
    }

    /** Gives a block the number of the next one, with a checksum that fits. */
    static List<String> renumbered(Specimen specimen, Part part) {
        part.type().prepare(specimen.block(part.block()), part.block() + 1);
        return List.of(at(part, "says it is block " + (part.block() + 1)));
    }
}
