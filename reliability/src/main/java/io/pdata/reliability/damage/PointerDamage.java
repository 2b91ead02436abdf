package io.pdata.reliability.damage;

import io.pdata.core.block.Bytes;
import io.pdata.core.btree.NodeValidator;
import io.pdata.core.spacemap.IndexEntry;
import io.pdata.reliability.damage.Part.Kind;
import java.util.List;
import java.util.function.ToLongBiFunction;
import java.util.function.ToLongFunction;

/** Pointers that lead where they must not: in internal nodes, and in the leaves of the trees whose values are blocks. */
final class PointerDamage {
    private PointerDamage() {}

    static void addTo(Kinds kinds) {
        switch (kinds.format()) {
        case THIN -> {
            cycles(kinds);
            internal(kinds);
            deviceRoots(kinds);
            bitmaps(kinds);
        }
        case CACHE -> arrays(kinds);
        case ERA -> {
            arrays(kinds);
            writesets(kinds);
        }
        }
    }

    /** Points a slot of a node somewhere else. */
    private static void point(Specimen specimen, Part node, int slot, long target) {
        specimen.edit(node, block -> Nodes.setPointer(block, slot, target));
    }

    private static int slot(Specimen specimen, Part node) {
        return specimen.below(Nodes.entries(specimen.block(node.block())));
    }

    private static void cycles(Kinds kinds) {
        kinds.structure("cycle-self", Verdict.FATAL, "an internal node points at itself", s -> {
            Part node = s.internal();
            point(s, node, slot(s, node), node.block());
            return List.of("mapping tree", "block " + node.block(), "cycle");
        });
        kinds.structure("cycle-of-two", Verdict.FATAL, "two internal nodes point at each other", s -> {
            Part one = s.internal();
            Part other = s.node(1,
                    part -> part.kind() == Kind.MAPPING && part.isInternal() && part.block() != one.block());
            point(s, one, slot(s, one), other.block());
            point(s, other, slot(s, other), one.block());
            return List.of("mapping tree", "cycle");
        });
        kinds.structure("cycle-parent", Verdict.FATAL, "an internal node points at the leaf that points at it", s -> {
            Part node = s.internal(2);
            point(s, node, 1, node.parent());
            return List.of("mapping tree", "block " + node.parent());
        });
    }

    private static void internal(Kinds kinds) {
        pointer(kinds, "superblock", "the superblock", (_, _) -> 0);
        pointer(kinds, "details", "the device details tree", (s, _) -> s.part(Kind.DETAILS).block());
        pointer(kinds, "bitmap", "a bitmap", (s, _) -> s.part(Kind.BITMAP).block());
        pointer(kinds, "index", "the space map's index", (s, _) -> s.part(Kind.INDEX).block());
        pointer(kinds, "blank", "a block that was never written", (s, _) -> s.blank());
        kinds.content("pointer-stale", Verdict.FATAL, "an internal node points at a free block that was a node once",
                s -> {
                    Part node = s.internal();
                    point(s, node, slot(s, node), s.stale(NodeValidator.NODE));
                    return List.of();
                });
        kinds.content("pointer-twice", Verdict.FATAL, "an internal node points at the same child twice", s -> {
            Part node = s.internal(2);
            long child = Nodes.pointer(s.block(node.block()), 0);
            point(s, node, 1, child);
            return List.of("mapping tree", "block " + child);
        });
        kinds.content("pointer-foreign", Verdict.FATAL, "an internal node points at a leaf of another device", s -> {
            Part node = s.internal();
            int slot = slot(s, node);
            Part leaf = s.part(part -> part.kind() == Kind.MAPPING && part.leaf()
                    && part.block() != Nodes.pointer(s.block(node.block()), slot) && part.parent() != node.block());
            point(s, node, slot, leaf.block());
            return List.of();
        });
        kinds.structure("pointer-beyond", Verdict.FATAL, "an internal node points at the block after the last", s -> {
            Part node = s.internal();
            point(s, node, slot(s, node), s.image().blocks());
            return List.of("mapping tree", "block " + s.image().blocks(),
                    "points to a block beyond the " + s.image().blocks(), "reached by");
        });
        kinds.structure("pointer-absurd", Verdict.FATAL, "an internal node points at block 2^63", s -> {
            Part node = s.internal();
            point(s, node, slot(s, node), Long.MIN_VALUE);
            return List.of("mapping tree", "points to a block beyond the " + s.image().blocks());
        });
    }

