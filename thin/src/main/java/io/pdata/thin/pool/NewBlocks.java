package io.pdata.thin.pool;

import io.pdata.core.device.Device;
import io.pdata.thin.BlockTime;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Fills new data blocks of a volume: with what is written, and around that with what the volume has shown there - another
 * data block, the external origin, or zeroes.
 *
 * <p>Thread-safe; that nobody changes what is copied is the caller's affair.
 */
final class NewBlocks {
    /** Blocks up to this size are put together in memory and written with one call. */
    private static final int BUFFER_BYTES = 256 << 10;
    private static final ThreadLocal<MemorySegment> BUFFER = ThreadLocal
            .withInitial(() -> Arena.ofAuto().allocate(BUFFER_BYTES, 4096));

    private final Device data;
    private final Device origin;
    private final long blockBytes;
    private final boolean zeroing;

    /**
     * @param origin what unmapped blocks show; null for zeroes
     * @param zeroing whether what nobody has written is zeroed, and not left as it is
     */
    NewBlocks(Device data, Device origin, long blockBytes, boolean zeroing) {
        this.data = data;
        this.origin = origin;
        this.blockBytes = blockBytes;
        this.zeroing = zeroing;
    }

    /** What an unmapped part of the volume shows. */
    void readOrigin(long position, MemorySegment target) {
        long there = origin == null ? 0 : Math.clamp(origin.size() - position, 0, target.byteSize());
        if (there > 0) {
            origin.read(position, target.asSlice(0, there));
        }
        target.asSlice(there).fill((byte) 0);
    }

    /**
     * Fills a block.
     *
     * @param mapping what the virtual block has been mapped to so far
     * @param offset where in the block {@code source} goes
     */
    void fill(NewBlock block, long virtualBlock, long mapping, long offset, MemorySegment source) {
        long position = block.block() * blockBytes;
        boolean nothingAround = mapping == BlockTime.UNMAPPED && origin == null && (block.zero() || !zeroing);
        if (nothingAround || source.byteSize() == blockBytes) {
            data.write(position + offset, source);
        } else if (blockBytes <= BUFFER_BYTES) {
            MemorySegment whole = BUFFER.get().asSlice(0, blockBytes);
            readBefore(virtualBlock, mapping, whole);
            MemorySegment.copy(source, 0, whole, offset, source.byteSize());
            data.write(position, whole);
        } else {
            fillInParts(block.block(), virtualBlock, mapping, offset, source);
        }
    }

    private void readBefore(long virtualBlock, long mapping, MemorySegment target) {
        if (mapping != BlockTime.UNMAPPED) {
            data.read(BlockTime.block(mapping) * blockBytes, target);
        } else {
            readOrigin(virtualBlock * blockBytes, target);
        }
    }

    private void fillInParts(long block, long virtualBlock, long mapping, long offset, MemorySegment source) {
        long end = offset + source.byteSize();
        if (mapping != BlockTime.UNMAPPED) {
            long old = BlockTime.block(mapping) * blockBytes;
            copy(data, old, block * blockBytes, offset);
            copy(data, old + end, block * blockBytes + end, blockBytes - end);
        } else {
            prepare(block, virtualBlock, 0, offset);
            prepare(block, virtualBlock, end, blockBytes);
        }
        data.write(block * blockBytes + offset, source);
    }

    /** Gives a part of a new block what the volume has shown there: the external origin's content, or zeroes. */
    private void prepare(long block, long virtualBlock, long from, long to) {
        long begin = virtualBlock * blockBytes + from;
        long there = origin == null ? 0 : Math.clamp(origin.size() - begin, 0, to - from);
        copy(origin, begin, block * blockBytes + from, there);
        if (zeroing && from + there < to) {
            data.zero(block * blockBytes + from + there, to - from - there);
        }
    }

    private void copy(Device source, long from, long to, long length) {
        for (long done = 0; done < length;) {
            MemorySegment part = BUFFER.get().asSlice(0, Math.min(BUFFER_BYTES, length - done));
            source.read(from + done, part);
            data.write(to + done, part);
            done += part.byteSize();
        }
    }
}
