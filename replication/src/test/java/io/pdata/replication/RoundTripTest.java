package io.pdata.replication;

import static io.pdata.replication.Pools.KIB;
import static io.pdata.replication.Pools.MIB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pdata.core.device.FileDevice.Access;
import io.pdata.core.device.FileDevice;
import io.pdata.core.space.NoSpaceException;
import io.pdata.thin.ThinRequestException;
import io.pdata.thin.pool.NamedPool;
import io.pdata.thin.pool.NamedVolume;
import io.pdata.thin.pool.Volume;
import io.pdata.tools.MetadataFile;
import io.pdata.tools.Report;
import io.pdata.tools.thin.ThinCheck;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is received is what was sent, whole and as changes, between pools with blocks of different sizes. */
class RoundTripTest {
    private static final int SEEDS = Boolean.getBoolean("long.tests") ? 300 : 8;
    private static final int STEPS = 12;

    @TempDir
    Path folder;

    private NamedPool from;
    private NamedPool to;

    @BeforeEach
    void create() throws IOException {
        from = Pools.create(folder.resolve("from"), 128);
        to = Pools.create(folder.resolve("to"), 256);
    }

    @AfterEach
    void close() {
        from.close();
        to.close();
    }

    private static byte[] random(long seed, int length) {
        byte[] bytes = new byte[length];
        new SplittableRandom(seed).nextBytes(bytes);
        return bytes;
    }

    private void transfer(String name, String since) {
        Pools.receive(to, Pools.send(from, name, since), name);
    }

    private void assertSame(String name) {
        assertThat(Pools.content(to, name)).isEqualTo(Pools.content(from, name));
    }

    @Test
    void aVolumeThatIsWrittenToArrivesAsItWasWhenItWasSent() {
        from.createVolume("disk", 10 * MIB);
        Pools.write(from, "disk", 5 * MIB + 100, random(1, 300_000));
        transfer("disk", null);
        assertSame("disk");
        assertThat(to.find("disk").orElseThrow().readOnly()).isTrue();
        assertThat(from.volumes()).hasSize(1);
        assertThat(from.unfinished()).isEmpty();
    }

    @Test
    void anEmptyVolumeArrives() {
        from.createVolume("disk", 10 * MIB);
        transfer("disk", null);
        assertSame("disk");
        assertThat(to.pool().status().usedDataBlocks()).isZero();
    }

    @Test
    void whatIsZeroTakesUpNoRoomWhereItArrives() {
        from.createVolume("disk", 10 * MIB);
        Pools.write(from, "disk", 0, new byte[(int) (8 * MIB)]);
        Pools.write(from, "disk", 9 * MIB, new byte[]{1});
        transfer("disk", null);
        assertSame("disk");
        assertThat(to.pool().status().usedDataBlocks()).isEqualTo(1);
    }

    @Test
    void onlyWhatHasChangedIsSentToWhoHasTheSnapshot() {
        from.createVolume("disk", 32 * MIB);
        Pools.write(from, "disk", 0, random(1, (int) (8 * MIB)));
        from.createSnapshot("monday", "disk", true);
        transfer("monday", null);
        Pools.write(from, "disk", 3 * MIB, random(2, 5000));
        try (Volume disk = from.open("disk")) {
            disk.discard(4 * MIB, MIB);
        }
        from.createSnapshot("tuesday", "disk", true);
        byte[] changes = Pools.send(from, "tuesday", "monday");
        assertThat(changes).hasSizeLessThan((int) (200 * KIB));
        Pools.receive(to, changes, "tuesday");
        assertSame("tuesday");
        assertSame("monday");
        assertThat(to.find("tuesday").orElseThrow().origin()).isEqualTo("monday");
    }

    @Test
    void whatWasReceivedIsABaseUnderAnyNameAndInTheOtherDirectionToo() {
        from.createVolume("disk", 4 * MIB);
        Pools.write(from, "disk", 0, random(1, (int) MIB));
        from.createSnapshot("a", "disk", true);
        Pools.receive(to, Pools.send(from, "a", null), "other-name");
        to.createSnapshot("work", "other-name", false);
        Pools.write(to, "work", 100_000, random(2, 1000));
        to.createSnapshot("b", "work", true);
        Pools.receive(from, Pools.send(to, "b", "other-name"), "b");
        assertSame("b");
    }

    @Test
    void changesAreRefusedWhereTheirBaseIsNot() {
        from.createVolume("disk", 4 * MIB);
        from.createSnapshot("a", "disk", true);
        from.createSnapshot("b", "disk", true);
        byte[] changes = Pools.send(from, "b", "a");
        to.createVolume("a", 4 * MIB);
        assertThatThrownBy(() -> Pools.receive(to, changes, "b")).isInstanceOf(ThinRequestException.class)
                .hasMessageContaining("since 'a'");
        assertThat(to.volumes()).extracting(NamedVolume::name).containsExactly("a");
        assertThat(to.unfinished()).isEmpty();
    }

    @Test
    void aSnapshotOfAnotherSizeIsNoBaseAnyMore() {
        from.createVolume("disk", 4 * MIB);
        from.createSnapshot("a", "disk", true);
        from.createSnapshot("b", "disk", true);
        transfer("a", null);
        to.resize("a", 3 * MIB);
        byte[] changes = Pools.send(from, "b", "a");
        assertThatThrownBy(() -> Pools.receive(to, changes, "b")).hasMessageContaining("since 'a'");
    }

