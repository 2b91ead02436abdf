package io.pdata.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.core.device.Device;
import io.pdata.core.device.DeviceException;
import io.pdata.core.device.MemoryDevice;
import io.pdata.core.space.NoSpaceException;
import io.pdata.testkit.Allocations;
import io.pdata.testkit.NbdScript;
import io.pdata.testkit.NbdTranscript;
import io.pdata.testkit.ScriptedChannel;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What comes of requests, right and wrong. */
class TransmissionTest {
    private static final int READ = 0;
    private static final int WRITE = 1;
    private static final int FLUSH = 3;
    private static final int TRIM = 4;
    private static final int CACHE = 5;
    private static final int ZERO = 6;
    private static final int STATUS = 7;
    private static final int FUA = 1;
    private static final int NO_HOLE = 2;
    private static final int DF = 4;
    private static final int REQ_ONE = 8;
    private static final int FAST = 16;
    private static final int MIB = 1 << 20;
    private static final int HUGE = 16 * MIB;

    private final TestExports exports = new TestExports();
    private final List<String> complaints = new CopyOnWriteArrayList<>();
    private final NbdServer server = new NbdServer(exports, Limits.defaults(), complaints::add);
    private final Watched device = new Watched();

    /** Notes what is done to it, and fails where it is told to. */
    private static class Watched implements Device {
        private final MemoryDevice device = new MemoryDevice("watched", HUGE);
        private final List<String> done = new ArrayList<>();
        private long badFrom = Long.MAX_VALUE;
        private boolean full;

        @Override
        public String name() {
            return device.name();
        }

        @Override
        public long size() {
            return HUGE;
        }

        @Override
        public boolean readOnly() {
            return false;
        }

        @Override
        public void read(long position, MemorySegment target) {
            if (position + target.byteSize() > badFrom) {
                throw new DeviceException("a bad sector");
            }
            device.read(position, target);
        }

        @Override
        public void write(long position, MemorySegment source) {
            if (full) {
                throw new NoSpaceException("data", 16, 16);
            }
            done.add("write " + position + "+" + source.byteSize());
            device.write(position, source);
        }

        @Override
        public void flush() {
            done.add("flush");
        }

        @Override
        public void discard(long position, long length) {
            done.add("discard " + position + "+" + length);
        }

        @Override
        public void zero(long position, long length) {
            done.add("zero " + position + "+" + length);
            device.zero(position, length);
        }

        @Override
        public void resize(long size, boolean reserve) {
            throw new DeviceException("no");
        }

        @Override
        public void close() {
            device.close();
        }
    }

    @BeforeEach
    void useWatchedDevice() {
        exports.devices.put("disk", device);
        byte[] content = new byte[HUGE];
        new SplittableRandom(1).nextBytes(content);
        device.device.write(0, MemorySegment.ofArray(content));
    }

    @AfterEach
    void end() throws IOException {
        server.close();
        assertThat(exports.open).hasValue(0);
    }

    private static NbdScript start() {
        return new NbdScript(1).structured().contexts(10, "disk", "base:allocation").go("disk");
    }

    private byte[] output(NbdScript script) {
        ScriptedChannel channel = new ScriptedChannel(script.bytes(), 1 << 20);
        server.serve(channel);
        return channel.output();
    }

    private NbdTranscript send(NbdScript script) {
        return new NbdTranscript(output(script));
    }

    private byte[] content(long position, int length) {
        byte[] bytes = new byte[length];
        device.device.read(position, MemorySegment.ofArray(bytes));
        return bytes;
    }

    // ---- reading ----

    /** Even MiB are holes. */
    private static MetadataContext everyOtherMib() {
        return new MetadataContext() {
            @Override
            public String name() {
                return "base:allocation";
            }

            @Override
            public void describe(long position, long length, Extents extents) {
                for (long at = position; at < position + length;) {
                    long next = (at / MIB + 1) * MIB;
                    if (!extents.extent(next - at, at / MIB % 2 == 0 ? 3 : 0)) {
                        return;
                    }
                    at = next;
                }
            }
        };
    }

    private void punchEveryOtherMib() {
        exports.allocation = everyOtherMib();
        for (int i = 0; i < HUGE; i += 2 * MIB) {
            device.device.zero(i, MIB);
        }
    }

