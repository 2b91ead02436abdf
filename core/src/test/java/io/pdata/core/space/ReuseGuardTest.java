package io.pdata.core.space;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Which blocks are kept from being handed out, and for how long. */
class ReuseGuardTest {
    private final ReuseGuard guard = new ReuseGuard();

    private long enter() {
        return guard.enter(() -> "").epoch();
    }

    private void commitThatFrees(long... blocks) {
        for (long block : blocks) {
            guard.freed(block);
        }
        guard.committed(() -> {}, _ -> {});
    }

    private void commitThatAllocates(long block) {
        guard.allocated(block);
        guard.committed(() -> {}, _ -> {});
    }

    @Test
    void nothingIsHeldWithoutReaders() {
        commitThatFrees(5, 6);
        assertThat(guard.holds(5)).isFalse();
        assertThat(guard.nextNotHeld(5)).isEqualTo(5);
        assertThat(guard.heldBlocks()).isZero();
        assertThat(guard.readers()).isZero();
    }

    @Test
    void whatAReaderMayReachIsHeldUntilItLeaves() {
        long reader = enter();
        commitThatFrees(5, 6);
        assertThat(guard.holds(4)).isFalse();
        assertThat(guard.holds(5)).isTrue();
        assertThat(guard.nextNotHeld(4)).isEqualTo(4);
        assertThat(guard.nextNotHeld(5)).isEqualTo(7);
        assertThat(guard.heldBlocks()).isEqualTo(2);
        guard.leave(reader);
        assertThat(guard.holds(5)).isFalse();
        assertThat(guard.heldBlocks()).isZero();
    }

    @Test
    void theLastReaderOfAnEpochReleases() {
        long one = enter();
        long two = enter();
        assertThat(guard.readers()).isEqualTo(2);
        commitThatFrees(5);
        guard.leave(one);
        assertThat(guard.readers()).isEqualTo(1);
        assertThat(guard.holds(5)).isTrue();
        guard.leave(two);
        assertThat(guard.holds(5)).isFalse();
    }

    @Test
    void anOlderReaderTakesOverWhatItMayReach() {
        long older = enter();
        guard.committed(() -> {}, _ -> {});
        long younger = enter();
        commitThatFrees(5);
        guard.leave(younger);
        assertThat(guard.holds(5)).isTrue();
        guard.leave(older);
        assertThat(guard.holds(5)).isFalse();
    }

    @Test
    void aBlockYoungerThanTheReaderIsNotHeldForIt() {
        long reader = enter();
        commitThatAllocates(5);
        commitThatFrees(5);
        assertThat(guard.holds(5)).isFalse();
        guard.leave(reader);
    }

    @Test
    void aBlockOfTheReadersOwnEpochIsHeldForIt() {
        long first = enter();
        commitThatAllocates(5);
        long second = enter();
        commitThatFrees(5);
        assertThat(guard.holds(5)).isTrue();
        guard.leave(second);
        assertThat(guard.holds(5)).as("the older reader cannot reach it").isFalse();
        guard.leave(first);
    }

    @Test
    void agesAreKnownHoweverHighTheBlock() {
        long reader = enter();
        guard.allocated(1500); // beyond what is kept at first
        guard.allocated(1024);
        guard.allocated(90_000);
        guard.committed(() -> {}, _ -> {});
        commitThatFrees(1500, 1024, 90_000);
        assertThat(guard.heldBlocks()).isZero();
        commitThatFrees(200_000);
        assertThat(guard.holds(200_000)).as("of unknown age").isTrue();
        guard.leave(reader);
    }

    /** Exactly the first number for which there is no age yet; its neighbour has one. */
    @Test
    void aBlockBeyondAllKnownAgesIsHeld() {
        long reader = enter();
        commitThatAllocates(1);
        commitThatFrees(1024);
        assertThat(guard.holds(1024)).isTrue();
        guard.leave(reader);
    }

    @Test
    void whatARolledBackTransactionFreedIsNotHeld() {
        long reader = enter();
        guard.freed(5);
        guard.rolledBack();
        guard.committed(() -> {}, _ -> {});
        assertThat(guard.holds(5)).isFalse();
        guard.leave(reader);
    }

    @Test
    void manyBlocksAreHeldAtOnce() {
        long reader = enter();
        for (int block = 0; block < 1000; block++) {
            guard.freed(block);
        }
        guard.committed(() -> {}, _ -> {});
        assertThat(guard.heldBlocks()).isEqualTo(1000);
        assertThat(guard.nextNotHeld(0)).isEqualTo(1000);
        guard.leave(reader);
        assertThat(guard.heldBlocks()).isZero();
    }

    @Test
    void aCommitIsPublished() {
        boolean[] published = new boolean[1];
        guard.committed(() -> published[0] = true, _ -> {});
        assertThat(published[0]).isTrue();
    }
}
