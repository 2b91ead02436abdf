package io.pdata.replication;

import static io.pdata.replication.Pools.KIB;
import static io.pdata.replication.Pools.MIB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.pdata.core.device.PersistentDataException;
import io.pdata.thin.pool.NamedPool;
import io.pdata.thin.pool.NamedVolume;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A stream that is not whole and as it was sent is refused, and nothing of it stays; or it goes on where it broke. */
class BrokenStreamTest {
    private static final long SIZE = 4 * MIB;

    @TempDir
    Path folder;

    private NamedPool from;
    private NamedPool to;
    private byte[] stream;

    @BeforeEach
    void create() throws IOException {
        from = Pools.create(folder.resolve("from"), 128);
        to = Pools.create(folder.resolve("to"), 128);
        from.createVolume("disk", SIZE);
        SplittableRandom random = new SplittableRandom(5);
        for (int i = 0; i < 6; i++) {
            byte[] bytes = new byte[(int) (100 * KIB)];
            random.nextBytes(bytes);
            Arrays.fill(bytes, 0, 50_000, (byte) i);
            Pools.write(from, "disk", i * 600 * KIB, bytes);
        }
        from.createSnapshot("a", "disk", true);
        Pools.write(from, "disk", 0, new byte[(int) (64 * KIB)]);
        Pools.write(from, "disk", 64 * KIB, new byte[]{1, 2, 3});
        from.createSnapshot("b", "disk", true);
        stream = Pools.send(from, "a", null);
    }

    @AfterEach
    void close() {
        from.close();
        to.close();
    }

    /** Where the frames of a stream begin, and where the last one ends. */
    private static List<Integer> frames(byte[] stream) {
        List<Integer> frames = new ArrayList<>();
        int at = 0;
        while (at < stream.length) {
            frames.add(at);
            at += Frame.HEADER + ByteBuffer.wrap(stream).order(ByteOrder.LITTLE_ENDIAN).getInt(at + Frame.WIRE_LENGTH);
        }
        frames.add(at);
        return frames;
    }

    private void assertRefused(byte[] broken, String how) {
        long used = to.pool().status().usedDataBlocks();
        List<NamedVolume> before = to.volumes();
        Throwable thrown = catchThrowable(() -> Pools.receive(to, broken, "copy"));
        assertThat(thrown).as(how).isInstanceOf(PersistentDataException.class);
        assertThat(to.volumes()).as(how).isEqualTo(before);
        assertThat(to.unfinished()).as(how).isEmpty();
        assertThat(to.pool().status().usedDataBlocks()).as(how).isEqualTo(used);
    }

    @Test
    void aStreamThatEndsEarlyIsRefused() {
        List<Integer> frames = frames(stream);
        assertThat(frames).hasSizeGreaterThan(8);
        for (int i = 0; i + 1 < frames.size(); i++) {
            int begin = frames.get(i);
            for (int cut : new int[]{begin, begin + 1, begin + Frame.HEADER, frames.get(i + 1) - 1}) {
                assertRefused(Arrays.copyOf(stream, cut), "cut at " + cut + " in frame " + i);
            }
        }
    }

    @Test
    void aFlippedBitInAnyPartOfAnyFrameIsFound() {
        List<Integer> frames = frames(stream);
        SplittableRandom random = new SplittableRandom(7);
        for (int i = 0; i + 1 < frames.size(); i++) {
            int begin = frames.get(i);
            int length = frames.get(i + 1) - begin;
            List<Integer> places = new ArrayList<>();
            for (int at = 0; at < Frame.HEADER; at++) {
                places.add(at);
            }
            places.add(Frame.HEADER);
            places.add(length - 1);
            places.add(random.nextInt(Frame.HEADER, length));
            for (int at : places) {
                byte[] flipped = stream.clone();
                flipped[begin + at] ^= (byte) (1 << random.nextInt(8));
                assertRefused(flipped, "bit in byte " + at + " of frame " + i);
            }
        }
    }

