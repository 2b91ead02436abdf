package io.pdata.tools.inspect;

import io.pdata.cache.CacheSuperblock;
import io.pdata.cache.CacheSuperblockLayout;
import io.pdata.core.block.Bytes;
import io.pdata.core.block.CorruptionException;
import io.pdata.core.btree.BTreeReader;
import io.pdata.core.device.Device;
import io.pdata.core.device.DeviceException;
import io.pdata.core.space.SpaceMapRoot;
import io.pdata.era.EraSuperblock;
import io.pdata.era.EraSuperblockLayout;
import io.pdata.thin.DeviceDetails;
import io.pdata.thin.ThinSuperblock;
import io.pdata.thin.ThinSuperblockLayout;
import io.pdata.tools.MetadataFile;
import io.pdata.tools.ToolException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Metadata of any of the three targets, whatever their superblock says they are. Closed by whoever gave the device. */
public final class MetadataImage {
    private static final int BLOCK = Bytes.BLOCK_SIZE;

    private final Device device;
    private final MetadataFile file;

    /** @param file reads the same device */
    public MetadataImage(Device device, MetadataFile file) {
        this.device = device;
        this.file = file;
    }

    private interface Decoder {
        BlockView decode(MemorySegment data, long number);
    }

    /**
     * Decodes any block.
     *
     * @throws ToolException if there is no such block
     */
    public BlockView block(long number) {
        return block(number, BlockView::of);
    }

    /** The bytes of any block, as {@link #block}. */
    public BlockView bytes(long number) {
        return block(number, BlockView::bytesOf);
    }

    private BlockView block(long number, Decoder decoder) {
        if (number < 0 || number >= device.size() / BLOCK) {
            throw new ToolException(
                    "there is no block " + Long.toUnsignedString(number) + ": there are " + device.size() / BLOCK);
        }
        try (Arena arena = Arena.ofShared()) {
            MemorySegment data = arena.allocate(BLOCK, BLOCK);
            device.read(number * BLOCK, data);
            return decoder.decode(data, number);
        }
    }

    /** The roots of the trees and arrays that the superblock names, by their names; empty if it cannot be read. */
    public Map<String, Long> roots() {
        Map<String, Long> roots = new LinkedHashMap<>();
        switch (kind()) {
        case THIN_SUPERBLOCK -> {
            ThinSuperblock thin = thin().orElseThrow();
            roots.put("mappings", thin.mappingRoot());
            roots.put("details", thin.detailsRoot());
            roots.put("data-space-map", thin.dataSpaceMap().bitmapRoot());
            roots.put("data-overflow", thin.dataSpaceMap().overflowRoot());
            roots.put("metadata-overflow", thin.metadataSpaceMap().overflowRoot());
        }
        case CACHE_SUPERBLOCK -> {
            CacheSuperblock cache = file.superblock(CacheSuperblockLayout.VALIDATOR, CacheSuperblock::read);
            roots.put("mappings", cache.mappingRoot());
            roots.put("dirty", cache.dirtyRoot());
            roots.put("hints", cache.hintRoot());
            roots.put("discards", cache.discardRoot());
            roots.put("metadata-overflow", cache.spaceMap().overflowRoot());
        }
        case ERA_SUPERBLOCK -> {
            EraSuperblock era = file.superblock(EraSuperblockLayout.VALIDATOR, EraSuperblock::read);
            roots.put("current-writeset", era.currentWriteset().root());
            roots.put("writesets", era.writesetTreeRoot());
            roots.put("eras", era.eraArrayRoot());
            roots.put("metadata-overflow", era.spaceMap().overflowRoot());
        }
        default -> {
            // nothing leads anywhere
        }
        }
        roots.values().removeIf(root -> root == 0);
        return roots;
    }

    /** The root of the metadata space map; null if the superblock cannot be read. */
    private SpaceMapRoot metadataSpaceMap() {
        return switch (kind()) {
        case THIN_SUPERBLOCK -> thin().orElseThrow().metadataSpaceMap();
        case CACHE_SUPERBLOCK -> file.superblock(CacheSuperblockLayout.VALIDATOR, CacheSuperblock::read).spaceMap();
        case ERA_SUPERBLOCK -> file.superblock(EraSuperblockLayout.VALIDATOR, EraSuperblock::read).spaceMap();
        default -> null;
        };
    }

    private BlockKind kind() {
        try (Arena arena = Arena.ofShared()) {
            MemorySegment data = arena.allocate(BLOCK, BLOCK);
            device.read(0, data);
            return BlockKind.of(data, 0);
        }
    }

    /** The superblock, if these are the metadata of a thin pool. */
    public Optional<ThinSuperblock> thin() {
        return kind() == BlockKind.THIN_SUPERBLOCK
                ? Optional.of(file.superblock(ThinSuperblockLayout.VALIDATOR, ThinSuperblock::read))
                : Optional.empty();
    }

    /** Gets the devices of a thin pool. */
    @FunctionalInterface
    public interface DeviceVisitor {
        /**
         * @param root of its mapping tree
         * @param details what is known of it; null if that is not to be found
         */
        void visit(long id, long root, DeviceDetails details);
    }

    /**
     * Visits the devices of a thin pool that can be found.
     *
     * @throws CorruptionException where that cannot go on
     */
    public void forEachDevice(ThinSuperblock superblock, DeviceVisitor visitor) {
        BTreeReader details = new BTreeReader(file, 1, DeviceDetails.SIZE);
        MemorySegment value = MemorySegment.ofArray(new byte[DeviceDetails.SIZE]);
        new BTreeReader(file, 1, Long.BYTES).walk(superblock.mappingRoot(), (id, block, offset) -> {
            long root = block.get(Bytes.U64, offset);
            visitor.visit(id, root, isKnown(details, superblock, id, value) ? DeviceDetails.read(value, 0) : null);
            return true;
        });
    }

    private static boolean isKnown(BTreeReader details, ThinSuperblock superblock, long id, MemorySegment value) {
        try {
            return details.lookup(superblock.detailsRoot(), id, value);
        } catch (CorruptionException | DeviceException e) {
            return false; // whoever looks at the tree of details sees why
        }
    }

    /**
     * The block with the root of a tree.
     *
     * @param name as in {@link #roots}, {@code device:ID}, or the number of a block
     * @throws ToolException if there is no such tree
     */
    public long root(String name) {
        Map<String, Long> roots = roots();
        if (roots.containsKey(name)) {
            return roots.get(name);
        }
        if (name.matches("\\d{1,18}")) {
            return Long.parseLong(name);
        }
        if (name.matches("device:\\d{1,18}") && thin().isPresent()) {
            long id = Long.parseLong(name.substring("device:".length()));
            long root = new BTreeReader(file, 1, Long.BYTES).lookupLong(thin().get().mappingRoot(), id, -1);
            if (root != -1) {
                return root;
            }
        }
        throw new ToolException("there is no tree '" + name + "': there are " + String.join(", ", roots.keySet())
                + (thin().isPresent() ? ", device:ID" : "") + ", or the number of a block");
    }

    /** The trees' nodes: see {@link TreeOutline}. */
    public List<TreeOutline.Line> outline(long root, int deepest, int most) {
        return TreeOutline.of(file, root, deepest, most);
    }

    /** What the metadata blocks are used for. */
    public UsageMap metadataMap(int cells) {
        return UsageMap.ofMetadata(device, file, metadataSpaceMap(), cells);
    }

    /** Which data blocks of a thin pool are used, and shared. */
    public UsageMap dataMap(ThinSuperblock superblock, int cells) {
        return UsageMap.ofData(file, superblock.dataSpaceMap(), cells);
    }
}
