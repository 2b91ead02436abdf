package io.pdata.thin.pool;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.core.block.Bytes;
import io.pdata.core.device.Device;
import io.pdata.core.device.DeviceException;
import io.pdata.core.device.MemoryDevice;
import io.pdata.thin.Recount;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;

/** A pool in memory for tests to use, fill, break and open again. In the end every reference must be counted right. */
abstract class PoolOnTheBench {
    static final int SECTOR = 512;
    static final int BLOCK = 64 << 10;
    static final int BLOCK_SECTORS = BLOCK / SECTOR;
    static final long METADATA_BLOCKS = 512;

    ProbedDevice metadata;
    ProbedDevice data;
    ProbedDevice log;
    ThinPool pool;
    UUID boot = BootId.current();
    final List<PoolMode> modes = new CopyOnWriteArrayList<>();
    final List<Long> lowOnData = new CopyOnWriteArrayList<>();
    final List<Long> lowOnMetadata = new CopyOnWriteArrayList<>();
    final List<DeviceException> complaints = new CopyOnWriteArrayList<>();
    final List<String> warnings = new CopyOnWriteArrayList<>();
    long recovered;
    private final List<Volume> opened = new ArrayList<>();

    final PoolEvents events = new PoolEvents() {
        @Override
        public void modeChanged(PoolMode mode) {
            modes.add(mode);
        }

        @Override
        public void lowOnData(long freeBytes) {
            lowOnData.add(freeBytes);
        }

        @Override
        public void lowOnMetadata(long freeBytes) {
            lowOnMetadata.add(freeBytes);
        }

        @Override
        public void storageKept(DeviceException reason) {
            complaints.add(reason);
        }

        @Override
        public void notLogged(DeviceException reason) {
            complaints.add(reason);
        }

        @Override
        public void recovered(long changes) {
            recovered += changes;
        }

        @Override
        public void warned(String message) {
            warnings.add(message);
        }
    };

    /** Nothing is committed but what a test asks for; who finds no space is told at once. */
    static PoolOptions options() {
        return PoolOptions.defaults().withCommitPeriod(Duration.ZERO).withErrorIfNoSpace(true).withCache(1 << 20);
    }

    ThinPool format(long dataBlocks) {
        return format(METADATA_BLOCKS, dataBlocks, BLOCK_SECTORS, options());
    }

    ThinPool format(long dataBlocks, PoolOptions options) {
        return format(METADATA_BLOCKS, dataBlocks, BLOCK_SECTORS, options);
    }

    ThinPool format(long metadataBlocks, long dataBlocks, int blockSectors, PoolOptions options) {
        metadata = new ProbedDevice("metadata", metadataBlocks * 4096);
        data = new ProbedDevice("data", dataBlocks * blockSectors * SECTOR);
        log = new ProbedDevice("log", IntentLog.SIZE);
        pool = ThinPool.format(metadata, data, log, blockSectors, options, events);
        return pool;
    }

    /** Closes the pool and opens it again. */
    void reopen(PoolOptions options) {
        pool.close();
        open(options);
    }

    void reopen() {
        reopen(options());
    }

    void open(PoolOptions options) {
        opened.clear();
        pool = ThinPool.open(metadata.reopen(), data.reopen(), log.reopen(), boot, options, events);
    }

    /** Opens the pool as it is on the devices at this moment, as if the process had been killed. */
    void killAndOpen() {
        MemoryDevice[] left = {metadata.copy(), data.copy(), log.copy()};
        pool.close();
        metadata.become(left[0]);
        data.become(left[1]);
        log.become(left[2]);
        open(options());
    }

    /** As {@link #killAndOpen}, but the machine has stopped too; what was written is there all the same. */
    void stopMachineAndOpen() {
        boot = new UUID(boot.getMostSignificantBits(), boot.getLeastSignificantBits() + 1);
        killAndOpen();
    }

    Volume create(long id, long blocks) {
        pool.createVolume(id);
        return volume(id, blocks);
    }

    Volume snapshot(long id, long origin, long blocks) {
        pool.createSnapshot(id, origin);
        return volume(id, blocks);
    }

    Volume volume(long id, long blocks) {
        return volume(id, blocks, null);
    }

    Volume volume(long id, long blocks, Device origin) {
        Volume volume = pool.openVolume(id, blocks * BLOCK, origin);
        opened.add(volume);
        return volume;
    }

    /** Fills whole blocks with a number in every place. */
    static void fill(Device volume, long firstBlock, long blocks, long value) {
        for (long block = firstBlock; block < firstBlock + blocks; block++) {
            write(volume, block * BLOCK, BLOCK, value);
        }
    }

    static void write(Device device, long position, int length, long value) {
        MemorySegment bytes = MemorySegment.ofArray(new byte[length]);
        for (int at = 0; at < length; at += Long.BYTES) {
            bytes.set(Bytes.U64, at, value);
        }
        device.write(position, bytes);
    }

    /** What a range holds in every place. */
    static long read(Device device, long position, int length) {
        MemorySegment bytes = MemorySegment.ofArray(new byte[length]);
        bytes.fill((byte) 0x55);
        device.read(position, bytes);
        long value = bytes.get(Bytes.U64, 0);
        for (int at = 0; at < length; at += Long.BYTES) {
            assertThat(bytes.get(Bytes.U64, at)).as("byte %d of %s", position + at, device.name()).isEqualTo(value);
        }
        return value;
    }

    static long block(Device volume, long block) {
        return read(volume, block * BLOCK, BLOCK);
    }

    static void holds(Device volume, long firstBlock, long blocks, long value) {
        for (long block = firstBlock; block < firstBlock + blocks; block++) {
            assertThat(block(volume, block)).as("block %d of %s", block, volume.name()).isEqualTo(value);
        }
    }

    static void discard(Volume volume, long firstBlock, long blocks) {
        volume.discard(firstBlock * BLOCK, blocks * BLOCK);
    }

    long used() {
        return pool.status().usedDataBlocks();
    }

    long mapped(long id) {
        return pool.details(id).mappedBlocks();
    }

    void closeVolumes() {
        opened.forEach(Volume::close);
        opened.clear();
    }

    @AfterEach
    void everythingIsCountedRight() {
        if (pool != null) {
            for (ProbedDevice device : List.of(metadata, data, log)) {
                device.repair();
            }
            try {
                pool.close();
            } finally {
                Recount.verify(metadata.reopen());
            }
        }
    }
}
