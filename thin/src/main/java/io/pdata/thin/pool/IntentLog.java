package io.pdata.thin.pool;

import static io.pdata.thin.pool.IntentLogLayout.BASE;
import static io.pdata.thin.pool.IntentLogLayout.BEGIN;
import static io.pdata.thin.pool.IntentLogLayout.BOOT;
import static io.pdata.thin.pool.IntentLogLayout.CURRENT_VERSION;
import static io.pdata.thin.pool.IntentLogLayout.DEVICE;
import static io.pdata.thin.pool.IntentLogLayout.GENERATION;
import static io.pdata.thin.pool.IntentLogLayout.HEADER_CHECKSUM;
import static io.pdata.thin.pool.IntentLogLayout.HEADER_END;
import static io.pdata.thin.pool.IntentLogLayout.HEADER_SIZE;
import static io.pdata.thin.pool.IntentLogLayout.KIND;
import static io.pdata.thin.pool.IntentLogLayout.MAGIC;
import static io.pdata.thin.pool.IntentLogLayout.MAGIC_NUMBER;
import static io.pdata.thin.pool.IntentLogLayout.MAP;
import static io.pdata.thin.pool.IntentLogLayout.RECORD_CHECKSUM;
import static io.pdata.thin.pool.IntentLogLayout.RECORD_SIZE;
import static io.pdata.thin.pool.IntentLogLayout.UNMAP;
import static io.pdata.thin.pool.IntentLogLayout.VALUE;
import static io.pdata.thin.pool.IntentLogLayout.VERSION;

import io.pdata.core.block.Bytes;
import io.pdata.core.block.CorruptionException;
import io.pdata.core.device.Device;
import io.pdata.core.device.DeviceException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.UUID;
import java.util.zip.CRC32C;

/**
 * Changes of mappings that have been made but not committed yet, in a file that outlives the process.
 *
 * <p>A client that reconnects to a server which was killed believes that all it was told is still so. The data of its
 * writes is: the operating system has it. This log is what keeps the mappings: each change is written to it - not flushed
 * - before the client hears of it.
 *
 * <p>Invariants: the records of a log are those that follow one certain superblock, and they were written since the
 * machine was started. A log that was begun on another superblock is empty, because everything in it has been committed;
 * and so is one from before a restart of the machine, because neither it nor the data can be believed to be whole.
 * Replaying a log twice is replaying it once.
 *
 * <p>Used by whoever holds the pool's metadata. Nothing is ever flushed. Bounded: {@link #isFull}.
 */
final class IntentLog implements AutoCloseable {
    /** How large a log becomes. */
    static final long SIZE = HEADER_SIZE + 65_536L * RECORD_SIZE;

    private final Device device;
    private final UUID boot;
    private final MemorySegment header = Arena.ofAuto().allocate(HEADER_SIZE, Long.BYTES);
    private final MemorySegment record = Arena.ofAuto().allocate(RECORD_SIZE, Long.BYTES);
    private final CRC32C crc = new CRC32C();
    private long generation;
    private long end = HEADER_SIZE;
    private int follows;
    private boolean begun;

    /** What a {@link #replay} calls for each change, in the order in which they were made. */
    interface Changes {
        /** Does nothing: for who only counts them. */
        Changes NONE = new Changes() {
            @Override
            public void map(long device, long virtualBlock, long dataBlock) {}

            @Override
            public void unmap(long device, long begin, long end) {}
        };

        void map(long device, long virtualBlock, long dataBlock);

        void unmap(long device, long begin, long end);
    }

    /**
     * @param device is made {@link #SIZE} bytes long if it is shorter; closed together with this
     * @param boot which run of the machine this is
     */
    IntentLog(Device device, UUID boot) {
        if (device.size() < SIZE) {
            device.resize(SIZE, false);
        }
        this.device = device;
        this.boot = boot;
    }

    /**
     * Tells of the changes that follow a superblock; none if the log is not about it, or not to be believed. To be called
     * before anything is recorded.
     *
     * @param base the checksum of that superblock
     * @return how many there are
     */
    long replay(int base, Changes changes) {
        device.read(0, header);
        boolean ours = header.get(Bytes.U64, MAGIC) == MAGIC_NUMBER
                && header.get(Bytes.U32, VERSION) == CURRENT_VERSION
                && header.get(Bytes.U32, HEADER_CHECKSUM) == checksum(header, HEADER_END, 0);
        if (!ours) {
            generation = boot.getLeastSignificantBits() ^ System.nanoTime(); // unlike that of any old record
            return 0;
        }
        generation = header.get(Bytes.U64, GENERATION);
        boolean sameRun = header.get(Bytes.U64, BOOT) == boot.getMostSignificantBits()
                && header.get(Bytes.U64, BOOT + Long.BYTES) == boot.getLeastSignificantBits();
        return sameRun && header.get(Bytes.U32, BASE) == base ? replayRecords(changes) : 0;
    }

