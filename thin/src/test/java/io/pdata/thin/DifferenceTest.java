package io.pdata.thin;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.thin.ThinRequestException.Reason;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Comparing two devices by a walk of both trees: against a comparison of all their mappings, and what it costs. */
class DifferenceTest extends PoolFixture {
    private static final long BLOCKS = 12000;

    private record Compared(Difference difference, long block, long left, long right) {}

    private static Map<Long, Long> mappings(ThinView view, long id) {
        Map<Long, Long> all = new HashMap<>();
        view.forEachMapping(id, (virtualBlock, block, _) -> {
            all.put(virtualBlock, block);
            return true;
        });
        return all;
    }

    private static List<Compared> oneByOne(ThinView view, long left, long right, long begin, long end, boolean same) {
        Map<Long, Long> lefts = mappings(view, left);
        Map<Long, Long> rights = mappings(view, right);
        TreeSet<Long> keys = new TreeSet<>(lefts.keySet());
        keys.addAll(rights.keySet());
        List<Compared> all = new ArrayList<>();
        for (long key : keys.subSet(begin, end)) {
            long l = lefts.getOrDefault(key, -1L);
            long r = rights.getOrDefault(key, -1L);
            Difference kind = l == r
                    ? Difference.SAME
                    : l < 0 ? Difference.RIGHT_ONLY : r < 0 ? Difference.LEFT_ONLY : Difference.DIFFERENT;
            if (same || kind != Difference.SAME) {
                all.add(new Compared(kind, key, l, r));
            }
        }
        return all;
    }

    private static List<Compared> walked(ThinView view, long left, long right, long begin, long end, boolean same) {
        List<Compared> all = new ArrayList<>();
        view.compare(left, right, begin, end, same, (difference, first, length, l, r) -> {
            assertThat(length).isPositive();
            for (long i = 0; i < length; i++) {
                all.add(new Compared(difference, first + i, l < 0 ? -1 : l + i, r < 0 ? -1 : r + i));
            }
            return true;
        });
        return all;
    }

    private void change(SplittableRandom random, ThinDevice device) {
        long begin = random.nextLong(BLOCKS);
        long end = Math.min(BLOCKS, begin + 1 + random.nextLong(random.nextBoolean() ? 3 : 1500));
        if (random.nextInt(3) == 0) {
            pool.removeRange(device, begin, end);
        } else {
            for (long block = begin; block < end; block += 1 + random.nextInt(2)) {
                write(device, block);
            }
        }
    }

    @Test
    void itFindsWhatAComparisonOfAllMappingsFinds() {
        for (long seed = 1; seed <= 12; seed++) {
            format(4096, 400_000);
            SplittableRandom random = new SplittableRandom(seed);
            List<ThinDevice> devices = new ArrayList<>();
            pool.createThin(0);
            devices.add(pool.openDevice(0));
            for (int step = 0; step < 40; step++) {
                change(random, devices.get(random.nextInt(devices.size())));
                if (random.nextInt(4) == 0) {
                    long id = devices.size();
                    pool.createSnapshot(id, random.nextLong(id));
                    devices.add(pool.openDevice(id));
                }
            }
            pool.commit();
            try (ThinView view = pool.openView()) {
                for (int i = 0; i < 40; i++) {
                    long left = random.nextLong(devices.size());
                    long right = random.nextLong(devices.size());
                    long begin = random.nextBoolean() ? 0 : random.nextLong(BLOCKS);
                    long end = random.nextBoolean() ? BLOCKS : begin + random.nextLong(BLOCKS - begin + 1);
                    boolean same = random.nextBoolean();
                    assertThat(walked(view, left, right, begin, end, same))
                            .as("seed %d: %d and %d in [%d, %d)", seed, left, right, begin, end)
                            .isEqualTo(oneByOne(view, left, right, begin, end, same));
                }
            }
            close();
        }
    }

    @Test
    void rangesAreAsLongAsTheyCanBe() {
        format(1024, 1000);
        pool.createThin(0);
        ThinDevice device = pool.openDevice(0);
        for (long block = 0; block < 100; block++) {
            write(device, block);
        }
        pool.createSnapshot(1, 0);
        for (long block = 10; block < 20; block++) {
            write(device, block);
        }
        pool.removeRange(device, 50, 60);
        pool.removeRange(pool.openDevice(1), 58, 65);
        pool.commit();
        List<String> ranges = new ArrayList<>();
        try (ThinView view = pool.openView()) {
            view.compare(0, 1, 0, 100, true, (difference, begin, length, left, right) -> ranges
                    .add(difference + " " + begin + "+" + length + " " + left + " " + right));
        }
        assertThat(ranges).containsExactly("SAME 0+10 0 0", "DIFFERENT 10+10 100 10", "SAME 20+30 20 20",
                "RIGHT_ONLY 50+8 -1 50", "LEFT_ONLY 60+5 60 -1", "SAME 65+35 65 65");
    }

    @Test
    void itEndsWhenTheVisitorHasHadEnough() {
        format(1024, 1000);
        pool.createThin(0);
        pool.createThin(1);
        ThinDevice device = pool.openDevice(0);
        for (long block = 0; block < 100; block += 2) {
            write(device, block);
        }
        pool.commit();
        List<Long> begins = new ArrayList<>();
        try (ThinView view = pool.openView()) {
            view.compare(0, 1, 0, 100, false, (_, begin, _, _, _) -> begins.add(begin) && begins.size() < 3);
        }
        assertThat(begins).containsExactly(0L, 2L, 4L);
    }

    @Test
    void itCostsWhatHasBeenChangedNotWhatIsThere() {
        format(4096, 400_000);
        pool.createThin(0);
        ThinDevice device = pool.openDevice(0);
        for (long block = 0; block < 100_000; block++) {
            write(device, block);
        }
        pool.createSnapshot(1, 0);
        pool.commit();
        assertThat(nodes(false)).as("nothing changed").isZero();
        write(device, 77_777);
        pool.commit();
        long one = nodes(false);
        assertThat(one).as("one block changed").isBetween(4L, 16L);
        long everything = nodes(true);
        assertThat(everything).as("all mappings: leaves that both have once").isBetween(400L, 500L);
        for (int i = 0; i < 20; i++) {
            write(device, i * 4999L);
        }
        pool.removeRange(device, 50_000, 50_010);
        pool.commit();
        assertThat(nodes(false)).as("22 places changed").isBetween(20L, 22 * one).isLessThan(everything / 2);
        // A new first key moves down all the way on the left; a new root makes one tree higher than the other.
        pool.removeRange(device, 0, 3);
        for (long block = 200_000; block < 200_600; block++) {
            write(device, block);
        }
        pool.commit();
        assertThat(nodes(false)).as("24 places changed").isLessThan(24 * one);
    }

    private long nodes(boolean everything) {
        try (ThinView view = pool.openView()) {
            return view.compare(0, 1, 0, Long.MAX_VALUE, everything, (_, _, _, _, _) -> true);
        }
    }

    @Test
    void aDeviceThatIsNotThereIsRefused() {
        format(1024, 10);
        pool.createThin(0);
        pool.commit();
        try (ThinView view = pool.openView()) {
            assertRefused(Reason.UNKNOWN_DEVICE, () -> view.compare(0, 1, 0, 10, false, (_, _, _, _, _) -> true));
        }
    }
}