    @Test
    void onlyAReadOnlySnapshotCanBeABase() {
        from.createVolume("disk", 4 * MIB);
        from.createSnapshot("a", "disk", false);
        assertThatThrownBy(() -> Pools.send(from, "disk", "a")).hasMessageContaining("can be written to");
    }

    @Test
    void whatIsBeingSentCannotBeDeleted() {
        from.createVolume("disk", 4 * MIB);
        from.createSnapshot("a", "disk", true);
        from.createSnapshot("b", "disk", true);
        try (PoolSource _ = PoolSource.open(from, "b", "a")) {
            assertThatThrownBy(() -> from.delete("a")).isInstanceOf(ThinRequestException.class);
            assertThatThrownBy(() -> from.delete("b")).isInstanceOf(ThinRequestException.class);
        }
        from.delete("a");
        from.delete("b");
    }

    @Test
    void anExistingVolumeIsNeverReplaced() {
        from.createVolume("disk", 4 * MIB);
        to.createVolume("disk", MIB);
        byte[] stream = Pools.send(from, "disk", null);
        assertThatThrownBy(() -> Pools.receive(to, stream, (String) null)).hasMessageContaining("already");
        assertThat(to.find("disk").orElseThrow().size()).isEqualTo(MIB);
    }

    @Test
    void aVolumeCanBeReceivedToBeWrittenTo() {
        from.createVolume("disk", 4 * MIB);
        Pools.receive(to, Pools.send(from, "disk", null), new ReceiveOptions("mine", true, false));
        NamedVolume mine = to.find("mine").orElseThrow();
        assertThat(mine.readOnly()).isFalse();
        assertThat(mine.content()).isNull();
    }

    @Test
    void aPoolWithoutRoomHasNothingOfItAfterwards() throws IOException {
        from.createVolume("disk", 60 * MIB);
        Pools.write(from, "disk", 0, random(1, (int) (40 * MIB)));
        to.createVolume("there", 40 * MIB);
        Pools.write(to, "there", 0, random(1, (int) (40 * MIB)));
        byte[] stream = Pools.send(from, "disk", null);
        long used = to.pool().status().usedDataBlocks();
        assertThatThrownBy(() -> Pools.receive(to, stream, "disk")).isInstanceOf(NoSpaceException.class);
        assertThat(to.unfinished()).isEmpty();
        assertThat(to.pool().status().usedDataBlocks()).isEqualTo(used);
    }

    @Test
    void aVolumeOnAnImageArrivesWithWhatTheImageShows() throws IOException {
        Path image = folder.resolve("image");
        Files.write(image, random(3, (int) (3 * MIB)));
        from.createVolume("disk", 4 * MIB, image.toString());
        Pools.write(from, "disk", MIB, random(4, 70_000));
        from.createSnapshot("a", "disk", true);
        transfer("a", null);
        assertSame("a");
        try (Volume disk = from.open("disk")) {
            disk.discard(MIB, MIB);
        }
        from.createSnapshot("b", "disk", true);
        transfer("b", "a");
        assertSame("b");
    }

    /** One history: writes, discards, other sizes, snapshots; every snapshot sent, whole or as changes to an earlier one. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7})
    void aHistoryOfSnapshotsArrives(int part) throws IOException {
        for (int seed = part; seed < SEEDS; seed += 8) {
            System.out.println("history of seed " + seed);
            close();
            from = Pools.create(folder.resolve("from" + seed), 128 * (1 + seed % 3));
            to = Pools.create(folder.resolve("to" + seed), 128 * (1 + seed / 3 % 3));
            history(new SplittableRandom(seed));
        }
    }

    private void history(SplittableRandom random) {
        from.createVolume("disk", 2 * MIB + 512 * random.nextInt(1000));
        List<String> sent = new ArrayList<>();
        for (int step = 0; step < STEPS; step++) {
            change(random);
            String name = "s" + step;
            from.createSnapshot(name, "disk", true);
            String since = sent.isEmpty() || random.nextInt(4) == 0 ? null : sent.get(random.nextInt(sent.size()));
            transfer(name, since);
            sent.add(name);
            assertSame(name);
        }
        sent.forEach(this::assertSame);
    }

    private void change(SplittableRandom random) {
        for (int i = random.nextInt(6); i >= 0; i--) {
            long size = from.find("disk").orElseThrow().size();
            int length = 1 + random.nextInt(200_000);
            long position = random.nextLong(size - length);
            try (Volume disk = from.open("disk")) {
                switch (random.nextInt(4)) {
                case 0 -> disk.discard(position, length);
                case 1 -> disk.zero(position, length);
                default -> Pools.write(from, "disk", position, random(random.nextLong(), length));
                }
            }
        }
        if (random.nextInt(3) == 0) {
            from.resize("disk", MIB + 512 * random.nextInt(6000));
        }
    }

    @Test
    void thePoolsAreSoundAfterwards() {
        from.createVolume("disk", 4 * MIB);
        transfer("disk", null);
        from.close();
        to.close();
        for (String pool : List.of("from", "to")) {
            try (FileDevice metadata = FileDevice.open(folder.resolve(pool).resolve("metadata"), Access.READ_ONLY);
                    MetadataFile file = new MetadataFile(metadata)) {
                assertThat(ThinCheck.check(file, ThinCheck.Options.FULL,
                        new Quiet()).count()).isZero();
            }
        }
    }

    private static final class Quiet implements Report {
        @Override
        public void stage(String title) {
            // only the findings count
        }

        @Override
        public void result(String line) {
            // only the findings count
        }

        @Override
        public void problem(String line) {
            System.out.println(line);
        }
    }
}
