package io.pdata.reliability.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pdata.cache.CacheMetadata;
import io.pdata.core.device.DeviceException;
import io.pdata.era.EraMetadata;
import io.pdata.reliability.disk.FaultPlan.Operation;
import io.pdata.reliability.disk.FaultPlan;
import io.pdata.reliability.disk.SimulatedDisk;
import io.pdata.thin.ThinMetadata;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A commit fails at its end, when its superblock is on the disk, or may be. A roll-back must go to the commit
 * before, which the running process knows, and not look at what may be on the disk.
 */
class RollBackAfterFailedCommitTest {
    private static final long SIZE = 80 * 4096;
    private static final long CACHE = 1 << 20;
    private static final int SEEDS = 8;
    private static final int FLUSHES = 2;

    /** Metadata of some format, once something has been committed. */
    private interface Opened extends AutoCloseable {
        /** What the running transaction is based on or has made of it. */
        String state();

        /** Changes something. */
        void change();

        void commit();

        void abort();

        @Override
        void close();
    }

    private enum Format {
        THIN, CACHE_1, CACHE_2, ERA;

        Opened open(SimulatedDisk disk) {
            return switch (this) {
            case THIN -> new Thin(ThinMetadata.format(disk, 128, CACHE));
            case CACHE_1 -> new Cache(CacheMetadata.format(disk, 1, 64, CACHE));
            case CACHE_2 -> new Cache(CacheMetadata.format(disk, 2, 64, CACHE));
            case ERA -> new Era(EraMetadata.format(disk, 64, CACHE));
            };
        }
    }

    private record Thin(ThinMetadata pool) implements Opened {
        @Override
        public String state() {
            return "transaction " + pool.transactionId() + ", device 7: " + pool.details(7);
        }

        @Override
        public void change() {
            pool.createThin(7);
            pool.setTransactionId(pool.transactionId(), 5);
        }

        @Override
        public void commit() {
            pool.commit();
        }

        @Override
        public void abort() {
            pool.abort();
        }

        @Override
        public void close() {
            pool.close();
        }
    }

    private record Cache(CacheMetadata cache) implements Opened {
        @Override
        public String state() {
            return cache.cacheBlocks() + " blocks";
        }

        @Override
        public void change() {
            cache.resize(100);
        }

        @Override
        public void commit() {
            cache.commit();
        }

        @Override
        public void abort() {
            cache.abort();
        }

        @Override
        public void close() {
            cache.close();
        }
    }

    private record Era(EraMetadata era) implements Opened {
        @Override
        public String state() {
            return era.blocks() + " blocks, era " + era.currentEra();
        }

        @Override
        public void change() {
            era.resize(100);
        }

        @Override
        public void commit() {
            era.commit();
        }

        @Override
        public void abort() {
            era.abort();
        }

        @Override
        public void close() {
            era.close();
        }
    }

    private static void rollsBack(Format format, long seed, FaultPlan plan) {
        SimulatedDisk disk = new SimulatedDisk(SIZE, seed);
        try (Opened opened = format.open(disk)) {
            String before = opened.state();
            opened.change();
            assertThat(opened.state()).isNotEqualTo(before);
            disk.follow(plan);
            assertThatThrownBy(opened::commit).isInstanceOf(DeviceException.class);
            opened.abort();
            assertThat(opened.state()).isEqualTo(before);
        }
    }

    @ParameterizedTest
    @EnumSource
    void theSuperblockOfAFailedCommitIsOnTheDisk(Format format) {
        rollsBack(format, 1, new FaultPlan().fail(Operation.FLUSH, FLUSHES));
        rollsBack(format, 1, new FaultPlan().fail(Operation.FLUSH, FLUSHES).losingFlushes());
    }

    @ParameterizedTest
    @EnumSource
    void theWriteOfASuperblockFailsAndItIsOnTheDiskOrNot(Format format) {
        long last = writesOfCommit(format);
        for (long seed = 1; seed <= SEEDS; seed++) {
            rollsBack(format, seed, new FaultPlan().fail(Operation.WRITE, last).partialWrites());
        }
    }

    /** How many writes the commit takes that is to fail; the last is that of the superblock. */
    private static long writesOfCommit(Format format) {
        SimulatedDisk disk = new SimulatedDisk(SIZE, 1);
        try (Opened opened = format.open(disk)) {
            opened.change();
            long before = disk.writes();
            opened.commit();
            return disk.writes() - before;
        }
    }
}
