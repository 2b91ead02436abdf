package io.pdata.tools;

import io.pdata.core.block.Block;
import io.pdata.core.block.BlockManager;
import io.pdata.core.block.BlockValidator;
import io.pdata.core.block.Bytes;
import io.pdata.core.block.CorruptionException;
import io.pdata.core.device.Device;
import io.pdata.core.device.DeviceException;
import io.pdata.core.device.FileDevice.Access;
import io.pdata.core.device.FileDevice;
import io.pdata.core.transaction.BlockReader;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Metadata as a tool reads it: a file or block device, opened for reading, behind a cache of at most
 * {@value #CACHE_BYTES} bytes. What is wrong with the file is said in the words of thin-provisioning-tools, which
 * scripts look for. Thread-safe.
 */
public final class MetadataFile implements BlockReader, AutoCloseable {
    /** The memory of the block cache; reading streams, so more would not help. */
    public static final long CACHE_BYTES = 8L << 20;

    private static final long SUPERBLOCK = 0;

    private final BlockManager blocks;

    /** Reads metadata from a device, which is closed together with this object. */
    public MetadataFile(Device device) {
        this.blocks = new BlockManager(device, Math.min(CACHE_BYTES, device.size()));
    }

    /**
     * Opens a file or block device that nobody is changing.
     *
     * @throws ToolException if that is not possible, or it cannot be binary metadata
     */
    public static MetadataFile open(Path path) {
        return open(path, Access.READ_ONLY);
    }

    /** Opens a file or block device that nobody else is using, to change its superblock. */
    public static MetadataFile openToChange(Path path) {
        return open(path, Access.READ_WRITE);
    }

    /** Opens metadata that may be in use, to look at a metadata snapshot in it. */
    public static MetadataFile openLive(Path path) {
        return open(path, Access.READ_ONLY_UNLOCKED);
    }

    private static MetadataFile open(Path path, Access access) {
        return new MetadataFile(openDevice(path, access));
    }

    /**
     * Opens a file or block device that has room for metadata.
     *
     * @throws ToolException if that is not possible
     */
    public static FileDevice openDevice(Path path, Access access) {
        FileDevice device = openAny(path, access);
        if (device.size() < Bytes.BLOCK_SIZE) {
            device.close();
            throw new ToolException("Metadata device/file too small.  Is this binary metadata?");
        }
        return device;
    }

    /**
     * Opens a file or block device of any size and content.
     *
     * @throws ToolException if that is not possible
     */
    public static FileDevice openAny(Path path, Access access) {
        if (path.toString().isEmpty()) {
            throw new ToolException("Couldn't find input file ''");
        }
        try {
            if (!isFileOrBlockDevice(path)) {
                throw new ToolException("Not a block device or regular file '" + path + "'.");
            }
            return FileDevice.open(path, access);
        } catch (NoSuchFileException e) {
            throw new ToolException("Couldn't find input file '" + path + "'", e);
        } catch (AccessDeniedException e) {
            throw new ToolException("Permission denied: '" + path + "'", e);
        } catch (IOException e) {
            throw new ToolException("Invalid input file '" + path + "': " + e.getMessage(), e);
        } catch (DeviceException e) {
            throw e.getCause() instanceof AccessDeniedException
                    ? new ToolException("Permission denied: '" + path + "'", e)
                    : new ToolException(e.getMessage(), e);
        }
    }

    static boolean isFileOrBlockDevice(Path path) throws IOException {
        int type = (Integer) Files.getAttribute(path, "unix:mode") & 0170000;
        return type == 0100000 || type == 0060000;
    }

    /**
     * Refuses a file with XML in it, which somebody gave to a tool for binary metadata by mistake.
     *
     * @throws ToolException saying so
     */
    public static void refuseXml(Path path) {
        FileKind kind = FileKind.of(path);
        if (kind.form() == FileKind.Form.XML || kind == FileKind.XML) {
            throw new ToolException("This looks like XML.  This tool only supports the binary metadata format.");
        }
    }

    /**
     * Reads the superblock.
     *
     * @throws ToolException in the words that scripts look for, if it is not one of this type
     */
    public <T> T superblock(BlockValidator type, Function<MemorySegment, T> decoder) {
        return superblock(SUPERBLOCK, type, decoder);
    }

    /** Reads a superblock, or its copy in a metadata snapshot. */
    public <T> T superblock(long number, BlockValidator type, Function<MemorySegment, T> decoder) {
        try (Block block = blocks.readLock(number, type)) {
            return decoder.apply(block.data());
        } catch (CorruptionException e) {
            throw new SuperblockException("bad checksum in superblock: " + e.getMessage(), number, e);
        }
    }

    /**
     * Copies a block whatever its content, past the cache.
     *
     * @param target has room for a block
     * @throws DeviceException if the device cannot read it
     */
    public void copy(long number, MemorySegment target) {
        try (Arena arena = Arena.ofShared()) { // shared: a device may read with threads of its own
            MemorySegment block = arena.allocate(Bytes.BLOCK_SIZE, Long.BYTES);
            blocks.device().read(number * Bytes.BLOCK_SIZE, block);
            target.copyFrom(block);
        }
    }

    /** Returns the bytes of a block, of which nothing has been verified; all zeroes if it cannot be read. */
    public MemorySegment unverified(long block) {
        MemorySegment bytes = MemorySegment.ofArray(new byte[Bytes.BLOCK_SIZE]);
        try {
            copy(block, bytes);
        } catch (DeviceException e) {
            return bytes.fill((byte) 0); // counts as a block that is damaged
        }
        return bytes;
    }

    /** Looks at every block, whatever it is: see {@link DeviceScan}. */
    public void scan(int threads, DeviceScan.Visitor visitor) {
        DeviceScan.scan(blocks.device(), blocks.blocks(), threads, visitor);
    }

    /**
     * Writes a block that nothing refers to, in metadata that were {@linkplain #openToChange opened for that}; {@link
     * #commit} makes it durable.
     */
    public void writeUnused(long number, BlockValidator type, Consumer<MemorySegment> content) {
        try (Block block = blocks.writeLockZero(number, type)) {
            content.accept(block.data());
        }
    }

    /** Commits a transaction: makes all written blocks durable, then changes the superblock. */
    public void commit(BlockValidator type, Consumer<MemorySegment> change) {
        blocks.flush();
        changeSuperblock(type, change);
    }

    /**
     * Changes the superblock of metadata that were {@linkplain #openToChange opened for that}; it is durable
     * afterwards.
     *
     * @throws ToolException if it is not one of this type
     */
    public void changeSuperblock(BlockValidator type, Consumer<MemorySegment> change) {
        try (Block block = blocks.writeLock(SUPERBLOCK, type)) {
            change.accept(block.data());
        } catch (CorruptionException e) {
            throw new ToolException("bad checksum in superblock: " + e.getMessage(), e);
        }
        blocks.flush();
    }

    /** How many bytes there are. */
    public long size() {
        return blocks.blocks() * Bytes.BLOCK_SIZE;
    }

    /** How many bytes have been read so far, those read twice counted twice. Any thread. */
    public long bytesRead() {
        return blocks.stats().blocksRead() * Bytes.BLOCK_SIZE;
    }

    @Override
    public long blocks() {
        return blocks.blocks();
    }

    @Override
    public Block cached(long block) {
        return blocks.cached(block);
    }

    @Override
    public Block readLock(long block, BlockValidator validator) {
        return blocks.readLock(block, validator);
    }

    @Override
    public void prefetch(long block) {
        blocks.prefetch(block);
    }

    @Override
    public void close() {
        blocks.close();
    }
}