    @Test
    void holesAreSentAsHolesUnlessOnePieceIsWanted() {
        punchEveryOtherMib();
        NbdTranscript answer = send(start().request(0, READ, 1, 10, 5 * MIB).request(DF, READ, 2, 10, 5 * MIB)
                .request(0, READ, 3, MIB / 2, 512).request(0, READ, 4, MIB - 100, 200).request(0, READ, 5, 0, 0));
        assertThat(answer.results()).containsExactly(0, 0, 0, 0, 0);
        assertThat(answer.content(1, 10, 5 * MIB)).isEqualTo(content(10, 5 * MIB));
        assertThat(answer.content(2, 10, 5 * MIB)).isEqualTo(content(10, 5 * MIB));
        assertThat(answer.content(4, MIB - 100, 200)).isEqualTo(content(MIB - 100, 200));
        assertThat(types(answer, 1)).startsWith(2, 1).endsWith(2, 1);
        assertThat(types(answer, 2)).containsExactly(1, 0);
        assertThat(types(answer, 3)).containsExactly(2);
        assertThat(types(answer, 4)).as("a hole too short to tell of").containsOnly(1);
    }

    private static List<Integer> types(NbdTranscript answer, long cookie) {
        return answer.chunks().stream().filter(chunk -> chunk.cookie() == cookie).map(NbdTranscript.Chunk::type)
                .toList();
    }

    @Test
    void anErrorInTheMiddleIsToldBehindWhatCouldBeRead() {
        device.badFrom = 3 * MIB;
        NbdTranscript answer = send(start().request(0, READ, 1, 0, 4 * MIB).request(DF, READ, 2, 0, 4 * MIB)
                .request(DF, READ, 3, 0, 3 * MIB).request(0, READ, 4, 3 * MIB - 10, 20).request(0, READ, 5, 0, 100));
        assertThat(answer.results()).containsExactly(5, 5, 0, 5, 0);
        assertThat(answer.chunks().stream().filter(chunk -> chunk.error() == 5).map(NbdTranscript.Chunk::message))
                .containsOnly("a bad sector");
        assertThat(answer.content(2, 0, 4 * MIB)).startsWith(content(0, 2 * MIB));
        assertThat(complaints).isEmpty();
    }

    @Test
    void aSimpleReplyThatFailsInTheMiddleEndsTheConnectionAShortOneDoesNot() {
        device.badFrom = 3 * MIB;
        byte[] shortOne = output(new NbdScript(3).option(1, "disk".getBytes()).request(0, READ, 1, 2 * MIB, 2 * MIB)
                .request(0, READ, 2, 0, 3 * MIB).request(0, READ, 3, 0, 10));
        int begin = 18 + 10;
        assertThat(ByteBuffer.wrap(shortOne).getInt(begin + 4)).isEqualTo(Protocol.EIO);
        assertThat(shortOne).hasSize(begin + 16 + 16 + 3 * MIB + 16 + 10);
        assertThat(Arrays.copyOfRange(shortOne, begin + 32, begin + 32 + 3 * MIB)).isEqualTo(content(0, 3 * MIB));
        byte[] longOne = output(new NbdScript(3).option(1, "disk".getBytes()).request(0, READ, 1, 0, 4 * MIB)
                .request(0, READ, 3, 0, 10));
        assertThat(longOne.length).isLessThan(begin + 16 + 4 * MIB);
        assertThat(complaints).containsExactly("a client: reading failed in the middle of a reply: a bad sector");
    }

    // ---- changing ----

    @Test
    void whateverChangesBytesIsFlushedIfThatIsWanted() {
        NbdTranscript answer = send(start().request(FUA, WRITE, 1, 5, 3).raw(new byte[3])
                .request(FUA, TRIM, 2, 4096, 4096).request(FUA, ZERO, 3, 8192, 10).request(FUA, READ, 4, 0, 1)
                .request(FUA, STATUS, 5, 0, 1).request(FUA, CACHE, 6, 0, 1).request(FUA, FLUSH, 7, 0, 0));
        assertThat(answer.results()).containsOnly(0).hasSize(7);
        assertThat(device.done).containsExactly("write 5+3", "flush", "discard 4096+4096", "flush", "zero 8192+10",
                "flush", "flush");
    }

    @Test
    void zeroesAreWrittenWhereThereMustBeNoHole() {
        NbdTranscript answer = send(start().request(NO_HOLE, ZERO, 1, 100, 300_000).request(0, ZERO, 2, MIB, MIB));
        assertThat(answer.results()).containsOnly(0);
        assertThat(content(100, 300_000)).containsOnly(0);
        assertThat(device.done).containsExactly("write 100+262144", "write 262244+37856", "zero 1048576+1048576");
    }

