package io.pdata.replication;

import io.pdata.core.block.CorruptionException;
import io.pdata.core.btree.BTreeReader;
import io.pdata.core.btree.TreeComparison;
import io.pdata.core.device.Device;
import io.pdata.core.device.DeviceException;
import io.pdata.core.device.FileDevice.Access;
import io.pdata.core.device.FileDevice;
import io.pdata.thin.BlockTime;
import io.pdata.thin.ThinSuperblock;
import io.pdata.thin.ThinSuperblockLayout;
import io.pdata.tools.MetadataFile;
import io.pdata.tools.ToolException;
import io.pdata.tools.thin.VolumeSearch;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;

/**
 * A volume in the images, or on the devices, of a pool that nobody has open, or that holds a metadata snapshot: also the
 * kernel's. Nothing is written, and nothing is needed of the metadata but the superblock and what leads to the volume.
 *
 * <p>If asked to, it looks for the volume around damage in what leads there. What is damaged of the volume is told of as
 * {@link VolumeSource.Kind#LOST}; changes can be sent only of what is sound. The content is known by a
 * {@link Fingerprint}: who writes to the volume through the kernel must not send changes to it.
 *
 * <p>Memory: the {@linkplain MetadataFile#CACHE_BYTES block cache}.
 */
public final class ImageSource implements VolumeSource {
    private static final long SECTOR = 512;
    private static final long NONE = -1;
    /** Source: format document "thin", section 1. */
    private static final long MOST_BLOCK_BYTES = 1L << 30;

    private final MetadataFile metadata;
    private final Device data;
    private final Device origin;
    private final BTreeReader mappings;
    private final long blockBytes;
    private final long root;
    private final long baseRoot;
    private final Place place;
    private final long size;
    /** Whether somebody has said how large the volume is. */
    private final boolean sized;
    private SentVolume about;

    private ImageSource(MetadataFile metadata, Device data, Device origin, Place place, long size) {
        this.metadata = metadata;
        this.data = data;
        this.origin = origin;
        this.mappings = new BTreeReader(metadata, 1, Long.BYTES);
        this.blockBytes = place.blockBytes();
        this.root = place.root();
        this.baseRoot = place.baseRoot();
        this.place = place;
        this.sized = size > 0;
        this.size = sized ? size : Math.max(1, reach()) * blockBytes;
        if (!SentVolume.isSize(this.size)) {
            throw new ToolException("a volume cannot have " + this.size + " bytes: it has a multiple of 512");
        }
    }

    /** Where the volume is. */
    private record Place(String name, String baseName, long blockBytes, long root, long baseRoot, List<String> notes) {}

    /**
     * Opens images.
     *
     * @param id the volume's number in the pool
     * @param since the number of a snapshot of which the receiver has a copy; -1: the volume is read whole
     * @throws ToolException if the images cannot be used, or there is no such volume
     */
    public static ImageSource open(Path metadata, Path data, long id, long since, ImageOptions options) {
        boolean live = !options.lock() || options.metadataSnapshot();
        Access access = live ? Access.READ_ONLY_UNLOCKED : Access.READ_ONLY;
        MetadataFile file = live ? MetadataFile.openLive(metadata) : MetadataFile.open(metadata);
        Device dataDevice = null;
        Device origin = null;
        try {
            dataDevice = FileDevice.open(data, access);
            origin = options.externalOrigin() == null ? null : FileDevice.open(options.externalOrigin(), access);
            return new ImageSource(file, dataDevice, origin, place(file, id, since, options), options.size());
        } catch (RuntimeException e) {
            try (file; Device _ = dataDevice; Device _ = origin) {
                throw e;
            }
        }
    }

    private static Place place(MetadataFile file, long id, long since, ImageOptions options) {
        return options.around() == null || since >= 0
                ? placeBySoundMetadata(file, id, since, options)
                : placeAroundDamage(file, id, options);
    }

    private static Place placeBySoundMetadata(MetadataFile file, long id, long since, ImageOptions options) {
        ThinSuperblock superblock = file.superblock(ThinSuperblockLayout.VALIDATOR, ThinSuperblock::read);
        if (options.metadataSnapshot()) {
            superblock = held(file, superblock);
        }
        BTreeReader devices = new BTreeReader(file, 1, Long.BYTES);
        return new Place(name(id), since < 0 ? "" : name(since),
                possible(Integer.toUnsignedLong(superblock.dataBlockSectors()) * SECTOR),
                root(devices, superblock.mappingRoot(), id),
                since < 0 ? NONE : root(devices, superblock.mappingRoot(), since), List.of());
    }

