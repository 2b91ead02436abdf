package io.pdata.tools.thin;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.tools.thin.ThinReverseMap.Run;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RunSorterTest {
    private static final int IN_MEMORY = 7;
    private static final int FILES = 3;

    /** None, all in memory, exactly one file, some files, and so many that files are merged on the way. */
    @ParameterizedTest
    @ValueSource(ints = {0, 5, 7, 20, 28, 500})
    void runsComeInOrderHoweverManyThereAre(int count) {
        SplittableRandom random = new SplittableRandom(count);
        List<Run> runs = new ArrayList<>();
        List<Run> sorted = new ArrayList<>();
        try (RunSorter sorter = new RunSorter(IN_MEMORY, FILES)) {
            for (int i = 0; i < count; i++) {
                long begin = random.nextLong(20);
                Run run = new Run(begin, begin + 1 + random.nextLong(3), random.nextLong(3), random.nextLong(-2, 3));
                runs.add(run);
                sorter.add(run.begin(), run.end(), run.device(), run.origin());
            }
            sorter.forEach(sorted::add);
        }
        runs.sort(Comparator.comparingLong(Run::begin).thenComparingLong(Run::end).thenComparingLong(Run::device)
                .thenComparing(Run::origin, Long::compareUnsigned));
        assertThat(sorted).isEqualTo(runs);
    }
}
