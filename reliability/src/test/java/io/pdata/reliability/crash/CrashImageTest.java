package io.pdata.reliability.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.reliability.disk.CrashPoint;
import io.pdata.reliability.disk.SimulatedDisk;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class CrashImageTest {
    private static final int BLOCK = 4096;

    private static SimulatedDisk written(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        SimulatedDisk disk = new SimulatedDisk(6 * BLOCK, seed);
        for (int i = 0; i < 8; i++) {
            if (i == 3) {
                disk.flush();
            }
            if (i == 5) {
                disk.resize(8 * BLOCK, false);
            }
            byte[] data = new byte[BLOCK];
            random.nextBytes(data);
            disk.write((long) random.nextInt(6) * BLOCK, MemorySegment.ofArray(data));
        }
        return disk;
    }

    @Test
    void isInTurnEachStateOfACrashPoint() {
        CrashImage image = new CrashImage();
        Map<String, Long> hashes = new HashMap<>();
        for (int seed = 0; seed < 20; seed++) {
            CrashPoint point = written(seed).history().at(10);
            SplittableRandom random = new SplittableRandom(seed);
            image.load(point);
            for (int i = 0; i < 50; i++) {
                int[] state = point.randomState(random);
                image.become(state);
                image.write(BLOCK, MemorySegment.ofArray(new byte[2 * BLOCK])); // forgotten by the next
                assertThat(image.image()).as("seed %d", seed).isEqualTo(point.image(state));
                String content = new String(point.image(state), StandardCharsets.ISO_8859_1);
                assertThat(hashes.computeIfAbsent(content, _ -> image.hash())).isEqualTo(image.hash());
            }
        }
        assertThat(hashes.values().stream().distinct().count()).isEqualTo(hashes.size()).isGreaterThan(500);
    }

    @Test
    void knowsWhatWasReadBeforeItWasWritten() {
        CrashImage image = new CrashImage();
        image.load(written(1).history().at(3));
        byte[] block = new byte[BLOCK];
        image.read(2 * BLOCK, MemorySegment.ofArray(block));
        image.write(4 * BLOCK, MemorySegment.ofArray(block));
        image.read(4 * BLOCK, MemorySegment.ofArray(block));
        image.write(5 * BLOCK, MemorySegment.ofArray(new byte[1]));
        assertThat(image.blocksSeen()).containsExactly(2, 5);
        image.forgetChanges();
        assertThat(image.blocksSeen()).isEmpty();
    }
}
