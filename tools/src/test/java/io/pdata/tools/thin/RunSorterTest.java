package io.pdata.tools.thin;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.tools.thin.ThinReverseMap.Run;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RunSorterTest {
    private static final int IN_MEMORY = 7;
    private static final int FILES = 9;
    /** More runs than a file is read or written at a time. */
    private static final int MANY = 2500;

    @TempDir
    private Path folder;

    /** None, all in memory, exactly one file, some files, and so many that files are merged on the way. */
    @ParameterizedTest
    @ValueSource(ints = {0, 5, 7, 20, 28, 60, 500})
    void runsComeInOrderHoweverManyThereAre(int count) {
        sort(count, IN_MEMORY);
    }

    @Test
    void filesMayBeLong() {
        sort(12 * MANY, MANY);
    }

    private void sort(int count, int inMemory) {
        SplittableRandom random = new SplittableRandom(count);
        List<Run> runs = new ArrayList<>();
        List<Run> sorted = new ArrayList<>();
        try (RunSorter sorter = new RunSorter(inMemory, FILES, folder)) {
            for (int i = 0; i < count; i++) {
                long begin = random.nextLong(20);
                Run run = new Run(begin, begin + 1 + random.nextLong(3), random.nextLong(3), random.nextLong(-2, 3));
                runs.add(run);
                sorter.add(run.begin(), run.end(), run.device(), run.origin());
            }
            assertThat(folder.toFile().list()).hasSizeLessThanOrEqualTo(FILES);
            sorter.forEach(sorted::add);
        }
        runs.sort(Comparator.comparingLong(Run::begin).thenComparingLong(Run::end).thenComparingLong(Run::device)
                .thenComparing(Run::origin, Long::compareUnsigned));
        assertThat(sorted).isEqualTo(runs);
        assertThat(folder).isEmptyDirectory();
    }
}
