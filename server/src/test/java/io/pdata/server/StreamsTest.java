package io.pdata.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.pdata.core.device.PersistentDataException;
import io.pdata.nbd.Limits;
import io.pdata.replication.Progress;
import io.pdata.replication.ReceiveOptions;
import io.pdata.replication.TransferException;
import io.pdata.thin.pool.NamedPool;
import io.pdata.thin.pool.PoolEvents;
import io.pdata.thin.pool.PoolOptions;
import io.pdata.thin.pool.Volume;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Volumes are sent and received alike, whether the pool is open here or in a server. */
class StreamsTest {
    private static final long MIB = 1 << 20;
    private static final ReceiveOptions AS_IT_WAS = new ReceiveOptions(null, false, false);

    @TempDir
    Path temporary;

    private NamedPool named;
    private PoolServer server;
    private PoolService pool;
    private final BlockingQueue<String> log = new LinkedBlockingQueue<>();

    private void open(boolean remote) throws IOException {
        PoolFolder folder = new PoolFolder(temporary.resolve("pool"));
        named = NamedPool.create(folder.path(), new NamedPool.Geometry(64 * MIB, 4 * MIB, 128),
                PoolOptions.defaults().withErrorIfNoSpace(true), PoolEvents.NONE);
        if (remote) {
            server = PoolServer.start(folder, named, List.of(new ListenAddress.Unix(folder.nbdSocket())),
                    Limits.defaults(), log::add);
        }
        pool = connect();
        pool.createVolume("disk", 8 * MIB, "");
        byte[] bytes = new byte[(int) (4 * MIB)];
        new SplittableRandom(1).nextBytes(bytes);
        try (Volume disk = named.open("disk")) {
            disk.write(12345, MemorySegment.ofArray(bytes));
        }
        pool.createSnapshot("a", "disk", true);
    }

    private PoolService connect() throws IOException {
        return server == null
                ? new LocalPool(named)
                : new PoolFolder(temporary.resolve("pool")).connect().orElseThrow();
    }

    @AfterEach
    void close() throws IOException {
        if (server != null) {
            server.close();
        } else {
            named.close();
        }
    }

    private byte[] sent(String name, String since) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        pool.send(new SendRequest(name, since, null, true), out, Progress.NONE);
        reconnect();
        return out.toByteArray();
    }

    /** A stream ends its connection. */
    private void reconnect() {
        if (server != null) {
            pool.close();
            try {
                pool = connect();
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }
    }

    private byte[] content(String name) {
        try (Volume volume = named.open(name)) {
            byte[] bytes = new byte[(int) volume.size()];
            volume.read(0, MemorySegment.ofArray(bytes));
            return bytes;
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aStreamComesBackAsAVolume(boolean remote) throws IOException {
        open(remote);
        byte[] stream = sent("a", null);
        Answer answer = pool.receive(new ReceiveOptions("copy", false, false), new ByteArrayInputStream(stream),
                Progress.NONE);
        assertThat(answer.volume().name()).isEqualTo("copy");
        assertThat(answer.stream().length()).isEqualTo(stream.length);
        assertThat(answer.stream().data()).isGreaterThanOrEqualTo(4 * MIB);
        assertThat(content("copy")).isEqualTo(content("a"));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatIsNotPossibleIsRefusedBeforeAnythingIsWritten(boolean remote) throws IOException {
        open(remote);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (SendRequest wrong : List.of(new SendRequest("none", null, null, true),
                new SendRequest("a", "disk", null, true), new SendRequest("a", null, "token", true))) {
            assertThatThrownBy(() -> pool.send(wrong, out, Progress.NONE)).isInstanceOf(PersistentDataException.class);
            reconnect();
        }
        assertThat(out.size()).isZero();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aVolumeThatIsThereIsNotReplaced(boolean remote) throws IOException {
        open(remote);
        byte[] stream = sent("a", null);
        assertThatThrownBy(() -> pool.receive(AS_IT_WAS, new ByteArrayInputStream(stream), Progress.NONE))
                .hasMessageContaining("already");
        reconnect();
        assertThat(pool.unfinished()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatHasComeOfABrokenStreamIsKeptIfAskedFor(boolean remote) throws IOException {
        open(remote);
        byte[] stream = sent("a", null);
        InputStream half = new ByteArrayInputStream(Arrays.copyOf(stream, stream.length / 2));
        assertThatThrownBy(() -> pool.receive(new ReceiveOptions("copy", false, true), half, Progress.NONE))
                .hasMessageContaining("--resume");
        reconnect();
        UnfinishedReport unfinished = pool.unfinished().getFirst();
        assertThat(unfinished.received()).isBetween(MIB, 4 * MIB);
        ByteArrayOutputStream rest = new ByteArrayOutputStream();
        pool.send(new SendRequest("a", null, unfinished.token(), true), rest, Progress.NONE);
        reconnect();
        assertThat(rest.size()).isLessThan(stream.length);
        pool.receive(new ReceiveOptions("copy", false, true), new ByteArrayInputStream(rest.toByteArray()),
                Progress.NONE);
        assertThat(content("copy")).isEqualTo(content("a"));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatIsKeptCanBeGivenUp(boolean remote) throws IOException {
        open(remote);
        byte[] stream = sent("a", null);
        assertThatThrownBy(() -> pool.receive(new ReceiveOptions("copy", false, true),
                new ByteArrayInputStream(stream, 0, stream.length / 2), Progress.NONE))
                .isInstanceOf(PersistentDataException.class);
        reconnect();
        assertThat(pool.unfinished()).extracting(UnfinishedReport::name, UnfinishedReport::size)
                .containsExactly(tuple("copy", 8 * MIB));
        pool.discardUnfinished("copy");
        assertThat(pool.unfinished()).isEmpty();
        assertThat(pool.volumes()).extracting(VolumeReport::name).containsExactly("a", "disk");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aReceiverThatGoesAwayLeavesTheSenderAsItWas(boolean remote) throws IOException {
        open(remote);
        OutputStream closed = new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("Broken pipe");
            }
        };
        assertThatThrownBy(() -> pool.send(new SendRequest("disk", null, null, false), closed, Progress.NONE))
                .isInstanceOfSatisfying(TransferException.class, e -> assertThat(e.isBrokenPipe()).isTrue());
        reconnect();
        assertThat(pool.volumes()).extracting(VolumeReport::name).containsExactly("a", "disk");
    }

    @Test
    void aServerThatEndsDoesNotWaitForStreams() throws IOException {
        open(true);
        ByteArrayOutputStream out = new ByteArrayOutputStream() {
            @Override
            public synchronized void write(byte[] bytes, int offset, int length) {
                super.write(bytes, offset, length);
                closeServer();
            }
        };
        assertThatThrownBy(() -> pool.send(new SendRequest("a", null, null, false), out, Progress.NONE))
                .isInstanceOf(TransferException.class);
    }

    private void closeServer() {
        try {
            server.close();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