    @Test
    void framesThatAreMissingTwiceThereOrInAnotherOrderAreFound() {
        List<Integer> frames = frames(stream);
        for (int i = 0; i + 2 < frames.size(); i++) {
            byte[] first = Arrays.copyOfRange(stream, frames.get(i), frames.get(i + 1));
            byte[] second = Arrays.copyOfRange(stream, frames.get(i + 1), frames.get(i + 2));
            byte[] head = Arrays.copyOf(stream, frames.get(i));
            byte[] tail = Arrays.copyOfRange(stream, frames.get(i + 2), stream.length);
            assertRefused(joined(head, second, tail), "without frame " + i);
            assertRefused(joined(head, first, first, second, tail), "frame " + i + " twice");
            assertRefused(joined(head, second, first, tail), "frames " + i + " and the next exchanged");
        }
    }

    private static byte[] joined(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    /** A stream with all checksums right, whatever it says. */
    private static byte[] forged(SentVolume volume, Consumer<StreamWriter> records) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        StreamWriter writer = new StreamWriter(out, new Header(volume, 0, Digest.START, 0), true);
        records.accept(writer);
        writer.end();
        return out.toByteArray();
    }

    private static SentVolume sent(long size) {
        return new SentVolume("x", size, UUID.randomUUID(), "", null);
    }

    @Test
    void recordsThatCannotBeAreRefused() {
        assertRefused(forged(sent(SIZE), writer -> {
            writer.data(MIB, 512);
            writer.data(MIB + 511, 512);
        }), "overlapping");
        assertRefused(forged(sent(SIZE), writer -> {
            writer.data(MIB, 512);
            writer.data(0, 512);
        }), "backwards");
        assertRefused(forged(sent(SIZE), writer -> writer.data(SIZE - 511, 512)), "beyond the end");
        assertRefused(forged(sent(SIZE), writer -> writer.data(-512, 512)), "before the beginning");
        assertRefused(forged(sent(SIZE), writer -> writer.hole(512, Long.MAX_VALUE)), "far beyond the end");
        assertRefused(forged(sent(SIZE), writer -> writer.hole(512, -1)), "less than nothing");
        assertRefused(forged(sent(SIZE), writer -> writer.data(0, 0)), "nothing");
        assertRefused(forged(sent(SIZE), writer -> writer.failed("disk on fire")), "given up");
        assertRefused(forged(sent(-512), _ -> {}), "negative size");
        assertRefused(forged(sent(1000), _ -> {}), "a size that is no multiple of 512");
        assertRefused(forged(sent(SentVolume.MAX_SIZE), _ -> {}), "a size that no pool can have");
        assertRefused(new byte[100], "zeroes");
        assertRefused(new byte[0], "nothing at all");
    }

    @Test
    void aNameThatIsNoneIsRefused() {
        byte[] named = forged(new SentVolume("../../x", SIZE, UUID.randomUUID(), "", null), _ -> {});
        assertThatThrownBy(() -> Pools.receive(to, named, (String) null)).hasMessageContaining("is no name");
    }

    @Test
    void changesToSomethingElseThatHasTheNameOfTheContentAreRefused() {
        UUID content = from.find("a").orElseThrow().content();
        Pools.receive(to, forged(new SentVolume("a", SIZE, content, "", null), writer -> writer.data(0, 512)), "a");
        byte[] changes = Pools.send(from, "b", "a");
        assertThatThrownBy(() -> Pools.receive(to, changes, "b")).isInstanceOf(TransferException.class)
                .hasMessageContaining("holds something else");
        assertThat(to.find("b")).isEmpty();
        assertThat(to.unfinished()).isEmpty();
    }

