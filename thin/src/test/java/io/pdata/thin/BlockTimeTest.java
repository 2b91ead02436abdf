package io.pdata.thin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class BlockTimeTest {

    @Test
    void blockAndTimeComeBackFromTheExtremesOfTheirRanges() {
        long packed = BlockTime.pack(BlockTime.MAX_BLOCKS - 1, 5);
        assertThat(BlockTime.block(packed)).isEqualTo(BlockTime.MAX_BLOCKS - 1);
        assertThat(BlockTime.time(packed)).isEqualTo(5);
        packed = BlockTime.pack(7, BlockTime.MAX_TIME);
        assertThat(BlockTime.block(packed)).isEqualTo(7);
        assertThat(BlockTime.time(packed)).isEqualTo(16777215);
    }

    @Test
    void whatDoesNotFitIsRefusedInsteadOfSpoilingTheOtherHalf() {
        assertThatIllegalArgumentException().isThrownBy(() -> BlockTime.pack(BlockTime.MAX_BLOCKS, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> BlockTime.pack(0, BlockTime.MAX_TIME + 1));
        assertThatIllegalArgumentException().isThrownBy(() -> BlockTime.pack(-1, 0));
    }
}
