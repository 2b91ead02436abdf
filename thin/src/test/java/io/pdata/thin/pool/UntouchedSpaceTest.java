package io.pdata.thin.pool;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.core.device.MemoryDevice;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

/** Which blocks need no zeroing. */
class UntouchedSpaceTest {
    private static final int BLOCK = 64 << 10;

    private final MemoryDevice device = new MemoryDevice("data", 16 * BLOCK);
    private final UntouchedSpace space = new UntouchedSpace(device, BLOCK);

    private void store(long block) {
        device.write(block * BLOCK + 100, MemorySegment.ofArray(new byte[]{1}));
    }

    @Test
    void aHoleIsZeroWhatHasBeenWrittenIsNot() {
        store(2);
        assertThat(space.handOut(0)).isTrue();
        assertThat(space.handOut(1)).isTrue();
        assertThat(space.handOut(2)).isFalse();
        assertThat(space.handOut(3)).isTrue();
        assertThat(space.handOut(15)).isTrue();
    }

    @Test
    void aBlockThatComesBackIsLookedAtAgain() {
        assertThat(space.handOut(4)).isTrue();
        store(4);
        assertThat(space.handOut(5)).isTrue();
        assertThat(space.handOut(4)).isFalse();
        store(5);
        assertThat(space.handOut(5)).isFalse();
        device.discard(5 * BLOCK, BLOCK);
        assertThat(space.handOut(5)).isTrue();
    }

    @Test
    void blocksThatWereSkippedMayHaveBeenWrittenByThen() {
        assertThat(space.handOut(1)).isTrue();
        assertThat(space.handOut(9)).isTrue();
        store(5);
        assertThat(space.handOut(5)).isFalse();
    }
}
