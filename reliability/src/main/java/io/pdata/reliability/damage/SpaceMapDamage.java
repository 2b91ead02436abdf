package io.pdata.reliability.damage;

import io.pdata.core.block.Bytes;
import io.pdata.core.space.SpaceMapRoot;
import io.pdata.core.spacemap.BitmapBlock;
import io.pdata.reliability.damage.Damage.Change;
import io.pdata.reliability.damage.Damage.NothingToDamageException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.ToIntFunction;
import java.util.function.ToLongFunction;

/** Damage to a space map: counts, overflow entries, index entries, totals. */
final class SpaceMapDamage {
    private final Kinds kinds;
    private final boolean data;
    private final String prefix;

    private SpaceMapDamage(Kinds kinds, boolean data) {
        this.kinds = kinds;
        this.data = data;
        this.prefix = data ? "data-" : "metadata-";
    }

    static void addTo(Kinds kinds) {
        new SpaceMapDamage(kinds, false).addAll();
        if (kinds.format() == Format.THIN) {
            new SpaceMapDamage(kinds, true).addAll();
        }
    }

    private void addAll() {
        counts();
        if (kinds.format() == Format.THIN) {
            overflowEntries();
        }
        moreOverflowEntries();
        indexEntries();
        locations();
        totals();
        if (data) {
            dataIndex();
        }
    }

    private void add(String name, Verdict expected, String description,
            BiFunction<Specimen, Counts, List<String>> change) {
        Change full = s -> change.apply(s, new Counts(s, data));
        String where = data ? "data space map: " : "metadata space map: ";
        if (data && name.startsWith("nr-blocks")) {
            kinds.content(prefix + name, expected, where + description, full); // it is how many data blocks there are
        } else {
            kinds.structure(prefix + name, expected, where + description, full);
        }
    }

    private static List<String> counted(Counts counts, long block, String counted) {
        return List.of(counts.structure() + ", block " + block, counted, "referred to");
    }

    private void counts() {
        add("count-none", Verdict.FATAL, "a block in use is counted 0 times", (_, c) -> {
            long block = c.any(1);
            c.setCount(block, 0);
            return counted(c, block, "counted 0 times");
        });
        add("count-low", Verdict.FATAL, "a block with 2 references, or one with 3, is counted less often", (_, c) -> {
            if (kinds.format() == Format.CACHE) {
                long block = c.any(1);
                c.setCount(block, 0);
                return counted(c, block, "counted 0 times");
            }
            long block = c.any(2);
            c.setCount(block, 1);
            return counted(c, block, "counted 1 times");
        });
        add("count-high", Verdict.FATAL, "a block with 1 reference is counted 2 times", (_, c) -> {
            long block = c.any(1);
            c.setCount(block, 2);
            return counted(c, block, "counted 2 times");
        });
        add("leak", Verdict.NON_FATAL, "a free block is counted once", (_, c) -> {
            long block = c.any(0);
            c.setCount(block, 1);
            return counted(c, block, "counted 1 times");
        });
        add("leak-twice", Verdict.FATAL, "a free block is counted 2 times", (_, c) -> {
            long block = c.any(0);
            c.setCount(block, 2);
            return counted(c, block, "counted 2 times");
        });
        add("beyond-end", Verdict.NON_FATAL, "a block beyond the end is counted", (_, c) -> {
            long block = c.root().blocks() + 5;
            c.setEntry(block, 1);
            return List.of(c.structure(), "counts 1 blocks beyond its end, from block " + block);
        });
    }

