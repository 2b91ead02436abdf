package io.pdata.thin.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pdata.core.device.DeviceException;
import io.pdata.thin.pool.ProbedDevice.Kind;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** What a flush of the data covers, and who hears of one that fails. */
class DataFlushesTest {
    private final ProbedDevice device = new ProbedDevice("data", 1 << 20);
    private final DataFlushes flushes = new DataFlushes(device);

    @Test
    void aFlushCoversWhatWasMappedBeforeItBegan() {
        flushes.mapped(3);
        assertThat(flushes.uncovered()).isEqualTo(3);
        device.breakWhere(kind -> {
            flushes.mapped(2); // while the device is at it
            return false;
        });
        flushes.flush();
        assertThat(flushes.uncovered()).isEqualTo(2);
        device.repair();
        flushes.flush();
        assertThat(flushes.uncovered()).isZero();
    }

    @Test
    void afterOneThatFailedNoneSucceedsAndNothingIsCovered() {
        flushes.mapped(1);
        device.breakWhere(kind -> kind == Kind.FLUSH);
        assertThatThrownBy(flushes::flush).isInstanceOf(DeviceException.class);
        device.repair();
        assertThatThrownBy(flushes::flush).isInstanceOf(DeviceException.class)
                .hasMessageContaining("a flush has failed before");
        assertThat(flushes.failed()).isTrue();
        assertThat(flushes.uncovered()).isEqualTo(1);
        assertThat(device.count(Kind.FLUSH)).isEqualTo(1);
    }

    /** An operating system reports lost writes to the first who asks; whoever asks at the same time hears that all is well. */
    @Test
    void whoFlushesAtTheSameTimeHearsOfTheFailureToo() throws InterruptedException {
        AtomicReference<Thread> second = new AtomicReference<>();
        AtomicBoolean told = new AtomicBoolean();
        CompletableFuture<Void> other = new CompletableFuture<>();
        device.breakWhere(kind -> {
            if (!told.compareAndSet(false, true)) {
                return false;
            }
            second.set(Thread.ofPlatform().start(() -> {
                try {
                    flushes.flush();
                    other.complete(null);
                } catch (DeviceException e) {
                    other.completeExceptionally(e);
                }
            }));
            while (second.get().getState() != Thread.State.WAITING && second.get().isAlive()) {
                Thread.onSpinWait();
            }
            return true;
        });
        assertThatThrownBy(flushes::flush).isInstanceOf(DeviceException.class);
        second.get().join();
        assertThatThrownBy(other::join).isInstanceOf(CompletionException.class)
                .hasCauseInstanceOf(DeviceException.class);
    }
}