    @Test
    void samplesOfABaseThatCannotBeAreRefused() {
        Pools.receive(to, stream, "a");
        UUID base = from.find("a").orElseThrow().content();
        SentVolume changes = new SentVolume("x", SIZE, UUID.randomUUID(), "a", base);
        byte[] digest = new byte[BaseSample.DIGEST_BYTES];
        for (BaseSample bad : List.of(new BaseSample(-1, 512, digest), new BaseSample(SIZE - 1, 512, digest),
                new BaseSample(0, 0, digest), new BaseSample(0, Integer.MAX_VALUE, digest),
                new BaseSample(Long.MAX_VALUE, 512, digest))) {
            assertRefused(forged(changes, writer -> writer.base(bad)), bad.toString());
        }
        BaseSample right = BaseSample.of(0, Arrays.copyOf(Pools.content(to, "a"), 512));
        assertRefused(forged(sent(SIZE), writer -> writer.base(right)), "of a whole volume");
        assertRefused(forged(changes, writer -> {
            writer.data(0, 512);
            writer.base(right);
        }), "after data");
        Pools.receive(to, forged(changes, writer -> writer.base(right)), "x");
    }

    @Test
    void whySenderGaveUpIsSaid() {
        byte[] given = forged(sent(SIZE), writer -> writer.failed("disk on fire"));
        assertThatThrownBy(() -> Pools.receive(to, given, "copy")).hasMessageContaining("disk on fire");
    }

    @Test
    void changesThatBreakLeaveTheirBaseAsItWas() {
        Pools.receive(to, stream, "a");
        byte[] changes = Pools.send(from, "b", "a");
        List<Integer> frames = frames(changes);
        assertRefused(Arrays.copyOf(changes, frames.get(frames.size() - 2)), "without its end");
        assertThat(Pools.content(to, "a")).isEqualTo(Pools.content(from, "a"));
    }

    private String tokenOf(byte[] cut) {
        assertThatThrownBy(() -> Pools.receive(to, cut, new ReceiveOptions("a", false, true)))
                .hasMessageContaining("--resume ");
        return to.unfinished().getFirst().receipt();
    }

    @Test
    void aStreamGoesOnWhereItBrokeWhereverThatIs() {
        List<Integer> frames = frames(stream);
        for (int i = 1; i + 1 < frames.size(); i++) {
            String token = tokenOf(Arrays.copyOf(stream, frames.get(i) + 5));
            assertThat(to.volumes()).isEmpty();
            byte[] rest = Pools.send(from, "a", null, ResumeToken.parse(token));
            assertThat(rest.length).isLessThanOrEqualTo(stream.length);
            Pools.receive(to, rest, new ReceiveOptions("a", false, true));
            assertThat(Pools.content(to, "a")).as("broken in frame %d", i).isEqualTo(Pools.content(from, "a"));
            to.delete("a");
        }
    }

    @Test
    void aStreamThatBreaksAgainAndAgainArrives() {
        byte[] rest = stream;
        for (int i = 0; i < 5; i++) {
            List<Integer> frames = frames(rest);
            String token = tokenOf(Arrays.copyOf(rest, frames.get(2) + 3));
            rest = Pools.send(from, "a", null, ResumeToken.parse(token));
        }
        Pools.receive(to, rest, new ReceiveOptions("a", false, true));
        assertThat(Pools.content(to, "a")).isEqualTo(Pools.content(from, "a"));
        assertThat(to.find("a").orElseThrow().content()).isEqualTo(from.find("a").orElseThrow().content());
    }

    @Test
    void nothingElseGoesOnWhereAStreamBroke() {
        String token = tokenOf(Arrays.copyOf(stream, frames(stream).get(3)));
        assertThatThrownBy(() -> Pools.send(from, "b", null, ResumeToken.parse(token)))
                .hasMessageContaining("another volume");
        String other = tokenOf2(Arrays.copyOf(stream, frames(stream).get(2)));
        byte[] rest = Pools.send(from, "a", null, ResumeToken.parse(other));
        assertThatThrownBy(() -> Pools.receive(to, rest, new ReceiveOptions("a", false, true)))
                .hasMessageContaining("nothing here waits for that");
        assertThat(to.unfinished()).extracting(NamedVolume::receipt).containsExactly(token);
    }

