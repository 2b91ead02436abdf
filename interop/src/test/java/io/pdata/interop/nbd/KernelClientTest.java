package io.pdata.interop.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.nbd.Limits;
import io.pdata.nbd.NbdServer;
import io.pdata.server.PoolExports;
import io.pdata.testkit.KernelLab;
import io.pdata.testkit.NbdClients;
import io.pdata.testkit.Outcome;
import io.pdata.testkit.PeerTools;
import io.pdata.thin.pool.NamedPool;
import io.pdata.thin.pool.PoolEvents;
import io.pdata.thin.pool.PoolOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Linux's own NBD client, and Linux's file systems on volumes of a pool: made, filled, trimmed, unmounted and checked in one
 * guest; what was snapshot under way, and what was left in the end, judged by a second guest.
 */
@Order(2)
class KernelClientTest {
    private static final long MIB = 1 << 20;
    /** The smallest that mkfs.xfs makes, and some. */
    private static final long VOLUME = 320 * MIB;
    private static final int BLOCK_SECTORS = 128;
    private static final long FILE_BLOCKS = 48;
    /** At the ends of files and of what is freed there are blocks that hold something else too. */
    private static final long RAGGED = 12;

    private static final String CONNECT = """
            set -e
            modprobe nbd
            connect() { # EXPORT DEVICE
              nbd-client 10.0.2.2 PORT /dev/$2 -N $1 -timeout 60 >/dev/null
            }
            verify() { # DIRECTORY LIST: the files in it are as the list says
              (cd $1 && md5sum -c -s $2)
            }
            """;

    /** Half-way, with some files safe on the disk, the guest writes to a volume of its own: the sign for the snapshot. */
    private static final String FILL = CONNECT + """
            connect ext4 nbd0
            connect xfs nbd1
            connect sign nbd2
            mkfs.ext4 -q /dev/nbd0
            mkfs.xfs -q /dev/nbd1
            mkdir -p /mnt/nbd0 /mnt/nbd1
            modprobe ext4; modprobe xfs
            mount -t ext4 /dev/nbd0 /mnt/nbd0
            mount -t xfs /dev/nbd1 /mnt/nbd1
            fill() { # DIRECTORY NUMBER...
              for i in $2; do dd if=/dev/urandom of=$1/d/file$i bs=64k count=48 2>/dev/null; done
            }
            for fs in /mnt/nbd0 /mnt/nbd1; do
              mkdir $fs/d
              fill $fs "1 2 3 4"
              (cd $fs && md5sum d/* >early)
              sync
              dd if=/dev/urandom of=/dev/nbd2 bs=4k count=1 conv=fsync 2>/dev/null
              fill $fs "5 6 7 8"
              (cd $fs && md5sum d/file[134678] >sums)
              umount $fs
            done
            mount -t ext4 /dev/nbd0 /mnt/nbd0; verify /mnt/nbd0 sums; umount /mnt/nbd0
            mount -t xfs /dev/nbd1 /mnt/nbd1; verify /mnt/nbd1 sums; umount /mnt/nbd1
            e2fsck -fn /dev/nbd0 >/tmp/log 2>&1 || { cat /tmp/log; exit 1; }
            xfs_repair -n /dev/nbd1 >/tmp/log 2>&1 || { cat /tmp/log; exit 1; }
            for n in 0 1 2; do nbd-client -d /dev/nbd$n >/dev/null; done
            """;

    private static final String TRIM = CONNECT + """
            connect ext4 nbd0
            connect xfs nbd1
            mkdir -p /mnt/nbd0 /mnt/nbd1
            modprobe ext4; modprobe xfs
            trim() { # TYPE DEVICE: mounted again in between, because XFS frees what is deleted when it gets round to it
              mount -t $1 /dev/$2 /mnt/$2; rm /mnt/$2/d/file2 /mnt/$2/d/file5; umount /mnt/$2
              mount -t $1 /dev/$2 /mnt/$2; fstrim /mnt/$2; verify /mnt/$2 sums; umount /mnt/$2
            }
            trim ext4 nbd0
            trim xfs nbd1
            for n in 0 1; do nbd-client -d /dev/nbd$n >/dev/null; done
            """;

