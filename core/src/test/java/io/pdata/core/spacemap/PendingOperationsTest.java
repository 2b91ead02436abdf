package io.pdata.core.spacemap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pdata.core.block.CorruptionException;
import org.junit.jupiter.api.Test;

class PendingOperationsTest {
    private final PendingOperations queue = new PendingOperations();

    @Test
    void operationsComeOutInTheOrderTheyWentInAlsoAroundTheEndOfTheRing() {
        long next = 0;
        long oldest = 0;
        for (int round = 0; round < 10; round++) {
            for (int i = 0; i < 700; i++, next++) {
                queue.add(next % 3 == 0, next, next + 2);
            }
            while (!queue.isEmpty()) {
                assertThat(queue.oldestBegin()).isEqualTo(oldest);
                assertThat(queue.oldestEnd()).isEqualTo(oldest + 2);
                assertThat(queue.oldestIsIncrement()).isEqualTo(oldest % 3 == 0);
                queue.dropOldest();
                oldest++;
            }
            assertThat(oldest).isEqualTo(next);
        }
    }

    @Test
    void theAdjustmentOfABlockIsTheSumOfTheOperationsThatCoverIt() {
        queue.add(true, 10, 20);
        queue.add(true, 19, 21);
        queue.add(false, 15, 16);
        queue.add(true, 10, 10);
        assertThat(queue.adjustment(9)).isZero();
        assertThat(queue.adjustment(10)).isEqualTo(1);
        assertThat(queue.adjustment(15)).isZero();
        assertThat(queue.adjustment(19)).isEqualTo(2);
        assertThat(queue.adjustment(20)).isEqualTo(1);
        assertThat(queue.adjustment(21)).isZero();
        queue.dropOldest();
        assertThat(queue.adjustment(15)).isEqualTo(-1);
    }

    @Test
    void oneMoreThanTheRingHoldsIsRefused() {
        for (int i = 0; i < PendingOperations.CAPACITY; i++) {
            queue.add(true, i, i + 1);
        }
        assertThatThrownBy(() -> queue.add(true, 5, 6)).isInstanceOf(CorruptionException.class);
        assertThat(queue.adjustment(5)).isEqualTo(1);
    }

    @Test
    void whatWasClearedCountsNoMore() {
        queue.add(true, 1, 2);
        queue.add(true, 5, 6);
        queue.clear();
        queue.add(true, 8, 9);
        assertThat(queue.adjustment(5)).isZero();
        assertThat(queue.adjustment(8)).isEqualTo(1);
    }
}
