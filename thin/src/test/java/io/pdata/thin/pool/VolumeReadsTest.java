package io.pdata.thin.pool;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.thin.pool.ProbedDevice.Kind;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

/** Reads of several blocks, which may or may not lie side by side. */
class VolumeReadsTest extends PoolOnTheBench {

    /** What each block of a range holds, read with one call, which begins and ends in the middle of a block. */
    private static long[] together(Volume volume, int blocks) {
        MemorySegment memory = Arena.ofAuto().allocate((long) (blocks - 1) * BLOCK);
        memory.fill((byte) 0x55);
        volume.read(BLOCK / 2, memory);
        long[] values = new long[blocks];
        for (int i = 0; i < blocks; i++) {
            long from = Math.max(0, (long) i * BLOCK - BLOCK / 2);
            long to = Math.min(memory.byteSize(), (i + 1L) * BLOCK - BLOCK / 2);
            values[i] = memory.get(ValueLayout.JAVA_LONG, from);
            MemorySegment part = memory.asSlice(from, to - from);
            for (long at = 0; at < part.byteSize(); at += Long.BYTES) {
                assertThat(part.get(ValueLayout.JAVA_LONG, at)).isEqualTo(values[i]);
            }
        }
        return values;
    }

    private long reads(Runnable work) {
        long before = data.count(Kind.READ);
        work.run();
        return data.count(Kind.READ) - before;
    }

    @Test
    void blocksThatLieSideBySideAreReadWithOneCall() {
        format(128);
        Volume volume = create(1, 8);
        for (int i = 0; i < 8; i++) {
            fill(volume, i, 1, i + 1);
        }
        assertThat(reads(() -> assertThat(together(volume, 8)).containsExactly(1, 2, 3, 4, 5, 6, 7, 8))).isEqualTo(1);
    }

    @Test
    void blocksThatDoNotAreReadFromWhereTheyAre() {
        format(128);
        Volume volume = create(1, 8);
        for (int i : new int[]{0, 1, 6, 2, 3, 5}) {
            fill(volume, i, 1, i + 1);
        }
        snapshot(2, 1, 8);
        fill(volume, 1, 1, 20);
        assertThat(together(volume, 8)).containsExactly(1, 20, 3, 4, 0, 6, 7, 0);
        assertThat(together(volume(2, 8), 8)).containsExactly(1, 2, 3, 4, 0, 6, 7, 0);
    }

    @Test
    void moreThanIsReadTogetherIsReadAll() {
        format(1024);
        Volume volume = create(1, 600);
        fill(volume, 0, 600, 3);
        assertThat(reads(() -> assertThat(together(volume, 600)).containsOnly(3))).isEqualTo(19);
    }
}
