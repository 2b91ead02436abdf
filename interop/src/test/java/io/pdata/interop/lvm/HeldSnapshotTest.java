package io.pdata.interop.lvm;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.replication.ImageOptions;
import io.pdata.replication.ImageSource;
import io.pdata.replication.Progress;
import io.pdata.replication.ReceiveOptions;
import io.pdata.replication.Receiver;
import io.pdata.replication.Sender;
import io.pdata.testkit.KernelLab;
import io.pdata.testkit.Outcome;
import io.pdata.thin.pool.NamedPool;
import io.pdata.thin.pool.PoolEvents;
import io.pdata.thin.pool.PoolOptions;
import io.pdata.thin.pool.Volume;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Volumes are copied out of a pool that a kernel has active, in the guest, by way of its held metadata snapshot; what the
 * program reads is what the kernel reads, and changes sent there are received here.
 */
@Order(2)
class HeldSnapshotTest {
    private static final long MIB = 1 << 20;
    private static final long VOLUME = 4 * MIB;

    @TempDir
    Path folder;

    @Test
    void whatIsReadOfAnActivePoolIsWhatTheKernelReads() throws IOException {
        Path programs = Guest.programs(folder);
        Path metadata = Guest.disk(folder, "metadata", 4 * MIB);
        Path data = Guest.disk(folder, "data", 64 * MIB);
        Path stream = Guest.disk(folder, "stream", 16 * MIB);

        Outcome outcome = KernelLab.run(Guest.script("held-snapshot.sh"), programs, metadata, data, stream).succeeded();

        Map<String, String> sums = sums(outcome, "sum");
        assertThat(sums).as(outcome.output()).containsOnlyKeys("1", "2", "3");
        assertThat(sums.values()).doesNotHaveDuplicates();
        assertThat(sums(outcome, "extract")).as(outcome.output()).isEqualTo(Map.of("3", sums.get("3")));
        try (NamedPool pool = NamedPool.create(folder.resolve("pool"),
                new NamedPool.Geometry(64 * MIB, 4 * MIB, 128), PoolOptions.defaults(), PoolEvents.NONE)) {
            receive(pool, new ByteArrayInputStream(sent(metadata, data)), "first");
            assertThat(sum(pool, "first")).isEqualTo(sums.get("1"));
            try (InputStream changes = new BufferedInputStream(Files.newInputStream(stream))) {
                receive(pool, changes, "second");
            }
            assertThat(sum(pool, "second")).isEqualTo(sums.get("2"));
        }
    }

    private static Map<String, String> sums(Outcome outcome, String kind) {
        return outcome.lines(kind).stream().map(line -> line.split(" "))
                .collect(Collectors.toMap(words -> words[0], words -> words[1]));
    }

    /** The guest has ended with the pool active and a snapshot held. */
    private static byte[] sent(Path metadata, Path data) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (ImageSource source = ImageSource.open(metadata, data, 1, -1,
                new ImageOptions(true, true, VOLUME, null))) {
            Sender.send(source, null, true, out, Progress.NONE);
        }
        return out.toByteArray();
    }

    private static void receive(NamedPool pool, InputStream stream, String name) {
        new Receiver(pool).receive(stream, new ReceiveOptions(name, false, false), Progress.NONE);
    }

    private static String sum(NamedPool pool, String name) {
        byte[] bytes = new byte[(int) VOLUME];
        try (Volume volume = pool.open(name)) {
            volume.read(0, MemorySegment.ofArray(bytes));
            return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
