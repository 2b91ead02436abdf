package io.pdata.thin.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pdata.core.block.Bytes;
import io.pdata.core.block.CorruptionException;
import io.pdata.core.device.FileDevice;
import io.pdata.core.device.FileDevice.Access;
import io.pdata.core.store.OpenOptions;
import io.pdata.thin.ThinMetadata;
import io.pdata.thin.ThinRequestException;
import io.pdata.thin.ThinRequestException.Reason;
import io.pdata.thin.ThinView;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A damaged node of one volume is an error where it is needed, and nowhere else: not for other volumes, not for the pool. */
@Timeout(60)
class DamagedVolumesTest {
    private static final long MIB = 1 << 20;
    private static final int BLOCK = 64 << 10;
    private static final int BLOCKS = 1500;

    @TempDir
    Path folder;

    private Path home;
    private NamedPool pool;
    private final List<Long> told = new ArrayList<>();
    private final List<PoolMode> modes = new ArrayList<>();
    private final PoolEvents events = new PoolEvents() {
        @Override
        public void volumeDamaged(long volume, CorruptionException damage) {
            told.add(volume);
        }

        @Override
        public void modeChanged(PoolMode mode) {
            modes.add(mode);
        }
    };

    @BeforeEach
    void create() throws IOException {
        home = folder.resolve("pool");
        pool = NamedPool.create(home, new NamedPool.Geometry(512 * MIB, 8 * MIB, 128), options(), events);
        for (String name : List.of("good", "bad")) {
            pool.createVolume(name, 2L * BLOCKS * BLOCK);
            try (Volume volume = pool.open(name)) {
                for (int i = 0; i < BLOCKS; i++) {
                    volume.write(2L * i * BLOCK, MemorySegment.ofArray(new byte[]{(byte) (i + 1)}));
                }
                volume.flush();
            }
        }
        pool.createSnapshot("before", "bad", true);
        pool.close();
    }

    @AfterEach
    void close() {
        pool.close();
    }

    private static PoolOptions options() {
        return PoolOptions.defaults().withErrorIfNoSpace(true).withCommitPeriod(Duration.ZERO);
    }

    private void open() {
        pool = NamedPool.open(home, options(), events);
    }

