package io.pdata.reliability.lost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.pdata.testkit.PeerTools;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The present state of random pools is found without their superblocks. {@code -Dlong.tests=true} takes more pools. */
class LostSuperblocksTest {
    private static final int LIVES = Boolean.getBoolean("long.tests") ? 20 : 1;
    /** Number of commits from one sample of a pool to the next. */
    private static final int EVERY = 12;

    static Stream<Life> lives() {
        return Stream.of(Life.ALL);
    }

    @ParameterizedTest
    @MethodSource("lives")
    void thePresentStateIsFound(Life life) {
        assumeFalse(life.byPeer() && !PeerTools.ready(), "no reference tools");
        List<String> others = new ArrayList<>();
        for (long seed = 1; seed <= LIVES; seed++) {
            LivingPool.live(life, seed, EVERY, moment -> {
                Verdict verdict = Verdict.ofOurs(moment);
                assertThat(verdict).as(moment.name()).isNotIn(Verdict.DAMAGED, Verdict.NOTHING);
                if (verdict == Verdict.OTHER) {
                    others.add(moment.name());
                }
            });
        }
        // where blocks are taken from the beginning again after each commit, the last two may look alike
        assertThat(others).as("states of other commits").hasSizeLessThanOrEqualTo(life.reopening() == 1 ? LIVES : 0);
    }
}