    private static void pointer(Kinds kinds, String name, String where, ToLongBiFunction<Specimen, Part> target) {
        kinds.structure("pointer-" + name, Verdict.FATAL, "an internal node points at " + where, s -> {
            Part node = s.internal();
            long block = target.applyAsLong(s, node);
            point(s, node, slot(s, node), block);
            return List.of("mapping tree", "block " + block, "reached by");
        });
    }

    private static void deviceRoots(Kinds kinds) {
        kinds.structure("device-root-beyond", Verdict.FATAL, "a device's tree is said to be beyond the end", s -> {
            Part node = s.node(1, part -> part.kind() == Kind.TOP_LEVEL && part.leaf());
            point(s, node, slot(s, node), s.image().blocks() + 7L);
            return List.of("mapping tree", "its root is said to be block " + (s.image().blocks() + 7));
        });
        kinds.content("device-root-top-level", Verdict.FATAL, "a device's tree is the mapping tree's top level", s -> {
            Part node = s.node(1, part -> part.kind() == Kind.TOP_LEVEL && part.leaf());
            point(s, node, slot(s, node), node.block());
            return List.of();
        });
        kinds.content("device-root-shared", Verdict.FATAL, "two devices have one tree, which is not counted twice",
                s -> {
                    Part node = s.node(2, part -> part.kind() == Kind.TOP_LEVEL && part.leaf());
                    int slot = slot(s, node);
                    int other = s.below(0, Nodes.entries(s.block(node.block())), i -> Nodes
                            .pointer(s.block(node.block()), i) != Nodes.pointer(s.block(node.block()), slot));
                    point(s, node, slot, Nodes.pointer(s.block(node.block()), other));
                    return List.of("metadata space map", "counted", "referred to");
                });
        kinds.structure("device-root-bitmap", Verdict.FATAL, "a device's tree is a bitmap", s -> {
            Part node = s.node(1, part -> part.kind() == Kind.TOP_LEVEL && part.leaf());
            long bitmap = s.part(Kind.DATA_BITMAP).block();
            point(s, node, slot(s, node), bitmap);
            return List.of("mapping tree", "block " + bitmap, "bad checksum");
        });
    }

    private static void bitmaps(Kinds kinds) {
        bitmap(kinds, "data-bitmap-beyond", "beyond the end", s -> s.image().blocks() + 1L, "lies beyond");
        bitmap(kinds, "data-bitmap-node", "a node of the index itself", s -> s.part(Kind.DATA_INDEX).block(),
                "");
        bitmap(kinds, "data-bitmap-blank", "a block that was never written", Specimen::blank, "says it is block 0");
        kinds.structure("data-bitmap-twice", Verdict.FATAL, "two entries of the data space map's index have one bitmap",
                s -> {
                    Part index = s.node(2, part -> part.kind() == Kind.DATA_INDEX && part.leaf());
                    long first = IndexEntry.location(s.block(index.block()), Nodes.value(s.block(index.block()), 0));
                    point(s, index, 1, first);
                    return List.of("metadata space map, block " + first, "referred to 2 times");
                });
        kinds.structure("data-bitmap-foreign", Verdict.FATAL,
                "an entry of the data space map's index has the bitmap of the metadata space map", s -> {
                    Part index = s.node(1, part -> part.kind() == Kind.DATA_INDEX && part.leaf());
                    long bitmap = s.part(Kind.BITMAP).block();
                    point(s, index, slot(s, index), bitmap);
                    return List.of("metadata space map, block " + bitmap, "referred to 2 times");
                });
    }

    private static void bitmap(Kinds kinds, String name, String where,
            ToLongFunction<Specimen> target, String problem) {
        kinds.structure(name, Verdict.FATAL, "a data bitmap is said to be " + where, s -> {
            Part index = s.node(1, part -> part.kind() == Kind.DATA_INDEX && part.leaf());
            long block = target.applyAsLong(s);
            point(s, index, slot(s, index), block);
            return List.of("data space map", "block " + block, problem);
        });
    }

