package io.pdata.tools.thin;

import io.pdata.core.block.Block;
import io.pdata.core.block.CorruptionException;
import io.pdata.core.btree.NodeValidator;
import io.pdata.core.device.DeviceException;
import io.pdata.thin.ThinSuperblock;
import io.pdata.tools.MetadataFile;
import io.pdata.tools.ToolException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * Finds the mapping tree of one volume where what leads to it may be damaged: by the superblock and past what is
 * damaged in the top level; if that does not lead there, in the best {@linkplain RootCandidate state of the pool} that
 * has the volume, for which the whole device is searched as {@link ThinRepair} does. Memory: that of a
 * {@link RootSearch}. Used by one thread.
 */
public final class VolumeSearch {
    private static final int SECTOR = 512;

    private final MetadataFile file;
    private final ThinSuperblock superblock;
    /** Which root shows that the superblock is older than the trees; null if none does. */
    private final String stale;
    private final PoolRoots trees;
    private final List<String> notes = new ArrayList<>();
    private RootSearch search;

    /**
     * Where the volume is.
     *
     * @param root the block with the root of its mapping tree, which need not be readable
     * @param blockBytes how many bytes a data block has
     * @param notes what had to be gone round, or guessed
     */
    public record Found(long root, long blockBytes, List<String> notes) {}

    /**
     * What to take for granted, whatever the metadata say.
     *
     * @param root the block with the root of the volume's mapping tree
     * @param mappingRoot the block with the root of the top level of the mapping tree
     * @param blockBytes how many bytes a data block has
     */
    public record Known(OptionalLong root, OptionalLong mappingRoot, OptionalLong blockBytes) {
        /** Nothing. */
        public static final Known NOTHING = new Known(OptionalLong.empty(), OptionalLong.empty(),
                OptionalLong.empty());
    }

    private VolumeSearch(MetadataFile file, ThinSuperblock superblock) {
        this.file = file;
        this.superblock = superblock;
        this.stale = superblock == null ? null : StaleSuperblock.reason(file, superblock);
        this.trees = new PoolRoots(file);
    }

    /**
     * Looks for a volume.
     *
     * @param id its number
     * @throws ToolException if there is nothing of it, or something has to be known that is lost
     */
    public static Found find(MetadataFile file, long id, Known known) {
        return find(file, ThinRepair.readSuperblock(file), id, known);
    }

    /** As the other, by a superblock that has been read. */
    public static Found find(MetadataFile file, ThinSuperblock superblock, long id, Known known) {
        VolumeSearch search = new VolumeSearch(file, superblock);
        if (superblock == null) {
            search.notes.add("the superblock cannot be read");
        } else if (search.stale != null) {
            search.notes.add("the superblock is older than the metadata: " + search.stale);
        }
        long root = known.root().isPresent() ? known.root().getAsLong() : search.root(id, known.mappingRoot());
        search.look(root);
        return new Found(root, search.blockBytes(known.blockBytes()), List.copyOf(search.notes));
    }

    private long root(long id, OptionalLong mappingRoot) {
        if (mappingRoot.isPresent() || superblock != null && stale == null) {
            PoolRoots.Found<PoolRoots.Mapped> top = trees
                    .mapped(mappingRoot.isPresent() ? mappingRoot.getAsLong() : superblock.mappingRoot());
            OptionalLong root = rootOf(top, id);
            if (root.isPresent()) {
                return root.getAsLong();
            }
            if (top.complete() || mappingRoot.isPresent()) {
                throw new ToolException("there is no volume with the number " + Long.toUnsignedString(id)
                        + (mappingRoot.isPresent() ? " below mapping root " + mappingRoot.getAsLong() : ""));
            }
            top.problems().forEach(problem -> notes.add("lost from the mapping tree's top level: " + problem));
        }
        return elsewhere(id);
    }

    private static OptionalLong rootOf(PoolRoots.Found<PoolRoots.Mapped> top, long id) {
        return top.devices().stream().filter(device -> device.id() == id).mapToLong(PoolRoots.Mapped::root).findFirst();
    }

    private long elsewhere(long id) {
        for (RootCandidate state : search().candidates()) {
            OptionalLong root = rootOf(trees.mapped(state.mappingRoot()), id);
            if (root.isPresent()) {
                notes.add("the volume is taken from mapping root " + state.mappingRoot() + ", found by a search: time "
                        + state.time() + ", transaction " + Long.toUnsignedString(state.transactionId())
                        + "; thin_repair --list-roots lists all, and --mapping-root picks one");
                return root.getAsLong();
            }
        }
        throw new ToolException("no state of the pool that can be found has a volume with the number "
                + Long.toUnsignedString(id));
    }

    private void look(long root) {
        try (Block _ = file.readLock(root, NodeValidator.NODE)) {
            // all is well
        } catch (CorruptionException | DeviceException e) {
            notes.add(
                    "the root of the volume's mapping tree cannot be read: thin_repair --list-roots lists states of the"
                            + " pool, of which --mapping-root picks one");
        }
    }

    private long blockBytes(OptionalLong known) {
        if (known.isPresent()) {
            return known.getAsLong();
        }
        if (superblock != null && SuperblockCheck.isBlockSize(superblock.dataBlockSectors())) {
            return (long) superblock.dataBlockSectors() * SECTOR;
        }
        ThinSuperblock mended = superblock == null ? search().mended() : null;
        Stream<ThinSuperblock> copies = search().superblockCopies().stream();
        return (mended == null ? copies : Stream.concat(Stream.of(mended), copies))
                .map(ThinSuperblock::dataBlockSectors).filter(SuperblockCheck::isBlockSize).findFirst()
                .map(sectors -> (long) sectors * SECTOR)
                .orElseThrow(() -> new ToolException(
                        "how large a data block is was in the superblock only: give it with --block-size"));
    }

    private RootSearch search() {
        if (search == null) {
            search = new RootSearch(file, ThinRepair.threads(), superblock);
        }
        return search;
    }
}
