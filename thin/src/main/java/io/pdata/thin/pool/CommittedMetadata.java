package io.pdata.thin.pool;

import io.pdata.core.block.Bytes;
import io.pdata.core.device.Device;
import io.pdata.core.device.ReadOnlyDevice;
import io.pdata.thin.ThinMetadata;
import io.pdata.thin.ThinView;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * The metadata of a pool that is in use, as its last commit left them: for tools that read a whole metadata device.
 *
 * <p>Everything that the superblock of that commit leads to stays as it is until this is closed; the superblock itself is a
 * copy. Blocks that it does not lead to may change at any time. Costs what a {@link ThinView} does. Thread-safe.
 */
public final class CommittedMetadata extends ReadOnlyDevice {
    private final Device device;
    private final ThinView view;
    private final MemorySegment superblock;

    private CommittedMetadata(Device device, ThinView view, MemorySegment superblock) {
        super("is in use by a pool");
        this.device = device;
        this.view = view;
        this.superblock = superblock;
    }

    /** To be called while nobody can commit. */
    static CommittedMetadata open(Device device, ThinMetadata metadata) {
        MemorySegment superblock = Arena.ofAuto().allocate(Bytes.BLOCK_SIZE, Long.BYTES);
        device.read(0, superblock);
        return new CommittedMetadata(device, metadata.openView(), superblock);
    }

    @Override
    public String name() {
        return device.name();
    }

    @Override
    public long size() {
        return device.size();
    }

    @Override
    public boolean inMemory() {
        return device.inMemory();
    }

    @Override
    public void perform(Runnable work) {
        device.perform(work);
    }

    @Override
    public void read(long position, MemorySegment target) {
        Objects.checkFromIndexSize(position, target.byteSize(), size());
        device.read(position, target);
        if (position < Bytes.BLOCK_SIZE) {
            long length = Math.min(target.byteSize(), Bytes.BLOCK_SIZE - position);
            MemorySegment.copy(superblock, position, target, 0, length);
        }
    }

    /** Lets the pool use the blocks again that were kept for this. The device stays open. */
    @Override
    public void close() {
        view.close();
    }
}
