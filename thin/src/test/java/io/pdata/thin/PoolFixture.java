package io.pdata.thin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pdata.core.block.Bytes;
import io.pdata.core.device.MemoryDevice;
import io.pdata.core.store.OpenOptions;
import io.pdata.thin.ThinRequestException.Reason;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;

/** A pool in memory, for tests to use and to open again. */
abstract class PoolFixture {
    static final long CACHE = 1 << 20;

    MemoryDevice device = new MemoryDevice(1024L * Bytes.BLOCK_SIZE);
    ThinMetadata pool;

    ThinMetadata format(long blocks, long dataBlocks) {
        device = new MemoryDevice(blocks * Bytes.BLOCK_SIZE);
        pool = ThinMetadata.format(device, 128, CACHE);
        pool.space().resizeData(dataBlocks);
        pool.commit();
        return pool;
    }

    ThinMetadata reopen() {
        pool.close();
        pool = ThinMetadata.open(device.reopen(), OpenOptions.readWrite().withCache(CACHE));
        return pool;
    }

    long write(ThinDevice thin, long virtualBlock) {
        long block = pool.allocateDataBlock();
        pool.insert(thin, virtualBlock, block);
        return block;
    }

    static void assertRefused(Reason reason, ThrowingCallable request) {
        assertThatThrownBy(request).isInstanceOfSatisfying(ThinRequestException.class,
                e -> assertThat(e.reason()).isEqualTo(reason));
    }

    @AfterEach
    void close() {
        if (pool != null) {
            pool.close();
        }
    }
}
