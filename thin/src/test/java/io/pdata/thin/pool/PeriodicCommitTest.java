package io.pdata.thin.pool;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.thin.pool.ProbedDevice.Kind;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class PeriodicCommitTest extends PoolOnTheBench {
    /** Number of new blocks from which on a commit flushes the data first. */
    private static final int BLOCKS = 100;

    @Test
    @Timeout(60)
    void anErrorOfTheVirtualMachineDoesNotEndPeriodicCommits() throws InterruptedException {
        format(128, options().withCommitPeriod(Duration.ofMillis(10)));
        Volume volume = create(1, BLOCKS);
        AtomicInteger flushes = new AtomicInteger();
        data.breakWhere(kind -> {
            if (kind == Kind.FLUSH && flushes.incrementAndGet() <= 3) {
                throw new OutOfMemoryError("Java heap space");
            }
            return false;
        });
        long before = metadata.count(Kind.FLUSH);
        fill(volume, 0, BLOCKS, 1);
        while (metadata.count(Kind.FLUSH) < before + 2 || flushes.get() <= 3) {
            Thread.sleep(5);
        }
        holds(volume, 0, BLOCKS, 1);
        assertThat(warnings).isNotEmpty()
                .allMatch("changes could not be committed, and will be tried again: out of memory"::equals);
        assertThat(modes).isEmpty();
    }
}