    /** The token of a stream that breaks in another pool. */
    private String tokenOf2(byte[] cut) {
        try (NamedPool third = Pools.create(folder.resolve("third"), 128)) {
            assertThatThrownBy(() -> Pools.receive(third, cut, new ReceiveOptions("a", false, true)))
                    .isInstanceOf(TransferException.class);
            return third.unfinished().getFirst().receipt();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aTokenThatWasCopiedWronglyIsNone() {
        String token = tokenOf(Arrays.copyOf(stream, frames(stream).get(3)));
        for (String wrong : List.of("", "pds1.", token.substring(1), token.substring(0, token.length() - 1),
                token + "A",
                token.replace('A', 'B'))) {
            assertThatThrownBy(() -> ResumeToken.parse(wrong)).isInstanceOf(TransferException.class);
        }
        assertThat(ResumeToken.parse(token).text()).isEqualTo(token);
    }

    /** Stands for the end of the process. */
    private static final class Killed extends Error {
        private static final long serialVersionUID = 1L;
    }

    private static InputStream killing(byte[] stream, int at) {
        return new InputStream() {
            private final InputStream in = new ByteArrayInputStream(stream, 0, at);

            @Override
            public int read() {
                throw new AssertionError("one byte at a time");
            }

            @Override
            public int read(byte[] target, int offset, int length) throws IOException {
                int n = in.read(target, offset, length);
                if (n <= 0 && length > 0) {
                    throw new Killed();
                }
                return n;
            }
        };
    }

    @Test
    void aVolumeIsReceivedByOneStreamAtATime() {
        Receiver receiver = new Receiver(to);
        InputStream twice = new ByteArrayInputStream(stream) {
            @Override
            public synchronized int read(byte[] target, int offset, int length) {
                if (pos > stream.length / 2) {
                    assertThatThrownBy(() -> receiver.receive(new ByteArrayInputStream(stream),
                            new ReceiveOptions("a", false, false), Progress.NONE)).hasMessageContaining("just being");
                }
                return super.read(target, offset, length);
            }
        };
        receiver.receive(twice, new ReceiveOptions("a", false, false), Progress.NONE);
        assertThat(to.find("a")).isPresent();
    }

    private void reopen() {
        to.close();
        to = Pools.open(folder.resolve("to"));
    }

    @Test
    void aReceiverThatIsKilledLeavesNothing() {
        long used = to.pool().status().usedDataBlocks();
        int cut = frames(stream).get(5);
        assertThatThrownBy(() -> new Receiver(to).receive(killing(stream, cut),
                new ReceiveOptions("a", false, false), Progress.NONE)).isInstanceOf(Killed.class);
        assertThat(to.pool().status().usedDataBlocks()).isGreaterThan(used);
        reopen();
        assertThat(to.unfinished()).isEmpty();
        assertThat(to.pool().status().usedDataBlocks()).isEqualTo(used);
    }

    @Test
    void aReceiverThatIsKilledGoesOnFromWhatItNotedIfAskedTo() {
        int cut = frames(stream).get(6);
        assertThatThrownBy(() -> new Receiver(to, 100 * KIB).receive(killing(stream, cut),
                new ReceiveOptions("a", false, true), Progress.NONE)).isInstanceOf(Killed.class);
        reopen();
        ResumeToken token = ResumeToken.parse(to.unfinished().getFirst().receipt());
        assertThat(token.position()).isPositive();
        Pools.receive(to, Pools.send(from, "a", null, token), new ReceiveOptions("a", false, true));
        assertThat(Pools.content(to, "a")).isEqualTo(Pools.content(from, "a"));
    }
}