    @Test
    void whatWouldNotBeFastIsRefusedBeforeAnythingHasChanged() {
        assertThat(send(start().request(FAST, ZERO, 1, 0, MIB)).results()).containsExactly(Protocol.ENOTSUP);
        exports.zeroesFast = true;
        assertThat(send(start().request(FAST | NO_HOLE, ZERO, 1, 0, MIB)).results()).containsExactly(Protocol.ENOTSUP);
        assertThat(device.done).isEmpty();
        assertThat(send(start().request(FAST, ZERO, 1, 0, MIB)).results()).containsExactly(0);
    }

    @Test
    void theRestOfAWriteThatFailsIsNoRequest() {
        device.full = true;
        NbdTranscript answer = send(start().request(0, WRITE, 1, 0, MIB).raw(new byte[MIB]).request(0, READ, 2, 0, 10)
                .request(0, WRITE, 3, HUGE - 5, 10).raw(new byte[10]).request(0, WRITE, 4, 0, 33 * MIB)
                .raw(new byte[33 * MIB]).request(0, FLUSH, 5, 0, 0));
        assertThat(answer.results()).containsExactly(Protocol.ENOSPC, 0, Protocol.ENOSPC, Protocol.ENOSPC, 0);
    }

    /** Buffers have sizes, and requests come in whatever pieces the network makes of them. */
    @Test
    void requestsOfAllSizesThatComeTogetherInAnyPiecesArriveAndAreAnsweredWhole() {
        int[] sizes = {1, 4096, 65_508, 65_535, 65_536, 65_537, 131_072, 262_116, 262_144, 262_145, 600_000, 4096, 0,
            7};
        NbdScript script = start();
        byte[] expected = new byte[HUGE];
        SplittableRandom random = new SplittableRandom(2);
        long at = 0;
        for (int i = 0; i < sizes.length; i++) {
            byte[] payload = new byte[sizes[i]];
            random.nextBytes(payload);
            System.arraycopy(payload, 0, expected, (int) at, sizes[i]);
            script.request(0, WRITE, 100 + i, at, sizes[i]).raw(payload).request(0, READ, 200 + i, at, sizes[i])
                    .request(DF, READ, 300 + i, at, sizes[i]);
            at += sizes[i];
        }
        for (int pieces : new int[]{1 << 20, 40_000, 997}) {
            ScriptedChannel channel = new ScriptedChannel(script.bytes(), pieces);
            server.serve(channel);
            NbdTranscript answer = new NbdTranscript(channel.output());
            assertThat(answer.results()).hasSize(3 * sizes.length).containsOnly(0);
            at = 0;
            for (int i = 0; i < sizes.length; i++) {
                byte[] wanted = Arrays.copyOfRange(expected, (int) at, (int) at + sizes[i]);
                assertThat(answer.content(200 + i, at, sizes[i])).isEqualTo(wanted);
                assertThat(answer.content(300 + i, at, sizes[i])).isEqualTo(wanted);
                at += sizes[i];
            }
        }
    }

    // ---- wrong requests ----

    @Test
    void whatIsUnknownOrOutOfBoundsIsRefusedAndTheConnectionGoesOn() {
        NbdTranscript answer = send(start().request(0, 9, 1, 0, 0).request(DF, FLUSH, 2, 0, 0)
                .request(1 << 5, READ, 3, 0, 10).request(0, READ, 4, HUGE - 1, 2).request(0, READ, 5, -1, 2)
                .request(0, TRIM, 6, Long.MAX_VALUE, 2).request(0, STATUS, 7, HUGE, 1).request(0, STATUS, 8, 0, 0)
                .request(0, READ, 9, 0, 0xffff_ffffL).request(0, CACHE, 10, 0, HUGE).request(0, READ, 11, HUGE, 0)
                .request(0, READ, 12, 0, 10));
        assertThat(answer.results()).containsExactly(22, 22, 22, 22, 22, 22, 22, 22, 22, 0, 0, 0);
        assertThat(device.done).isEmpty();
        assertThat(complaints).isEmpty();
    }

    @Test
    void aBrokenMagicNumberEndsTheConnection() {
        assertThat(send(start().raw(new byte[28]).request(0, READ, 1, 0, 10)).chunks()).isEmpty();
        assertThat(complaints).containsExactly("a client: a request without its magic number");
    }