    private void overflowEntries() {
        add("overflow-absent", Verdict.FATAL, "the overflow tree lacks a count of 3 or more", (_, c) -> {
            int slot = c.anyOverflow();
            long block = c.overflowKey(slot);
            c.editOverflow(leaf -> Nodes.delete(leaf, slot));
            return List.of(c.structure() + ", block " + block, "is missing in the overflow tree");
        });
        add("overflow-high", Verdict.FATAL, "a count in the overflow tree is one too high", (_, c) -> {
            int slot = c.anyOverflow();
            c.editOverflow(leaf -> leaf.set(Bytes.U32, Nodes.value(leaf, slot),
                    leaf.get(Bytes.U32, Nodes.value(leaf, slot)) + 1));
            return counted(c, c.overflowKey(slot), "counted");
        });
        add("overflow-absurd", Verdict.FATAL, "a count in the overflow tree is 2^32 - 1", (_, c) -> {
            int slot = c.anyOverflow();
            c.editOverflow(leaf -> leaf.set(Bytes.U32, Nodes.value(leaf, slot), -1));
            return counted(c, c.overflowKey(slot), "counted 4294967295 times");
        });
        add("overflow-small", Verdict.FATAL, "a count in the overflow tree is below 3", (s, c) -> {
            int slot = c.anyOverflow();
            int count = s.below(3);
            c.editOverflow(leaf -> leaf.set(Bytes.U32, Nodes.value(leaf, slot), count));
            return List.of(c.structure() + ", block " + c.overflowKey(slot), "has the count " + count);
        });
        add("overflow-disowned", Verdict.FATAL, "the bitmap says 2 of a block that is in the overflow tree", (_, c) -> {
            long block = c.overflowKey(c.anyOverflow());
            c.setEntry(block, 2);
            return List.of(c.structure() + ", block " + block, "in the overflow tree, but its bitmap says 2");
        });
    }

    private void moreOverflowEntries() {
        add("overflow-superfluous", Verdict.FATAL, "the overflow tree has a count for a free block", (_, c) -> {
            long last = c.root().blocks() - 1;
            if (c.entry(last) != 0) {
                throw new NothingToDamageException("the last block is in use");
            }
            append(c, last);
            return List.of(c.structure() + ", block " + last, "is in the overflow tree");
        });
        add("overflow-beyond", Verdict.NON_FATAL, "the overflow tree has a count for a block beyond the end",
                (_, c) -> {
                    long block = c.root().blocks() + 100;
                    append(c, block);
                    return List.of(c.structure(),
                            "has 1 blocks beyond its end in the overflow tree, from block " + block);
                });
        add("overflow-promised", Verdict.FATAL, "the bitmap says of a block that the overflow tree has its count",
                (_, c) -> {
                    long block = c.any(1);
                    c.setEntry(block, BitmapBlock.OVERFLOW);
                    return List.of(c.structure() + ", block " + block, "is missing in the overflow tree");
                });
    }

    private static void append(Counts counts, long block) {
        counts.editOverflow(leaf -> leaf.set(Bytes.U32, Nodes.value(leaf, Nodes.append(leaf, block)), 4));
    }

    private void indexEntries() {
        free("nr-free-high", "one too high", (_, free) -> free + 1);
        free("nr-free-low", "one too low", (_, free) -> free - 1);
        free("nr-free-none", "0", (_, _) -> 0);
        free("nr-free-absurd", "2^31 - 1", (_, _) -> Integer.MAX_VALUE);
        bound("none-free-before-high", "beyond the first free entry", c -> BitmapBlock.ENTRIES - 1);
        bound("none-free-before-absurd", "2^32 - 1", _ -> -1);
    }

    private void free(String name, String what, BiFunction<Counts, Integer, Integer> change) {
        add(name, Verdict.NON_FATAL, "nr_free of a bitmap is " + what, (s, c) -> {
            int bitmap = s.below(c.bitmaps());
            int free = change.apply(c, c.free(bitmap));
            c.setEntry(bitmap, c.location(bitmap), free, c.noneFreeBefore(bitmap));
            return List.of(c.structure() + ", block " + c.location(bitmap), "bitmap " + bitmap + " has ",
                    "its index entry says " + Integer.toUnsignedString(free));
        });
    }

    private void bound(String name, String what, ToIntFunction<Counts> value) {
        add(name, Verdict.NON_FATAL, "none_free_before of a bitmap is " + what, (s, c) -> {
            int bitmap = s.below(c.bitmaps());
            int bound = value.applyAsInt(c);
            c.setEntry(bitmap, c.location(bitmap), c.free(bitmap), bound);
            return List.of(c.structure() + ", block " + c.location(bitmap), "is free",
                    "none is before " + Integer.toUnsignedString(bound));
        });
    }

