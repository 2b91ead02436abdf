package io.pdata.replication;

import io.pdata.core.btree.BTreeReader;
import io.pdata.core.device.DeviceException;
import io.pdata.core.device.DeviceMapper;
import io.pdata.core.device.DeviceNumber;
import io.pdata.core.device.FileDevice.Access;
import io.pdata.core.device.FileDevice;
import io.pdata.thin.DeviceDetails;
import io.pdata.thin.ThinSuperblock;
import io.pdata.thin.ThinSuperblockLayout;
import io.pdata.tools.MetadataFile;
import io.pdata.tools.ToolException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.UUID;

/**
 * A thin volume that the kernel has active, and that nobody can write to. What is mapped in it is read in the pool's held
 * metadata snapshot, which has to be taken before; the content is read through the volume itself. Of what is not mapped
 * nothing is read, unless the volume has an external origin, which shows there.
 *
 * <p>Linux, for root. Memory: the {@linkplain MetadataFile#CACHE_BYTES block cache}. Errors, beside those of
 * {@link VolumeSource}: {@link ToolException} if there is no metadata snapshot, or it is not of this state of the volume.
 */
public final class KernelVolume implements VolumeSource {
    private static final long SECTOR = 512;
    private static final long NONE = -1;
    /** Source: format document "thin", section 1. */
    private static final long MOST_BLOCK_SECTORS = 1 << 21;

    private final FileDevice device;
    private final MetadataFile metadata;
    private final long root;
    private final long blockBytes;
    private final boolean externalOrigin;

    private KernelVolume(FileDevice device, MetadataFile metadata, long root, long blockBytes,
            boolean externalOrigin) {
        this.device = device;
        this.metadata = metadata;
        this.root = root;
        this.blockBytes = blockBytes;
        this.externalOrigin = externalOrigin;
    }

    /** What device-mapper knows of a volume. */
    private record Known(Path metadata, long id, boolean externalOrigin, String status) {}

    /** Opens a volume. */
    public static KernelVolume open(Path path) {
        Known known = ask(path);
        MetadataFile metadata = MetadataFile.openLive(known.metadata());
        try {
            ThinSuperblock live = metadata.superblock(ThinSuperblockLayout.VALIDATOR, ThinSuperblock::read);
            if (live.heldRoot() == 0) {
                throw new ToolException("no current metadata snap");
            }
            ThinSuperblock held = metadata.superblock(live.heldRoot(), ThinSuperblockLayout.VALIDATOR,
                    ThinSuperblock::read);
            long root = new BTreeReader(metadata, 1, Long.BYTES).lookupLong(held.mappingRoot(), known.id(), NONE);
            if (root == NONE) {
                throw new ToolException("couldn't find thin device with id " + known.id());
            }
            long sectors = Integer.toUnsignedLong(held.dataBlockSectors());
            if (sectors == 0 || sectors > MOST_BLOCK_SECTORS) {
                throw new ToolException("the superblock says that data blocks have " + sectors + " sectors");
            }
            requireSame(metadata, held, known, sectors);
            return new KernelVolume(MetadataFile.openAny(path, Access.READ_ONLY_UNLOCKED), metadata, root,
                    sectors * SECTOR, known.externalOrigin());
        } catch (RuntimeException e) {
            try (metadata) {
                throw e;
            }
        }
    }

    private static Known ask(Path path) {
        DeviceNumber number = DeviceNumber.of(path);
        try (DeviceMapper mapper = DeviceMapper.open()) {
            DeviceMapper.Table table = mapper.table(number);
            String[] thin = table.only("thin").parameters().split(" ");
            if (!table.readOnly()) {
                throw new ToolException("not a read-only device: '" + path + "'");
            }
            String[] pool = mapper.table(DeviceNumber.parse(thin[0])).only("thin-pool").parameters().split(" ");
            return new Known(DeviceNumber.parse(pool[0]).path(), Long.parseLong(thin[1]), thin.length > 2,
                    mapper.status(number).only("thin").parameters());
        } catch (IndexOutOfBoundsException | NumberFormatException e) {
            throw new DeviceException("'" + path + "' has a table that cannot be read: " + e.getMessage(), e);
        }
    }

    /** The kernel tells how much is mapped; if that is something else now, mappings would be missed. */
    private static void requireSame(MetadataFile metadata, ThinSuperblock held, Known known, long sectors) {
        MemorySegment details = MemorySegment.ofArray(new byte[DeviceDetails.SIZE]);
        String now = known.status().split(" ")[0];
        if (!new BTreeReader(metadata, 1, DeviceDetails.SIZE).lookup(held.detailsRoot(), known.id(), details)
                || !now.equals(Long.toUnsignedString(DeviceDetails.read(details, 0).mappedBlocks() * sectors))) {
            throw new ToolException("the metadata snapshot is not of the present state of thin device " + known.id()
                    + ", in which " + now + " sectors are mapped: release it and reserve another");
        }
    }

    @Override
    public SentVolume about() {
        return new SentVolume(device.name(), device.size(), UUID.randomUUID(), "", null);
    }

    /** The size of the pool's data blocks, in bytes. */
    public long blockBytes() {
        return blockBytes;
    }

    @Override
    public long dataBytes(long position) {
        long[] bytes = {0};
        ranges(position, (_, _, length) -> {
            bytes[0] += length;
            return true;
        });
        return bytes[0];
    }

    @Override
    public void ranges(long position, Visitor visitor) {
        Ranges joined = new Ranges(position, device.size(), visitor);
        if (externalOrigin) {
            joined.visit(Kind.DATA, 0, device.size());
        } else {
            long blocks = Math.ceilDiv(device.size(), blockBytes);
            new DeviceWalk(metadata, new DeviceWalk.Visitor() {
                @Override
                public boolean mapping(long virtualBlock, long value) {
                    return Long.compareUnsigned(virtualBlock, blocks) < 0
                            && joined.visit(Kind.DATA, virtualBlock * blockBytes, blockBytes);
                }

                @Override
                public boolean lost(long first, long last, String why) {
                    throw new ToolException("the metadata snapshot is damaged: " + why);
                }
            }).walk(root, position / blockBytes);
        }
        joined.finish();
    }

    @Override
    public void read(long position, byte[] target, int offset, int length) {
        device.read(position, MemorySegment.ofArray(target).asSlice(offset, length));
    }

    @Override
    public void close() {
        try (metadata; device) {
            // only to be closed
        }
    }
}
