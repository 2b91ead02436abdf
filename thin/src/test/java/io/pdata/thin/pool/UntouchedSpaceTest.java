package io.pdata.thin.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pdata.core.device.DeviceException;
import io.pdata.thin.pool.ProbedDevice.Kind;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A block that was in use is not taken for one that reads as zeroes, when its storage stays and the device was asked while
 * nothing had been written to it yet. Each test hands out a lower block at that very moment.
 */
class UntouchedSpaceTest extends PoolOnTheBench {
    private static final int PAGE = 4096;
    private Volume first;
    private Volume second;

    /** Only blocks 0 and 7 are free; 1 to 6 read as zeroes all the same; block 7 is handed out next. */
    @BeforeEach
    void allButTwoBlocksAreMapped() {
        format(8, options().withDiscards(true, false));
        first = create(1, 8);
        second = create(2, 8);
        data.breakWhere(kind -> kind == Kind.WRITE);
        assertThatThrownBy(() -> fill(first, 0, 1, 1)).isInstanceOf(DeviceException.class);
        data.repair();
        fill(first, 1, 6, 3);
        data.discard(0, 7 * BLOCK);
    }

    private void duringTheNextWrite(Runnable step) {
        data.onWrite(() -> {
            data.onWrite(() -> {});
            step.run();
        });
    }

    private void writeToTheLastBlockWithoutFillingIt() {
        write(first, 7 * BLOCK, PAGE, 4);
        assertThat(read(first, 7 * BLOCK + PAGE, BLOCK - PAGE)).as("what follows in the block").isZero();
    }

    @Test
    void whenItWasFreedAndThatIsCommitted() {
        duringTheNextWrite(() -> fill(second, 0, 1, 2)); // into block 0: the search begins from the front again
        fill(first, 7, 1, 5);
        discard(first, 7, 1);
        pool.status(); // commits
        writeToTheLastBlockWithoutFillingIt();
    }

    @Test
    void whenItWasGivenBackHalfWritten() {
        duringTheNextWrite(() -> {
            fill(second, 0, 1, 2);
            write(data, 7 * BLOCK + PAGE, PAGE, 5); // as far as the write comes that fails now
            data.breakWhere(kind -> kind == Kind.WRITE);
        });
        assertThatThrownBy(() -> fill(first, 7, 1, 5)).isInstanceOf(DeviceException.class);
        data.repair();
        writeToTheLastBlockWithoutFillingIt();
    }
}
