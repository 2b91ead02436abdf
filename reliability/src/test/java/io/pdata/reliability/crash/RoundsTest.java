package io.pdata.reliability.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RoundsTest {
    @TempDir
    private Path folder;

    private final List<String> runs = new ArrayList<>();

    /** Takes one more sequence with each seed. */
    private final class Noted implements Rounds.Job {
        private final String name;

        Noted(String name) {
            this.name = name;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public Figures run(long seed, BooleanSupplier goOn) {
            runs.add(name + seed);
            Figures figures = new Figures();
            figures.sequences = seed;
            return goOn.getAsBoolean() ? figures : null;
        }
    }

    private Rounds rounds(String... names) {
        List<Rounds.Job> jobs = new ArrayList<>();
        for (String name : names) {
            jobs.add(new Noted(name));
        }
        return new Rounds(jobs, 5, folder.resolve("state"));
    }

    @Test
    void goesOnWhereItWasStopped() {
        Rounds first = rounds("a", "b");
        first.step(() -> true);
        first.step(() -> true);
        first.step(() -> true);
        assertThat(first.step(() -> false)).isFalse();
        Rounds second = rounds("a", "b");
        assertThat(second.seed()).isEqualTo(6);
        second.step(() -> true);
        second.step(() -> true);
        assertThat(runs).containsExactly("a5", "b5", "a6", "b6", "b6", "a7");
        assertThat(second.figures().get("a").sequences).isEqualTo(5 + 6 + 7);
        assertThat(second.figures().get("b").sequences).as("what was stopped does not count").isEqualTo(5 + 6);
    }

    @Test
    void stateOfAnotherRunIsRefused() {
        rounds("a").step(() -> true);
        assertThatThrownBy(() -> rounds("a", "b")).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("state");
    }
}