    private void locations() {
        add("bitmap-index", Verdict.FATAL, "a bitmap is said to be the index itself", (_, c) -> {
            c.setEntry(0, c.index().block(), c.free(0), c.noneFreeBefore(0));
            return List.of(c.structure() + ", block " + c.index().block());
        });
        add("bitmap-superblock", Verdict.FATAL, "a bitmap is said to be the superblock", (_, c) -> {
            c.setEntry(0, 0, c.free(0), c.noneFreeBefore(0));
            return List.of(c.structure() + ", block 0");
        });
        add("bitmap-absurd", Verdict.FATAL, "a bitmap is said to be block 2^64 - 1", (_, c) -> {
            c.setEntry(0, -1, c.free(0), c.noneFreeBefore(0));
            return List.of(c.structure(), "lies beyond");
        });
        add("bitmap-number-wrong", Verdict.FATAL, "a bitmap has the number of the next block",
                (s, c) -> NodeDamage.renumbered(s, s.anatomy().part(c.location(s.below(c.bitmaps())))));
        add("bitmap-empty", Verdict.FATAL, "a bitmap counts nothing", (s, c) -> {
            s.edit(s.anatomy().part(c.location(0)), block -> block.asSlice(16).fill((byte) 0));
            return List.of(c.structure(), "counted 0 times");
        });
        add("bitmap-full", Verdict.FATAL, "a bitmap says of all blocks that the overflow tree has their counts",
                (s, c) -> {
                    s.edit(s.anatomy().part(c.location(0)), block -> block.asSlice(16).fill((byte) -1));
                    return List.of(c.structure(), "is missing in the overflow tree");
                });
    }

    private void totals() {
        total("nr-allocated-high", "one too high", root -> root.allocated() + 1);
        total("nr-allocated-low", "one too low", root -> root.allocated() - 1);
        total("nr-allocated-absurd", "2^63", _ -> Long.MIN_VALUE);
        add("nr-blocks-large", Verdict.FATAL, "nr_blocks is more than there can be", (_, c) -> {
            SpaceMapRoot root = c.root();
            c.setRoot(new SpaceMapRoot(data ? 1L << 50 : root.blocks() + 1, root.allocated(), root.bitmapRoot(),
                    root.overflowRoot()));
            return List.of(c.structure(), "says it counts", "where only");
        });
        add("nr-blocks-small", Verdict.FATAL, "nr_blocks is lower than the last block in use", (_, c) -> {
            SpaceMapRoot root = c.root();
            long last = root.blocks() - 1;
            while (c.entry(last) == 0) {
                last--;
            }
            c.setRoot(new SpaceMapRoot(last, root.allocated(), root.bitmapRoot(), root.overflowRoot()));
            return data
                    ? List.of("mapping tree", "beyond the " + last + " data blocks")
                    : List.of(c.structure() + ", block " + last, "lies beyond the " + last);
        });
    }

    private void total(String name, String what, ToLongFunction<SpaceMapRoot> value) {
        add(name, Verdict.NON_FATAL, "nr_allocated is " + what, (_, c) -> {
            SpaceMapRoot root = c.root();
            long allocated = value.applyAsLong(root);
            c.setRoot(new SpaceMapRoot(root.blocks(), allocated, root.bitmapRoot(), root.overflowRoot()));
            return List.of(c.structure(), "says that " + Long.toUnsignedString(allocated) + " blocks are in use");
        });
    }

    private void dataIndex() {
        add("index-entry-absent", Verdict.FATAL, "the index lacks the entry of a bitmap", (s, c) -> {
            int bitmap = s.below(c.bitmaps());
            s.edit(c.index(), leaf -> Nodes.delete(leaf, bitmap));
            return List.of(c.structure(), "has no index entries for bitmaps " + bitmap);
        });
        add("index-entry-superfluous", Verdict.NON_FATAL, "the index has an entry for a bitmap beyond the end",
                (s, c) -> {
                    MemorySegment leaf = s.block(c.index().block());
                    long first = Nodes.pointer(leaf, 0);
                    s.edit(c.index(), node -> Nodes.setPointer(node, Nodes.append(node, c.bitmaps() + 4L), first));
                    return List.of("data space map",
                            "has 1 index entries beyond its end, from bitmap " + (c.bitmaps() + 4));
                });
        add("nr-blocks-beyond-bitmaps", Verdict.FATAL, "nr_blocks is more than there are bitmaps for", (_, c) -> {
            SpaceMapRoot root = c.root();
            c.setRoot(new SpaceMapRoot(root.blocks() + BitmapBlock.ENTRIES, root.allocated(), root.bitmapRoot(),
                    root.overflowRoot()));
            return List.of(c.structure(), "has no index entries for bitmaps " + (c.bitmaps() - 1));
        });
    }
}
