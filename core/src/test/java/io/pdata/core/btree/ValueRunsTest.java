package io.pdata.core.btree;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ValueRunsTest {
    private static List<String> runs(int shift, long... values) {
        List<String> runs = new ArrayList<>();
        MemorySegment segment = MemorySegment.ofArray(values);
        ValueRuns.forEach(segment, 0, values.length, shift, (begin, end) -> runs.add(begin + "-" + end));
        return runs;
    }

    @Test
    void onlyNumbersThatFollowEachOtherAreMerged() {
        assertThat(runs(0, 4, 5, 6, 9, 8, 7, 7, 8)).containsExactly("4-7", "9-10", "8-9", "7-8", "7-9");
    }

    @Test
    void noValuesAreNoRuns() {
        assertThat(runs(0)).isEmpty();
    }

    @Test
    void lowBitsAreIgnored() {
        assertThat(runs(24, 5L << 24 | 77, 6L << 24 | 3, 8L << 24)).containsExactly("5-7", "8-9");
    }
}