    private static Place placeAroundDamage(MetadataFile file, long id, ImageOptions options) {
        VolumeSearch.Found found = options.metadataSnapshot()
                ? VolumeSearch.find(file,
                        held(file, file.superblock(ThinSuperblockLayout.VALIDATOR, ThinSuperblock::read)), id,
                        options.around())
                : VolumeSearch.find(file, id, options.around());
        return new Place(name(id), "", possible(found.blockBytes()), found.root(), NONE, found.notes());
    }

    private static ThinSuperblock held(MetadataFile file, ThinSuperblock live) {
        if (live.heldRoot() == 0) {
            throw new ToolException("no metadata snapshot is held");
        }
        return file.superblock(live.heldRoot(), ThinSuperblockLayout.VALIDATOR, ThinSuperblock::read);
    }

    private static String name(long id) {
        return "thin-" + id;
    }

    private static long possible(long blockBytes) {
        if (blockBytes <= 0 || blockBytes > MOST_BLOCK_BYTES || blockBytes % SECTOR != 0) {
            throw new ToolException("data blocks cannot have " + blockBytes + " bytes");
        }
        return blockBytes;
    }

    private static long root(BTreeReader devices, long mappingRoot, long id) {
        long root = devices.lookupLong(mappingRoot, id, NONE);
        if (root == NONE) {
            throw new ToolException("there is no volume with the number " + id);
        }
        return root;
    }

    /** How far something is mapped, in blocks. */
    private long reach() {
        long[] end = new long[1];
        new DeviceWalk(metadata, new DeviceWalk.Visitor() {
            @Override
            public boolean mapping(long virtualBlock, long value) {
                boolean readable = Long.compareUnsigned(virtualBlock, blockLimit()) < 0;
                end[0] = readable ? virtualBlock + 1 : end[0];
                return readable;
            }

            @Override
            public boolean lost(long first, long last, String why) {
                return true;
            }
        }).walk(root, 0);
        return end[0];
    }

    private SentVolume fingerprinted() {
        UUID id = new Fingerprint(this, metadata, root).id(size);
        if (baseRoot < 0) {
            return new SentVolume(place.name(), size, id, "", null);
        }
        // Who sends the base gives it the size that it has by itself, unless told otherwise.
        Fingerprint base = new Fingerprint(this, metadata, baseRoot);
        return new SentVolume(place.name(), size, id, place.baseName(),
                base.id(sized ? size : Math.max(1, base.blocks()) * blockBytes));
    }

    long blockBytes() {
        return blockBytes;
    }

    /** No virtual block that can be read has this number or a higher one, whatever is mapped. */
    long blockLimit() {
        return Math.min(BlockTime.MAX_BLOCKS, Long.MAX_VALUE / 2 / blockBytes);
    }