    @Test
    void allBytesOfAReplyAboutTheLargestRangeAreAccountedFor() {
        exports.allocation = new MetadataContext() {
            @Override
            public String name() {
                return "base:allocation";
            }

            @Override
            public void describe(long position, long length, Extents extents) {
                boolean more = extents.extent(3L << 30, 0);
                assertThat(more && extents.extent(Long.MAX_VALUE, 0)).as("room for more than was asked for").isFalse();
            }
        };
        exports.devices.put("disk", new MemoryDevice("vast", 8L << 30));
        NbdTranscript answer = send(start().request(0, STATUS, 1, 0, 0xffff_f000L).request(REQ_ONE, STATUS, 2, 0, 512)
                .request(0, READ, 3, 0, (32 << 20) + 1).request(0, READ, 4, 0, 0xffff_f000L));
        assertThat(answer.results()).containsExactly(0, 0, Protocol.EINVAL, Protocol.EINVAL);
        assertThat(Integer.toUnsignedLong(answer.chunks().getFirst().payload().getInt(4))).isEqualTo(0xffff_f000L);
        assertThat(answer.chunks().get(1).payload().getInt(4)).isEqualTo(512);
    }

    @Test
    void aContextThatKnowsNothingIsAnError() {
        exports.allocation = new MetadataContext() {
            @Override
            public String name() {
                return "base:allocation";
            }

            @Override
            public void describe(long position, long length, Extents extents) {}
        };
        NbdTranscript answer = send(start().request(0, STATUS, 1, 0, 512).request(0, READ, 2, 0, 512));
        assertThat(answer.results()).containsExactly(Protocol.EIO, 0);
    }

    // ---- the end ----

    @Test
    void aServerThatIsAboutToEndAgreesOnNothing() throws IOException {
        ScriptedChannel late = new ScriptedChannel(start().option(2).bytes(), 1 << 20);
        try (Wire wire = new Wire(late)) {
            assertThat(new Negotiation(wire, exports, Limits.defaults(), Tls.none(), () -> true, Optional::empty,
                    _ -> {}).run()).isEmpty();
        }
        assertThat(new NbdTranscript(late.output()).replies().stream().map(NbdTranscript.Reply::type))
                .containsExactly(Protocol.REP_ERR_SHUTDOWN, Protocol.REP_ERR_SHUTDOWN, Protocol.REP_ERR_SHUTDOWN, 1);
    }

    // ---- the hot path ----

    /** Sends the same requests again and again, and notes what serving them has allocated; sends nothing twice at once. */
    private static final class Loop implements ByteChannel {
        private final ByteBuffer start;
        private final byte[] round;
        private ByteBuffer now;
        private int rounds;
        private long least = Long.MAX_VALUE;
        private long before;
        private int writes;
        private int fewestWrites = Integer.MAX_VALUE;

        Loop(byte[] start, byte[] round, int rounds) {
            this.start = ByteBuffer.wrap(start);
            this.now = this.start;
            this.round = round;
            this.rounds = rounds;
        }

        @Override
        public int read(ByteBuffer target) {
            if (!now.hasRemaining()) {
                if (now != start) {
                    least = Math.min(least, Allocations.bytesOfThisThread() - before);
                    fewestWrites = Math.min(fewestWrites, writes);
                }
                if (rounds-- == 0) {
                    return -1;
                }
                now = ByteBuffer.wrap(round);
                writes = 0;
                before = Allocations.bytesOfThisThread();
            }
            int bytes = Math.min(now.remaining(), target.remaining());
            target.put(target.position(), now, now.position(), bytes);
            target.position(target.position() + bytes);
            now.position(now.position() + bytes);
            return bytes;
        }

        @Override
        public int write(ByteBuffer source) {
            int bytes = source.remaining();
            source.position(source.limit());
            writes++;
            return bytes;
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }

    @Test
    void aHundredRequestsThatComeTogetherAreAnsweredTogetherAndAllocateHardlyAnything() {
        exports.allocation = everyOtherMib();
        NbdScript round = new NbdScript(0);
        for (int i = 0; i < 50; i++) {
            round.request(0, READ, i, MIB + i * 4096L, 4096).request(0, READ, i, i * 4096L, 4096);
        }
        byte[] requests = Arrays.copyOfRange(round.bytes(), 4, round.bytes().length);
        exports.devices.put("disk", new Watched() {
            @Override
            public void read(long position, MemorySegment target) {
                target.fill((byte) 1);
            }
        });
        Loop loop = new Loop(start().bytes(), requests, 3000);
        server.serve(loop);
        assertThat(loop.fewestWrites).as("writes for the replies to 100 requests").isEqualTo(1);
        assertThat(loop.least).as("bytes allocated for 100 reads of 4 KiB").isLessThan(100);
    }
}