    /** A file system that was snapshot while it was written to is as after a power cut: mounting repairs it. */
    private static final String JUDGE = CONNECT + """
            connect ext4 nbd0
            connect xfs nbd1
            connect during nbd2
            mkdir -p /mnt/nbd0 /mnt/nbd1 /mnt/nbd2
            modprobe ext4; modprobe xfs
            mount -t ext4 /dev/nbd2 /mnt/nbd2
            verify /mnt/nbd2 early
            umount /mnt/nbd2
            e2fsck -fn /dev/nbd2 >/tmp/log 2>&1 || { cat /tmp/log; exit 1; }
            mount -t ext4 -o ro /dev/nbd0 /mnt/nbd0; verify /mnt/nbd0 sums; umount /mnt/nbd0
            mount -t xfs -o ro /dev/nbd1 /mnt/nbd1; verify /mnt/nbd1 sums; umount /mnt/nbd1
            """;

    @TempDir
    Path folder;

    private final List<String> complaints = new CopyOnWriteArrayList<>();

    @Test
    void fileSystemsOfTheKernelAreWholeOnVolumesAndOnSnapshotsTakenWhileTheyAreWrittenTo() throws Exception {
        KernelLab.need();
        PeerTools.need();
        Path pool = folder.resolve("pool");
        try (NamedPool made = NamedPool.create(pool, new NamedPool.Geometry(1024 * MIB, 16 * MIB, BLOCK_SECTORS),
                PoolOptions.defaults(), PoolEvents.NONE)) {
            made.createVolume("ext4", VOLUME);
            made.createVolume("xfs", VOLUME);
            long sign = made.createVolume("sign", MIB).id();
            AtomicBoolean over = new AtomicBoolean();
            CompletableFuture<Boolean> snapshot = CompletableFuture.supplyAsync(() -> snapshotAtSign(made, sign, over));
            inGuest(made, FILL);
            over.set(true);
            assertThat(snapshot.get(10, TimeUnit.SECONDS)).as("a snapshot was made half-way").isTrue();
        }
        check(pool);
        try (NamedPool trimmed = NamedPool.open(pool, PoolOptions.defaults(), PoolEvents.NONE)) {
            trimmingGivesSpaceBack(trimmed, pool.resolve("data"));
        }
        check(pool);
        try (NamedPool again = NamedPool.open(pool, PoolOptions.defaults(), PoolEvents.NONE)) {
            inGuest(again, JUDGE);
        }
        check(pool);
        assertThat(complaints).isEmpty();
    }

    /** Two files of {@value #FILE_BLOCKS} blocks are deleted in each; the snapshot still has one of them. */
    private void trimmingGivesSpaceBack(NamedPool pool, Path data) throws IOException {
        long ext4 = mapped(pool, "ext4");
        long xfs = mapped(pool, "xfs");
        long used = pool.pool().status().usedDataBlocks();
        long stored = stored(data);
        inGuest(pool, TRIM);
        assertThat(ext4 - mapped(pool, "ext4")).as("unmapped by ext4").isGreaterThan(2 * FILE_BLOCKS - RAGGED);
        assertThat(xfs - mapped(pool, "xfs")).as("unmapped by xfs").isGreaterThan(2 * FILE_BLOCKS - RAGGED);
        assertThat(used - pool.pool().status().usedDataBlocks()).as("free again")
                .isGreaterThan(3 * FILE_BLOCKS - 2 * RAGGED);
        assertThat(stored - stored(data)).as("bytes that the data file has given back")
                .isGreaterThan((3 * FILE_BLOCKS - 2 * RAGGED) * BLOCK_SECTORS * 512L);
    }

    private static long mapped(NamedPool pool, String name) {
        return pool.pool().details(pool.find(name).orElseThrow().id()).mappedBlocks();
    }

    /** The bytes that a sparse file takes up. */
    private static long stored(Path file) {
        String blocks = NbdClients.run("stat", "-c", "%b", file).succeeded().output().strip();
        return Long.parseLong(blocks) * 512;
    }

    private static boolean snapshotAtSign(NamedPool pool, long sign, AtomicBoolean over) {
        while (pool.pool().details(sign).mappedBlocks() == 0) {
            if (over.get()) {
                return false;
            }
            LockSupport.parkNanos(1_000_000);
        }
        pool.createSnapshot("during", "ext4", false);
        return true;
    }

    private void inGuest(NamedPool pool, String script) throws IOException {
        try (NbdServer server = new NbdServer(new PoolExports(pool), Limits.defaults(), complaints::add)) {
            int port = server.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)).getPort();
            Outcome outcome = KernelLab.run(script.replace("PORT", Integer.toString(port)));
            assertThat(outcome.status()).as(outcome.output()).isZero();
        }
    }

    private static void check(Path pool) {
        for (String version : PeerTools.VERSIONS) {
            Outcome outcome = PeerTools.run(version, "thin_check", pool.resolve("metadata"));
            assertThat(outcome.status()).as("thin_check %s: %s", version, outcome.output()).isZero();
        }
    }
}