    /** What had to be gone round to find the volume, or guessed. */
    public List<String> notes() {
        return place.notes();
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public String name() {
        return place.name();
    }

    @Override
    public SentVolume about() {
        if (about == null) {
            about = fingerprinted();
        }
        return about;
    }

    @Override
    public long dataBytes(long position) {
        long[] bytes = {0};
        ranges(position, (kind, _, length) -> {
            bytes[0] += kind == Kind.DATA ? length : 0;
            return true;
        });
        return bytes[0];
    }

    @Override
    public void ranges(long position, Visitor visitor) {
        Ranges joined = new Ranges(position, size, visitor);
        if (baseRoot >= 0) {
            compare(position / blockBytes, joined);
        } else {
            walk(position / blockBytes, joined);
        }
        joined.finish();
    }

    private void compare(long first, Ranges joined) {
        TreeComparison.run(mappings, baseRoot, root, first, blockLimit() - 1, false, new TreeComparison.Visitor() {
            @Override
            public boolean left(long key, long value) {
                return joined.visit(origin == null ? Kind.HOLE : Kind.DATA, key * blockBytes, blockBytes);
            }

            @Override
            public boolean right(long key, long value) {
                return joined.visit(Kind.DATA, key * blockBytes, blockBytes);
            }

            @Override
            public boolean both(long key, long left, long right) {
                return BlockTime.block(left) == BlockTime.block(right)
                        || joined.visit(Kind.DATA, key * blockBytes, blockBytes);
            }
        });
    }

    private void walk(long first, Ranges joined) {
        long[] done = {first * blockBytes};
        long originEnd = origin == null ? 0 : origin.size();
        new DeviceWalk(metadata, new DeviceWalk.Visitor() {
            @Override
            public boolean mapping(long virtualBlock, long value) {
                if (Long.compareUnsigned(virtualBlock, blockLimit()) >= 0) {
                    return false; // no volume reaches so far
                }
                Kind kind = isThere(BlockTime.block(value)) ? Kind.DATA : Kind.LOST;
                boolean more = untilNow(virtualBlock * blockBytes)
                        && joined.visit(kind, virtualBlock * blockBytes, blockBytes);
                done[0] = (virtualBlock + 1) * blockBytes;
                return more;
            }

            @Override
            public boolean lost(long from, long last, String why) {
                long limit = blockLimit();
                if (Long.compareUnsigned(from, limit) >= 0) {
                    return false;
                }
                long begin = from * blockBytes;
                long end = Long.compareUnsigned(last, limit) < 0 ? (last + 1) * blockBytes : size;
                boolean more = untilNow(begin) && (end <= begin || joined.visit(Kind.LOST, begin, end - begin));
                done[0] = Math.max(done[0], end);
                return more;
            }

            /** What has been passed over shows the origin. */
            private boolean untilNow(long position) {
                long end = Math.min(position, originEnd);
                return end <= done[0] || joined.visit(Kind.DATA, done[0], end - done[0]);
            }
        }).walk(root, first);
        if (done[0] < originEnd) {
            joined.visit(Kind.DATA, done[0], originEnd - done[0]);
        }
    }

    private boolean isThere(long dataBlock) {
        return dataBlock < data.size() / blockBytes;
    }

    @Override
    public void read(long position, byte[] target, int offset, int length) {
        read(position, MemorySegment.ofArray(target).asSlice(offset, length));
    }

    /**
     * Fills {@code target} with what the volume has from a position on, zeroes included. Any number of threads.
     *
     * @throws CorruptionException if what leads there is damaged
     * @throws DeviceException if the data cannot be read
     */
    void read(long position, MemorySegment target) {
        for (long done = 0; done < target.byteSize();) {
            long at = position + done;
            MemorySegment part = target.asSlice(done, Math.min(target.byteSize() - done, blockBytes - at % blockBytes));
            long mapping = mapping(at);
            if (mapping != BlockTime.UNMAPPED) {
                readData(BlockTime.block(mapping), at % blockBytes, part);
            } else {
                readOrigin(at, part);
            }
            done += part.byteSize();
        }
    }

    private long mapping(long position) {
        return mappings.lookupLong(root, position / blockBytes, BlockTime.UNMAPPED);
    }

    /** Whether nothing has been written to the block at a position, and it shows no origin: it reads as zeroes. */
    boolean isHole(long position) {
        return mapping(position) == BlockTime.UNMAPPED
                && (origin == null || position / blockBytes * blockBytes >= origin.size());
    }

    private void readData(long block, long offset, MemorySegment target) {
        if (!isThere(block)) {
            throw new DeviceException(data.name() + ": block " + block + " lies beyond its end");
        }
        data.read(block * blockBytes + offset, target);
    }

    private void readOrigin(long position, MemorySegment target) {
        long there = origin == null ? 0 : Math.clamp(origin.size() - position, 0, target.byteSize());
        if (there > 0) {
            origin.read(position, target.asSlice(0, there));
        }
        target.asSlice(there).fill((byte) 0);
    }

    @Override
    public void close() {
        try (metadata; data; Device _ = origin) {
            // only to be closed
        }
    }

    /** Reads the beginning of a data block, for its fingerprint; false if that is not possible. */
    boolean peek(long block, byte[] target) {
        if (!isThere(block)) {
            return false;
        }
        try {
            data.read(block * blockBytes, MemorySegment.ofArray(target));
            return true;
        } catch (DeviceException e) {
            return false; // whoever reads the volume hears of it; a fingerprint is made of what there is
        }
    }
}
