package io.pdata.interop.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.groups.Tuple.tuple;

import io.pdata.core.device.DeviceBusyException;
import io.pdata.core.device.DeviceException;
import io.pdata.core.device.FileDevice;
import io.pdata.core.device.FileDevice.Access;
import io.pdata.testkit.KernelLab;
import io.pdata.testkit.LoopDevice;
import io.pdata.testkit.Outcome;
import io.pdata.testkit.PeerTools;
import io.pdata.thin.pool.NamedPool;
import io.pdata.thin.pool.NamedVolume;
import io.pdata.thin.pool.PoolEvents;
import io.pdata.thin.pool.PoolOptions;
import io.pdata.thin.pool.Volume;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * A pool that dmsetup has made on two block devices is taken over through a folder of links to them - links to links, as LVM
 * has in /dev/vg -, is used, and goes back to the kernel.
 */
@Isolated("a process that is being started elsewhere keeps devices claimed")
class BlockDevicePoolTest {
    private static final int BLOCK = 64 << 10;
    private static final long DATA_BLOCKS = 400;
    private static final long VOLUME_BYTES = 100L * BLOCK;

    private static final String TABLES = """
            set -e
            dmsetup create pool --table '0 %d thin-pool /dev/vdb /dev/vdc 128 0'
            sum() { echo "sum $1 $(dd if=/dev/mapper/v$1 bs=64k 2>/dev/null | md5sum)"; }
            volume() { dmsetup create v$1 --table "0 %d thin /dev/mapper/pool $1"; }
            write() { dd if=/dev/urandom of=/dev/mapper/v$1 bs=64k seek=$2 count=$3 oflag=direct 2>/dev/null; }
            end() { for v in $*; do dmsetup remove v$v; done; dmsetup remove pool; }
            """.formatted(DATA_BLOCKS * 128, VOLUME_BYTES / 512);

    /** As LVM numbers them: from 1 on, each change with a transaction id. */
    private static final String MAKE = TABLES + """
            dmsetup message pool 0 'create_thin 1'; volume 1
            write 1 0 50
            dmsetup suspend v1; dmsetup message pool 0 'create_snap 2 1'; dmsetup resume v1; volume 2
            write 1 10 5; write 1 99 1
            dmsetup message pool 0 'set_transaction_id 0 5'
            sum 1; sum 2
            end 1 2
            """;

    private static final String GO_ON = TABLES + """
            volume 1; volume 2
            sum 1; sum 2
            write 2 60 10
            end 1 2
            """;

    @TempDir
    Path temporary;

    @Test
    void aPoolOfTheKernelIsTakenOverUsedAndGivenBack() throws IOException {
        KernelLab.need();
        PeerTools.need();
        Path metadata = image("pool_tmeta", 4 << 20);
        Path data = image("pool_tdata", DATA_BLOCKS * BLOCK);
        Map<Long, String> theirs = sums(KernelLab.run(MAKE, metadata, data).succeeded());
        Map<Long, String> ours;
        try (LoopDevice metadataDevice = LoopDevice.of(metadata); LoopDevice dataDevice = LoopDevice.of(data)) {
            ours = use(folder(metadataDevice.path(), dataDevice.path()), theirs);
        }
        check(metadata);
        assertThat(sums(KernelLab.run(GO_ON, metadata, data).succeeded())).isEqualTo(ours);
        check(metadata);
    }

    private Path image(String name, long bytes) {
        Path image = temporary.resolve(name);
        FileDevice.create(image, bytes).close();
        return image;
    }

    private Path folder(Path metadataDevice, Path dataDevice) throws IOException {
        Path group = Files.createDirectory(temporary.resolve("vg"));
        Path folder = Files.createDirectory(temporary.resolve("pool"));
        link(folder.resolve("metadata"), link(group.resolve("pool_tmeta"), metadataDevice));
        link(folder.resolve("data"), link(group.resolve("pool_tdata"), dataDevice));
        return folder;
    }

    private static Path link(Path link, Path target) throws IOException {
        return Files.createSymbolicLink(link, target);
    }

    /** Returns what the two volumes hold in the end. */
    private Map<Long, String> use(Path folder, Map<Long, String> theirs) {
        try (NamedPool pool = open(folder)) {
            assertThat(pool.volumes()).extracting(NamedVolume::name, NamedVolume::size).containsExactly(
                    tuple("thin-1", VOLUME_BYTES),
                    tuple("thin-2", 50L * BLOCK));
            pool.resize("thin-2", VOLUME_BYTES);
            assertThat(sums(pool)).as("what the kernel has written").isEqualTo(theirs);
            assertThatThrownBy(() -> open(folder)).isInstanceOf(DeviceBusyException.class);
            assertThatThrownBy(() -> FileDevice.open(folder.resolve("data").toRealPath(), Access.READ_WRITE))
                    .as("claimed from everybody").isInstanceOf(DeviceBusyException.class);
            change(pool);
            assertThatThrownBy(() -> pool.grow(2 * DATA_BLOCKS * BLOCK, 0)).isInstanceOf(DeviceException.class)
                    .hasMessageContaining("block device");
        }
        try (NamedPool again = open(folder)) {
            return sums(again);
        }
    }

    private static NamedPool open(Path folder) {
        return NamedPool.open(folder, PoolOptions.defaults(), PoolEvents.NONE);
    }

    private static void change(NamedPool pool) {
        byte[] bytes = new byte[10 * BLOCK + 512];
        new Random(1).nextBytes(bytes);
        try (Volume volume = pool.open("thin-1"); Volume snapshot = pool.open("thin-2")) {
            volume.write(5 * BLOCK, MemorySegment.ofArray(bytes));
            volume.discard(30L * BLOCK, 10L * BLOCK);
            snapshot.write(70 * BLOCK, MemorySegment.ofArray(bytes));
            volume.flush();
        }
        pool.createSnapshot("kept", "thin-1", true);
        pool.delete("kept");
    }

    private static Map<Long, String> sums(NamedPool pool) {
        Map<Long, String> sums = new TreeMap<>();
        for (NamedVolume each : pool.volumes()) {
            try (Volume volume = pool.open(each.name())) {
                byte[] bytes = new byte[(int) VOLUME_BYTES];
                volume.read(0, MemorySegment.ofArray(bytes));
                sums.put(each.id(), HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(bytes)));
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException(e);
            }
        }
        return sums;
    }

    private static Map<Long, String> sums(Outcome outcome) {
        Map<Long, String> sums = new TreeMap<>();
        for (String line : outcome.lines("sum")) {
            String[] words = line.split(" ");
            sums.put(Long.valueOf(words[0]), words[1]);
        }
        return sums;
    }

    private static void check(Path metadata) {
        for (String version : PeerTools.VERSIONS) {
            PeerTools.run(version, "thin_check", metadata).succeeded();
        }
    }
}