    private static Part positions(Specimen specimen, int entries) {
        return specimen.node(entries, part -> part.kind() == Kind.ARRAY_TREE && part.leaf());
    }

    private static void arrays(Kinds kinds) {
        kinds.structure("array-block-beyond", Verdict.FATAL, "a block of an array is said to be beyond the end", s -> {
            Part node = positions(s, 1);
            point(s, node, slot(s, node), s.image().blocks() + 1L);
            return List.of(node.structure(), "block " + (s.image().blocks() + 1), "lies beyond");
        });
        kinds.structure("array-block-node", Verdict.FATAL, "a block of an array is the node that points at it", s -> {
            Part node = positions(s, 1);
            point(s, node, slot(s, node), node.block());
            return List.of(node.structure(), "block " + node.block());
        });
        kinds.structure("array-block-blank", Verdict.FATAL, "a block of an array is one that was never written", s -> {
            Part node = positions(s, 1);
            long blank = s.blank();
            point(s, node, slot(s, node), blank);
            return List.of(node.structure(), "block " + blank);
        });
        kinds.content("array-block-twice", Verdict.FATAL, "an array has the same block twice", s -> {
            Part node = positions(s, 2);
            int slot = s.below(Nodes.entries(s.block(node.block())) - 1);
            long block = Nodes.pointer(s.block(node.block()), slot);
            point(s, node, slot + 1, block);
            return List.of();
        });
        kinds.structure("array-block-foreign", Verdict.FATAL, "an array has a block of an array with other values",
                s -> {
                    Part node = positions(s, 1);
                    int slot = slot(s, node);
                    long own = Nodes.pointer(s.block(node.block()), slot);
                    Part other = s.part(part -> part.kind() == Kind.ARRAY_BLOCK && ArrayDamage.valueSize(
                            s.block(part.block())) != ArrayDamage.valueSize(s.block(own)));
                    point(s, node, slot, other.block());
                    return List.of(node.structure(), "block " + other.block(), "bytes instead of");
                });
        kinds.structure("array-gap", Verdict.FATAL, "an array lacks a block in the middle", s -> {
            Part node = positions(s, 1);
            int last = Nodes.entries(s.block(node.block())) - 1;
            s.edit(node, block -> Nodes.setKey(block, last, last + 3L));
            return List.of(node.structure(), "lacks blocks " + last + " to " + (last + 2));
        });
    }

    private static Part records(Specimen specimen) {
        return specimen.node(1, part -> part.kind() == Kind.WRITESETS && part.leaf());
    }

    private static void pointRecord(Specimen specimen, Part node, int slot, long target) {
        specimen.edit(node,
                block -> block.set(Bytes.U64, Nodes.value(block, slot) + Integer.BYTES, target));
    }

    private static void writesets(Kinds kinds) {
        kinds.structure("writeset-root-beyond", Verdict.FATAL, "a writeset is said to be beyond the end", s -> {
            Part node = records(s);
            pointRecord(s, node, slot(s, node), s.image().blocks() + 3L);
            return List.of("writeset", "its root is said to be block " + (s.image().blocks() + 3));
        });
        kinds.structure("writeset-root-none", Verdict.FATAL, "an archived writeset has no root", s -> {
            Part node = records(s);
            pointRecord(s, node, slot(s, node), 0);
            return List.of("writeset", "block 0");
        });
        kinds.structure("writeset-root-tree", Verdict.FATAL, "a writeset is the tree of writesets", s -> {
            Part node = records(s);
            pointRecord(s, node, slot(s, node), node.block());
            return List.of("writeset, block " + node.block(), "values of 12 bytes instead of 8");
        });
        kinds.structure("writeset-root-eras", Verdict.FATAL, "a writeset is an era array", s -> {
            Part node = records(s);
            Part eras = s.part(part -> part.kind() == Kind.ARRAY_TREE && part.structure().equals("era array"));
            pointRecord(s, node, slot(s, node), eras.block());
            return List.of("writeset", "has values of 4 bytes instead of 8");
        });
    }
}
