package io.pdata.reliability.damage;

import io.pdata.cache.CacheSuperblock;
import io.pdata.core.array.ArrayBlock;
import io.pdata.core.block.Bytes;
import io.pdata.core.btree.NodeLayout;
import io.pdata.core.btree.NodeValidator;
import io.pdata.core.space.SpaceMapRoot;
import io.pdata.core.spacemap.BitmapBlock;
import io.pdata.core.spacemap.IndexBlock;
import io.pdata.core.spacemap.IndexEntry;
import io.pdata.era.EraSuperblock;
import io.pdata.era.Writeset;
import io.pdata.reliability.damage.Part.Kind;
import io.pdata.thin.ThinSuperblock;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** What each block of a sound image is there for. */
final class Anatomy {
    private final Image image;
    private final Map<Long, Part> parts = new LinkedHashMap<>();

    private Anatomy(Image image) {
        this.image = image;
    }

    /** @param image not damaged yet */
    static Anatomy of(Image image) {
        Anatomy anatomy = new Anatomy(image);
        anatomy.add(new Part(0, Kind.SUPERBLOCK, "superblock", image.format().superblock(), false, -1, 0));
        switch (image.format()) {
        case THIN -> anatomy.thin();
        case CACHE -> anatomy.cache();
        case ERA -> anatomy.era();
        }
        anatomy.metadataSpaceMap(SpaceMapRoot.read(image.block(0), image.format().spaceMapRoot()));
        return anatomy;
    }

    List<Part> parts(Predicate<Part> wanted) {
        return parts.values().stream().filter(wanted).toList();
    }

    Part part(long block) {
        return parts.get(block);
    }

    /** Blocks that nothing refers to. */
    List<Long> free() {
        List<Long> free = new ArrayList<>();
        for (long block = 0; block < image.blocks(); block++) {
            if (!parts.containsKey(block)) {
                free.add(block);
            }
        }
        return free;
    }

    /** Returns whether it is new. */
    private boolean add(Part part) {
        return parts.putIfAbsent(part.block(), part) == null;
    }

    private interface LeafVisitor {
        void visit(long leaf, int slot, MemorySegment node);
    }

    private void tree(Kind kind, String structure, long block, long parent, int slot, LeafVisitor visitor) {
        MemorySegment node = image.block(block);
        boolean leaf = node.get(Bytes.U32, NodeLayout.FLAGS) == NodeLayout.LEAF;
        if (!add(new Part(block, kind, structure, NodeValidator.NODE, leaf, parent, slot))) {
            return;
        }
        for (int i = 0; i < Nodes.entries(node); i++) {
            if (leaf) {
                visitor.visit(block, i, node);
            } else {
                tree(kind, structure, Nodes.pointer(node, i), block, i, visitor);
            }
        }
    }

    private void tree(Kind kind, String structure, long root) {
        tree(kind, structure, root, -1, 0, (_, _, _) -> {});
    }

    private void array(String structure, long root, long parent, int parentSlot) {
        tree(Kind.ARRAY_TREE, structure, root, parent, parentSlot, (leaf, slot, node) -> add(new Part(
                Nodes.pointer(node, slot), Kind.ARRAY_BLOCK, structure, ArrayBlock.VALIDATOR, false, leaf, slot)));
    }

    private void thin() {
        ThinSuperblock live = ThinSuperblock.read(image.block(0));
        thinTrees(live);
        if (live.heldRoot() != 0) {
            add(new Part(live.heldRoot(), Kind.SNAPSHOT, "metadata snapshot", image.format().superblock(), false, 0,
                    0));
            thinTrees(ThinSuperblock.read(image.block(live.heldRoot())));
        }
        SpaceMapRoot data = live.dataSpaceMap();
        tree(Kind.DATA_INDEX, "data space map, index tree", data.bitmapRoot(), -1, 0,
                (leaf, slot, node) -> add(new Part(IndexEntry.location(node, Nodes.value(node, slot)), Kind.DATA_BITMAP,
                        "data space map", BitmapBlock.VALIDATOR, false, leaf, slot)));
        tree(Kind.DATA_OVERFLOW, "data space map, overflow tree", data.overflowRoot());
    }

    private void thinTrees(ThinSuperblock superblock) {
        tree(Kind.DETAILS, "device details tree", superblock.detailsRoot());
        tree(Kind.TOP_LEVEL, "mapping top-level", superblock.mappingRoot(), -1, 0,
                (leaf, slot, node) -> tree(Kind.MAPPING, "mapping tree", Nodes.pointer(node, slot), leaf, slot,
                        (_, _, _) -> {}));
    }

    private void cache() {
        CacheSuperblock superblock = CacheSuperblock.read(image.block(0));
        array("mapping array", superblock.mappingRoot(), -1, 0);
        array("hint array", superblock.hintRoot(), -1, 0);
        array("discard bitset", superblock.discardRoot(), -1, 0);
        if (superblock.separateDirtyBits()) {
            array("dirty bitset", superblock.dirtyRoot(), -1, 0);
        }
    }

    private void era() {
        EraSuperblock live = EraSuperblock.read(image.block(0));
        eraTrees(live);
        if (live.currentWriteset().exists()) {
            array("writeset", live.currentWriteset().root(), -1, 0);
        }
        if (live.metadataSnapshot() != 0) {
            add(new Part(live.metadataSnapshot(), Kind.SNAPSHOT, "metadata snapshot", image.format().superblock(),
                    false, 0, 0));
            eraTrees(EraSuperblock.read(image.block(live.metadataSnapshot())));
        }
    }

    private void eraTrees(EraSuperblock superblock) {
        tree(Kind.WRITESETS, "writeset tree", superblock.writesetTreeRoot(), -1, 0,
                (leaf, slot, node) -> array("writeset", Writeset.read(node, Nodes.value(node, slot)).root(), leaf,
                        slot));
        array("era array", superblock.eraArrayRoot(), -1, 0);
    }

    private void metadataSpaceMap(SpaceMapRoot root) {
        add(new Part(root.bitmapRoot(), Kind.INDEX, "metadata space map", IndexBlock.VALIDATOR, false, -1, 0));
        for (int i = 0; i < BitmapBlock.bitmapsFor(root.blocks()); i++) {
            long bitmap = IndexEntry.location(image.block(root.bitmapRoot()), IndexBlock.entryOffset(i));
            add(new Part(bitmap, Kind.BITMAP, "metadata space map", BitmapBlock.VALIDATOR, false, root.bitmapRoot(),
                    i));
        }
        tree(Kind.OVERFLOW, "metadata space map, overflow tree", root.overflowRoot());
    }
}