    private long replayRecords(Changes changes) {
        long count = 0;
        for (end = HEADER_SIZE; end + RECORD_SIZE <= SIZE; end += RECORD_SIZE) {
            device.read(end, record);
            if (record.get(Bytes.U32, RECORD_CHECKSUM) != checksum(record, RECORD_SIZE, generation)) {
                break;
            }
            long of = record.get(Bytes.U64, DEVICE);
            long begin = record.get(Bytes.U64, BEGIN);
            long value = record.get(Bytes.U64, VALUE);
            switch (record.get(Bytes.U32, KIND)) {
            case MAP -> changes.map(of, begin, value);
            case UNMAP -> changes.unmap(of, begin, value);
            default -> throw new CorruptionException(end / RECORD_SIZE, "intent log record",
                    device.name() + ": no known kind");
            }
            count++;
        }
        return count;
    }

    /**
     * Repeats the records since the last {@link #begin}, for changes that have been rolled back.
     *
     * @throws DeviceException if not all of it can be read again
     */
    void replayAgain(int base, Changes changes) {
        long recorded = end;
        if (recorded == HEADER_SIZE) {
            return;
        }
        replay(base, changes);
        if (end != recorded) {
            throw new DeviceException(device.name() + ": what has been logged cannot be read again");
        }
    }

    /**
     * Begins anew: what is recorded from now on follows the superblock with this checksum.
     *
     * @return false if the log could not be written. The next record tries again; until then the log is about another
     *         superblock, and so about nothing
     */
    boolean begin(int base) {
        follows = base;
        generation++;
        end = HEADER_SIZE;
        begun = false;
        try {
            writeHeader();
            return true;
        } catch (DeviceException e) {
            return false; // whoever has something to record tries again, and hears of it
        }
    }

    private void writeHeader() {
        header.fill((byte) 0);
        header.set(Bytes.U32, VERSION, CURRENT_VERSION);
        header.set(Bytes.U64, MAGIC, MAGIC_NUMBER);
        header.set(Bytes.U64, BOOT, boot.getMostSignificantBits());
        header.set(Bytes.U64, BOOT + Long.BYTES, boot.getLeastSignificantBits());
        header.set(Bytes.U64, GENERATION, generation);
        header.set(Bytes.U32, BASE, follows);
        header.set(Bytes.U32, HEADER_CHECKSUM, checksum(header, HEADER_END, 0));
        device.write(0, header);
        begun = true;
    }

    /** Records that a virtual block has been mapped. */
    void map(long of, long virtualBlock, long dataBlock) {
        append(MAP, of, virtualBlock, dataBlock);
    }

    /** Records that all blocks of a range have been unmapped. */
    void unmap(long of, long from, long to) {
        append(UNMAP, of, from, to);
    }

    /** Whether there is no room for another record before the next {@link #begin}. */
    boolean isFull() {
        return end + RECORD_SIZE > SIZE;
    }

    private void append(int kind, long of, long begin, long value) {
        if (!begun) {
            writeHeader();
        }
        record.set(Bytes.U32, KIND, kind);
        record.set(Bytes.U64, DEVICE, of);
        record.set(Bytes.U64, BEGIN, begin);
        record.set(Bytes.U64, VALUE, value);
        record.set(Bytes.U32, RECORD_CHECKSUM, checksum(record, RECORD_SIZE, generation));
        device.write(end, record);
        end += RECORD_SIZE;
    }

    private int checksum(MemorySegment bytes, int to, long seed) {
        crc.reset();
        for (int shift = 0; shift < Long.SIZE; shift += Byte.SIZE) {
            crc.update((int) (seed >>> shift));
        }
        crc.update(bytes.asSlice(Integer.BYTES, to - Integer.BYTES).asByteBuffer());
        return (int) crc.getValue();
    }

    @Override
    public void close() {
        device.close();
    }
}