    /** Blocks of nodes of a volume, in the order of a walk from its root. */
    private List<Long> nodes(long id) {
        List<Long> nodes = new ArrayList<>();
        try (FileDevice device = FileDevice.open(home.resolve("metadata"), Access.READ_ONLY);
                ThinMetadata metadata = ThinMetadata.open(device, OpenOptions.readOnly());
                ThinView view = metadata.openView()) {
            long root = view.mappingRoot(id);
            nodes.add(root);
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment node = arena.allocate(4096, 8);
                device.read(root * 4096, node);
                int entries = node.get(Bytes.U32, 16);
                int most = node.get(Bytes.U32, 20);
                for (int i = 0; i < entries; i++) {
                    nodes.add(node.get(Bytes.U64, 32 + 8L * most + 8L * i));
                }
            }
        }
        return nodes;
    }

    private long superblock(long offset) {
        try (FileDevice device = FileDevice.open(home.resolve("metadata"), Access.READ_ONLY);
                Arena arena = Arena.ofConfined()) {
            MemorySegment block = arena.allocate(4096, 8);
            device.read(0, block);
            return block.get(Bytes.U64, offset);
        }
    }

    private void damage(long block) {
        try (FileDevice device = FileDevice.open(home.resolve("metadata"), Access.READ_WRITE);
                Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocate(4096, 8);
            device.read(block * 4096, bytes);
            bytes.set(Bytes.U64, 104, ~bytes.get(Bytes.U64, 104));
            device.write(block * 4096, bytes);
        }
    }

    /** How many of the volume's written blocks can be read, and are right. */
    private int readable(String name) {
        int readable = 0;
        try (Volume volume = pool.open(name); Arena arena = Arena.ofConfined()) {
            MemorySegment target = arena.allocate(512, 8);
            for (int i = 0; i < BLOCKS; i++) {
                try {
                    volume.read(2L * i * BLOCK, target);
                    assertThat(target.get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) (i + 1));
                    readable++;
                } catch (CorruptionException e) {
                    continue;
                }
            }
        }
        return readable;
    }

    private void write(String name, long block, int value) {
        try (Volume volume = pool.open(name)) {
            volume.write(block * BLOCK, MemorySegment.ofArray(new byte[]{(byte) value}));
            volume.flush();
        }
    }

    private void othersWork() {
        assertThat(readable("good")).isEqualTo(BLOCKS);
        write("good", 0, 1);
        write("good", 1, 77);
        pool.createSnapshot("again", "good", false);
        write("again", 0, 3);
        pool.delete("again");
        assertThat(pool.pool().status().mode()).isEqualTo(PoolMode.WRITE);
        assertThat(pool.pool().status().needsCheck()).isFalse();
    }

    @Test
    void aDamagedLeafKeepsOnlyItsOwnRangeFromBeingRead() {
        List<Long> nodes = nodes(1);
        assertThat(nodes).hasSizeGreaterThan(5);
        damage(nodes.get(3));
        open();
        int left = readable("bad");
        assertThat(left).isBetween(BLOCKS / 2, BLOCKS - 50);
        assertThat(readable("before")).as("a snapshot shares the leaf").isEqualTo(left);
        assertThat(told).containsExactlyInAnyOrder(1L, 2L);
        othersWork();
    }

    @Test
    void aDamagedLastLeafOrRootDoesNotKeepThePoolFromBeingOpened() {
        List<Long> nodes = nodes(1);
        damage(nodes.getLast());
        open();
        assertThat(told).containsExactlyInAnyOrder(1L, 2L);
        assertThat(pool.find("bad").orElseThrow().size()).isEqualTo(2L * BLOCKS * BLOCK);
        assertThat(readable("bad")).isBetween(BLOCKS / 2, BLOCKS - 50);
        othersWork();
        pool.close();
        damage(nodes.getFirst());
        open();
        assertThat(readable("bad")).isZero();
        othersWork();
    }

    @Test
    void writesToADamagedRangeAreRefusedAndNothingElseIsLost() {
        damage(nodes(1).get(3));
        open();
        try (Volume good = pool.open("good"); Volume bad = pool.open("bad")) {
            good.write(BLOCK, MemorySegment.ofArray(new byte[]{5}));
            int refused = 0;
            for (int i = 0; i < 2 * BLOCKS; i++) {
                try {
                    bad.write((long) i * BLOCK, MemorySegment.ofArray(new byte[]{6}));
                } catch (CorruptionException e) {
                    refused++;
                }
            }
            assertThat(refused).isBetween(100, BLOCKS);
            assertThatThrownBy(() -> bad.discard(0, bad.size())).isInstanceOf(CorruptionException.class);
            good.flush();
            bad.flush();
            MemorySegment target = MemorySegment.ofArray(new byte[1]);
            good.read(BLOCK, target);
            assertThat(target.get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) 5);
        }
        assertThat(modes).isEmpty();
        othersWork();
    }

    @Test
    void aDamagedVolumeIsNotDeletedInPart() {
        pool = NamedPool.open(home, options(), events);
        pool.delete("before");
        pool.close();
        damage(nodes(1).get(3));
        open();
        long used = pool.pool().status().usedDataBlocks();
        assertThatThrownBy(() -> pool.delete("bad")).isInstanceOfSatisfying(ThinRequestException.class,
                e -> assertThat(e.reason()).isEqualTo(Reason.DAMAGED)).hasMessageContaining("thin_repair");
        assertThat(pool.pool().status().usedDataBlocks()).isEqualTo(used);
        assertThat(readable("bad")).isBetween(BLOCKS / 2, BLOCKS - 50);
        othersWork();
        pool.close();
        open();
        assertThat(pool.volumes()).extracting(NamedVolume::name).containsExactly("bad", "good");
    }

    @Test
    void changesOfOthersThatAreNotCommittedSurviveAChangeThatMeetsDamage() {
        damage(nodes(1).get(3));
        open();
        try (Volume good = pool.open("good"); Volume bad = pool.open("bad")) {
            for (int i = 0; i < 500; i++) {
                good.write((2L * i + 1) * BLOCK, MemorySegment.ofArray(new byte[]{(byte) i}));
            }
            // empties leaves until one has to be merged with the damaged one
            try {
                for (int i = 0; i < BLOCKS; i++) {
                    bad.discard(2L * i * BLOCK, BLOCK);
                }
            } catch (CorruptionException e) {
                assertThat(e.type()).isEqualTo("btree node");
            }
            good.flush();
            bad.flush();
            MemorySegment target = MemorySegment.ofArray(new byte[1]);
            for (int i = 0; i < 500; i++) {
                good.read((2L * i + 1) * BLOCK, target);
                assertThat(target.get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) i);
            }
        }
        assertThat(modes).isEmpty();
        assertThat(pool.pool().status().mode()).isEqualTo(PoolMode.WRITE);
    }

    @Test
    void damagedDetailsKeepVolumesFromBeingOpenedAndNotThePool() {
        damage(superblock(328));
        open();
        assertThat(pool.volumes()).extracting(NamedVolume::name).containsExactly("bad", "before", "good");
        assertThat(told).containsExactlyInAnyOrder(0L, 1L, 2L);
        assertThatThrownBy(() -> pool.open("good")).isInstanceOf(CorruptionException.class);
        assertThatThrownBy(() -> pool.createVolume("more", MIB)).isInstanceOf(ThinRequestException.class);
        assertThat(pool.pool().status().mode()).isEqualTo(PoolMode.WRITE);
    }

    @Test
    void aDamagedTopLevelIsAnErrorOfEachVolume() {
        damage(superblock(320));
        open();
        assertThat(pool.volumes()).hasSize(3);
        assertThat(readable("good")).isZero();
        assertThatThrownBy(() -> pool.createVolume("more", MIB)).isInstanceOf(ThinRequestException.class);
        assertThatThrownBy(() -> pool.delete("good")).isInstanceOf(ThinRequestException.class);
        assertThat(modes).isEmpty();
    }
}
