package io.pdata.reliability.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pdata.core.device.DeviceException;
import io.pdata.reliability.disk.FaultPlan.Operation;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SimulatedDiskTest {
    private static final int SECTOR = SimulatedDisk.SECTOR_SIZE;

    /** The one number that all bytes of each sector are; sectors of mixed bytes do not occur in these tests. */
    private static String sectors(byte[] image) {
        StringBuilder text = new StringBuilder();
        for (int at = 0; at < image.length; at += SECTOR) {
            text.append(text.isEmpty() ? "" : " ").append(image[at]);
        }
        return text.toString();
    }

    private static byte[] filled(int sectors, int value) {
        byte[] bytes = new byte[sectors * SECTOR];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }

    private static void write(SimulatedDisk disk, int sector, int count, int value) {
        disk.write((long) sector * SECTOR, MemorySegment.ofArray(filled(count, value)));
    }

    private static byte[] read(SimulatedDisk disk, long position, int length) {
        byte[] bytes = new byte[length];
        disk.read(position, MemorySegment.ofArray(bytes));
        return bytes;
    }

    private static Set<String> crashImages(SimulatedDisk disk) {
        Set<String> images = new HashSet<>();
        CrashPoint point = disk.history().at(disk.history().length());
        assertThat(point.forEachState(1 << 20, 1, state -> images.add(sectors(point.image(state)))))
                .isEqualTo(point.states());
        return images;
    }

    @Test
    void everySubsetOfUnflushedSectorsSurvives() {
        SimulatedDisk disk = new SimulatedDisk(3 * SECTOR, 1);
        write(disk, 0, 2, 1);
        disk.flush();
        write(disk, 1, 2, 2);
        assertThat(crashImages(disk)).containsExactlyInAnyOrder("1 1 0", "1 2 0", "1 1 2", "1 2 2");
        disk.flush();
        assertThat(crashImages(disk)).containsExactly("1 2 2");
    }

    @Test
    void sectorWrittenTwiceMaySurviveAtEitherVersion() {
        SimulatedDisk disk = new SimulatedDisk(2 * SECTOR, 1);
        write(disk, 0, 1, 1);
        write(disk, 0, 2, 2);
        assertThat(crashImages(disk)).containsExactlyInAnyOrder("0 0", "1 0", "2 0", "0 2", "1 2", "2 2");
    }

    @Test
    void crashPointsBeforeALaterWriteDoNotKnowIt() {
        SimulatedDisk disk = new SimulatedDisk(2 * SECTOR, 1);
        write(disk, 0, 1, 1);
        write(disk, 1, 1, 2);
        CrashPoint early = disk.history().at(1);
        assertThat(early.states()).isEqualTo(2);
        assertThat(sectors(early.image(early.allKept()))).isEqualTo("1 0");
        assertThat(disk.history().at(0).states()).isEqualTo(1);
    }

    @Test
    void anyHistoryLeavesWhatTheModelOfWholeImagesSays() {
        for (int seed = 0; seed < 200; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            SimulatedDisk disk = new SimulatedDisk(5 * SECTOR, seed);
            NaiveDisk model = new NaiveDisk(new byte[5 * SECTOR]);
            for (int step = 0; step < 7; step++) {
                if (random.nextInt(4) == 0) {
                    disk.flush();
                    model.flush();
                } else {
                    int position = random.nextInt(5 * SECTOR - 1);
                    byte[] data = new byte[1 + random.nextInt(Math.min(3 * SECTOR, 5 * SECTOR - position))];
                    Arrays.fill(data, (byte) random.nextInt(3));
                    disk.write(position, MemorySegment.ofArray(data));
                    model.write(position, data);
                }
            }
            CrashPoint point = disk.history().at(disk.history().length());
            Set<ByteBuffer> images = new HashSet<>();
            point.forEachState(Long.MAX_VALUE, 1, state -> images.add(ByteBuffer.wrap(point.image(state))));
            assertThat(NaiveDisk.texts(images)).as("seed %d", seed).isEqualTo(model.images());
            assertThat(disk.content()).isEqualTo(model.content());
        }
    }

    @Test
    void samplesHaveAllTypicalStatesAndNoImpossibleOnes() {
        SimulatedDisk disk = new SimulatedDisk(40 * SECTOR, 1);
        write(disk, 0, 40, 1);
        CrashPoint point = disk.history().at(1);
        Set<String> images = new HashSet<>();
        assertThat(point.forEachState(300, 7, state -> images.add(sectors(point.image(state))))).isEqualTo(300);
        assertThat(images).contains(sectors(filled(40, 0)), sectors(filled(40, 1)));
        for (int i = 0; i < 40; i++) {
            byte[] lost = filled(40, 1);
            Arrays.fill(lost, i * SECTOR, (i + 1) * SECTOR, (byte) 0);
            byte[] kept = filled(40, 0);
            Arrays.fill(kept, i * SECTOR, (i + 1) * SECTOR, (byte) 1);
            byte[] prefix = filled(40, 0);
            Arrays.fill(prefix, 0, i * SECTOR, (byte) 1);
            assertThat(images).contains(sectors(lost), sectors(kept), sectors(prefix));
        }
        Set<String> again = new HashSet<>();
        point.forEachState(300, 7, state -> again.add(sectors(point.image(state))));
        assertThat(again).as("the same seed").isEqualTo(images);
    }

    @Test
    void sizeIsDurableWithTheNextFlushOnly() {
        SimulatedDisk disk = new SimulatedDisk(filled(2, 1), 1);
        disk.resize(3 * SECTOR, false);
        write(disk, 2, 1, 3);
        assertThat(crashImages(disk)).containsExactlyInAnyOrder("1 1", "1 1 0", "1 1 3");
        disk.flush();
        disk.resize(SECTOR, false);
        disk.resize(2 * SECTOR, false);
        assertThat(sectors(disk.content())).isEqualTo("1 0");
        assertThat(crashImages(disk)).contains("1 1 3", "1", "1 0").doesNotContain("0 0");
    }

    @Test
    void nthOperationFailsOnce() {
        SimulatedDisk disk = new SimulatedDisk(filled(2, 1), 1);
        disk.follow(new FaultPlan().fail(Operation.READ, 2).fail(Operation.WRITE, 1).fail(Operation.FLUSH, 1));
        read(disk, 0, 10);
        assertThatThrownBy(() -> read(disk, 512, 10)).isInstanceOf(DeviceException.class)
                .hasMessageContaining("read at byte 512 failed");
        read(disk, 0, 10);
        assertThatThrownBy(() -> write(disk, 1, 1, 2)).isInstanceOf(DeviceException.class)
                .hasMessageContaining("write at byte 512 failed");
        assertThat(sectors(disk.content())).isEqualTo("1 1");
        write(disk, 1, 1, 2);
        assertThatThrownBy(disk::flush).isInstanceOf(DeviceException.class).hasMessageContaining("flush");
        assertThat(crashImages(disk)).containsExactlyInAnyOrder("1 1", "1 2");
        disk.flush();
        assertThat(crashImages(disk)).containsExactly("1 2");
        assertThat(disk.reads()).isEqualTo(3);
        assertThat(disk.writes()).isEqualTo(2);
        assertThat(disk.flushes()).isEqualTo(2);
    }

    @Test
    void fromTheNthOperationOnAllFail() {
        SimulatedDisk disk = new SimulatedDisk(filled(2, 1), 1);
        FaultPlan plan = new FaultPlan().failFrom(Operation.WRITE, 2);
        disk.follow(plan);
        write(disk, 0, 1, 2);
        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(() -> write(disk, 1, 1, 2)).isInstanceOf(DeviceException.class);
        }
        assertThat(plan.count(Operation.WRITE)).isEqualTo(4);
        assertThat(sectors(disk.content())).isEqualTo("2 1");
    }

    @Test
    void failedWriteMayHaveWrittenSomeSectors() {
        Set<String> left = new HashSet<>();
        for (int seed = 0; seed < 40; seed++) {
            SimulatedDisk disk = new SimulatedDisk(3 * SECTOR, seed);
            disk.follow(new FaultPlan().fail(Operation.WRITE, 1).partialWrites());
            assertThatThrownBy(() -> write(disk, 0, 2, 1)).isInstanceOf(DeviceException.class);
            left.add(sectors(disk.content()));
            assertThat(crashImages(disk)).contains("0 0 0", sectors(disk.content()));
        }
        assertThat(left).containsExactlyInAnyOrder("0 0 0", "1 0 0", "0 1 0", "1 1 0");
    }

    @Test
    void losingFlushIsNotMadeGoodByTheNext() {
        SimulatedDisk disk = new SimulatedDisk(2 * SECTOR, 1);
        disk.follow(new FaultPlan().fail(Operation.FLUSH, 1).losingFlushes());
        write(disk, 0, 2, 1);
        assertThatThrownBy(disk::flush).isInstanceOf(DeviceException.class);
        disk.flush();
        assertThat(crashImages(disk)).containsExactlyInAnyOrder("0 0", "0 1", "1 0", "1 1");
        write(disk, 1, 1, 1);
        disk.flush();
        assertThat(crashImages(disk)).as("written again, although it reads the same").containsExactlyInAnyOrder("0 1",
                "1 1");
    }

    @Test
    void ignoredFlushHardensNothing() {
        SimulatedDisk disk = new SimulatedDisk(SECTOR, 1);
        disk.follow(new FaultPlan().ignoreFlushes(n -> n == 1));
        write(disk, 0, 1, 1);
        disk.flush();
        assertThat(crashImages(disk)).containsExactlyInAnyOrder("0", "1");
        disk.flush();
        assertThat(crashImages(disk)).containsExactly("1");
    }

    @Test
    void lostAndMisdirectedWritesAreAcknowledged() {
        SimulatedDisk disk = new SimulatedDisk(3 * SECTOR, 1);
        disk.follow(new FaultPlan().loseWrite(1).misdirectWrite(2, SECTOR));
        write(disk, 0, 1, 1);
        assertThat(sectors(disk.content())).isEqualTo("0 0 0");
        write(disk, 2, 1, 2);
        assertThat(sectors(disk.content())).isEqualTo("0 2 0");
        disk.flush();
        assertThat(crashImages(disk)).containsExactly("0 2 0");
    }

    @Test
    void bitsRotWhereTheyAreStoredOrOnTheWay() {
        SimulatedDisk disk = new SimulatedDisk(2 * SECTOR, 1);
        write(disk, 0, 1, 1);
        disk.rot(0, 0x80);
        assertThat(read(disk, 0, 2)).containsExactly(0x81, 1);
        assertThat(crashImages(disk)).containsExactlyInAnyOrder("-128 0", "-127 0");
        disk.follow(new FaultPlan().flipOnRead(1, 2));
        assertThat(read(disk, 0, 2)).containsExactly(0x81, 3);
        assertThat(read(disk, 1, 1)).containsExactly(3);
        disk.follow(new FaultPlan());
        assertThat(read(disk, 0, 2)).containsExactly(0x81, 1);
    }

    @Test
    void fullDeviceRefusesNewBlocksOnly() {
        SimulatedDisk disk = new SimulatedDisk(3 * 4096, 1);
        disk.follow(new FaultPlan().capacity(4096));
        write(disk, 8, 1, 1);
        assertThatThrownBy(() -> write(disk, 0, 1, 1)).isInstanceOf(DeviceException.class)
                .hasMessageContaining("no space left");
        write(disk, 9, 7, 1);
        assertThatThrownBy(() -> disk.resize(4 * 4096, true)).isInstanceOf(DeviceException.class);
        disk.resize(4 * 4096, false);
    }

    @Test
    void discardedSectorsReadAsZeroesOrAsBefore() {
        SimulatedDisk disk = new SimulatedDisk(filled(20, 1), 5);
        disk.discard(0, 20 * SECTOR);
        assertThat(sectors(disk.content())).contains("0 1").contains("1 0");
        disk.zero(0, 20 * SECTOR);
        assertThat(disk.content()).isEqualTo(new byte[20 * SECTOR]);
    }

    @Test
    void closedDiskRefusesEverything() {
        SimulatedDisk disk = new SimulatedDisk(SECTOR, 1);
        disk.close();
        assertThatThrownBy(disk::flush).isInstanceOf(DeviceException.class);
        assertThatThrownBy(() -> read(disk, 0, 1)).isInstanceOf(DeviceException.class);
        disk.reopen().flush();
    }

    @Test
    void sizeIsInWholeSectors() {
        assertThatThrownBy(() -> new SimulatedDisk(100, 1)).isInstanceOf(IllegalArgumentException.class);
    }
}
