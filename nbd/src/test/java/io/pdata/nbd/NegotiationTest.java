package io.pdata.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.core.device.MemoryDevice;
import io.pdata.testkit.NbdScript;
import io.pdata.testkit.NbdTranscript;
import io.pdata.testkit.ScriptedChannel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What comes of options, right and wrong, and of those who leave in the middle. */
class NegotiationTest {
    private static final int FIXED = 1;

    private final TestExports exports = new TestExports();
    private final List<String> complaints = new CopyOnWriteArrayList<>();
    private final NbdServer server = new NbdServer(exports, Limits.defaults(), complaints::add);

    @AfterEach
    void end() throws IOException {
        server.close();
        assertThat(exports.open).as("exports that were not closed").hasValue(0);
        assertThat(server.connections()).isZero();
    }

    private byte[] send(byte[] script) {
        ScriptedChannel channel = new ScriptedChannel(script, 1 << 20);
        server.serve(channel);
        assertThat(channel.isOpen()).isFalse();
        return channel.output();
    }

    private NbdTranscript send(NbdScript script) {
        return new NbdTranscript(send(script.bytes()));
    }

    private static int typeOf(NbdTranscript transcript) {
        return transcript.replies().getLast().type();
    }

    // ---- as it should be ----

    @Test
    void theOldWayToChooseHasPaddingUnlessItIsNotWanted() {
        byte[] name = "disk".getBytes();
        assertThat(send(new NbdScript(FIXED).option(1, name).bytes())).hasSize(18 + 10 + 124);
        assertThat(send(new NbdScript(FIXED | 2).option(1, name).bytes())).hasSize(18 + 10);
        assertThat(send(new NbdScript(0).option(1, name).bytes())).as("not even fixed").hasSize(18 + 10 + 124);
        assertThat(complaints).isEmpty();
    }

    @Test
    void leavingIsAnsweredWhateverComesWithIt() {
        NbdTranscript answer = send(new NbdScript(FIXED).option(2, new byte[100]));
        assertThat(answer.replies()).hasSize(1);
        assertThat(typeOf(answer)).isEqualTo(Protocol.REP_ACK);
        assertThat(complaints).isEmpty();
    }

    @Test
    void everythingThatIsToBeKnownIsTold() {
        exports.devices.put("other", new MemoryDevice("other", 5000));
        NbdTranscript answer = send(new NbdScript(FIXED).option(3).choose(6, "other", 1, 2, 3, 77).go(""));
        assertThat(answer.replies().stream().map(NbdTranscript.Reply::type)).containsExactly(2, 2, 1, 3, 3, 3, 1, 3, 3,
                1);
        assertThat(answer.bytesLeft()).isZero();
        assertThat(complaints).isEmpty();
    }

    @Test
    void aListHasNamesAndDescriptions() {
        byte[] data = send(new NbdScript(FIXED).option(3)).replies().getFirst().data();
        assertThat(new String(data, StandardCharsets.UTF_8)).isEqualTo("\0\0\0\4diska device called disk");
    }

    @Test
    void afterAnErrorTheClientMayGoOn() {
        NbdTranscript answer = send(new NbdScript(FIXED).go("missing").option(4).option(99, (byte) 1)
                .option(3, (byte) 1).option(8, (byte) 1).contexts(10, "disk", "base:allocation").go("disk"));
        assertThat(answer.replies().stream().map(NbdTranscript.Reply::type)).containsExactly(Protocol.REP_ERR_UNKNOWN,
                Protocol.REP_ERR_UNSUP, Protocol.REP_ERR_UNSUP, Protocol.REP_ERR_INVALID, Protocol.REP_ERR_INVALID,
                Protocol.REP_ERR_INVALID, 3, 3, 1);
        assertThat(answer.replies().getFirst().text()).isEqualTo("there is no export 'missing'");
    }

    @Test
    void contextsAreThoseOfTheExportThatIsUsed() {
        exports.devices.put("other", new MemoryDevice("other", 5000));
        NbdScript right = new NbdScript(FIXED).structured().contexts(10, "disk", "base:allocation", "base:", "x-y:z")
                .go("").request(0, 7, 1, 0, 4096);
        assertThat(send(right).results()).containsExactly(0);
        NbdScript wrong = new NbdScript(FIXED).structured().contexts(10, "other", "base:allocation").go("disk")
                .request(0, 7, 1, 0, 4096);
        assertThat(send(wrong).results()).containsExactly(Protocol.EINVAL);
        NbdScript failed = new NbdScript(FIXED).structured().contexts(10, "disk", "base:allocation")
                .contexts(10, "nowhere", "base:allocation").go("disk").request(0, 7, 1, 0, 4096);
        assertThat(send(failed).results()).containsExactly(Protocol.EINVAL);
    }

    @Test
    void tlsIsRefusedWhereThereIsNone() {
        assertThat(typeOf(send(new NbdScript(FIXED).option(5)))).isEqualTo(Protocol.REP_ERR_POLICY);
    }

    // ---- too much ----

    @Test
    void anOptionThatIsTooLongIsSkipped() {
        NbdTranscript answer = send(new NbdScript(FIXED).option(3, new byte[(64 << 10) + 1]).option(3));
        assertThat(answer.replies().getFirst().type()).isEqualTo(Protocol.REP_ERR_TOO_BIG);
        assertThat(typeOf(answer)).isEqualTo(Protocol.REP_ACK);
    }

    @Test
    void anOptionThatSaysItHasGigabytesEndsTheConnection() {
        byte[] script = new NbdScript(FIXED).option(1).bytes();
        Arrays.fill(script, script.length - 4, script.length, (byte) 0xff);
        assertThat(send(script)).hasSize(18);
        assertThat(complaints).containsExactly("a client: an option of 4294967295 bytes");
    }

    @Test
    void longNamesAreNames() {
        assertThat(typeOf(send(new NbdScript(FIXED).go("n".repeat(3000))))).isEqualTo(Protocol.REP_ERR_UNKNOWN);
        assertThat(typeOf(send(new NbdScript(FIXED).go("n".repeat(4097))))).isEqualTo(Protocol.REP_ERR_INVALID);
        assertThat(send(new NbdScript(FIXED).option(1, "n".repeat(3000).getBytes()).bytes())).hasSize(18);
    }

    @Test
    void namesThatAreNoTextAreRefused() {
        assertThat(typeOf(send(new NbdScript(FIXED).go("a\0b")))).isEqualTo(Protocol.REP_ERR_INVALID);
        assertThat(typeOf(send(new NbdScript(FIXED).option(7, new byte[]{0, 0, 0, 1, (byte) 0xff, 0, 0}))))
                .isEqualTo(Protocol.REP_ERR_INVALID);
    }

    @Test
    void floodsOfOptionsQueriesAndContextsAreEnded() {
        NbdScript flood = new NbdScript(FIXED);
        for (int i = 0; i < 1000; i++) {
            flood.option(99);
        }
        assertThat(send(flood).replies()).hasSize(256);
        assertThat(complaints).containsExactly("a client: more than 256 options");
        String[] queries = new String[257];
        Arrays.fill(queries, "base:allocation");
        assertThat(typeOf(send(new NbdScript(FIXED).contexts(9, "", queries)))).isEqualTo(Protocol.REP_ERR_TOO_BIG);
        exports.contexts = IntStream.range(0, 17).mapToObj(NegotiationTest::context).toList();
        String[] names = exports.contexts.stream().map(MetadataContext::name).toArray(String[]::new);
        assertThat(typeOf(send(new NbdScript(FIXED).structured().contexts(10, "", names))))
                .isEqualTo(Protocol.REP_ERR_TOO_BIG);
        assertThat(typeOf(send(new NbdScript(FIXED).structured().contexts(10, "", Arrays.copyOf(names, 16)))))
                .isEqualTo(Protocol.REP_ACK);
    }

    private static MetadataContext context(int number) {
        return new MetadataContext() {
            @Override
            public String name() {
                return "x-test:" + number;
            }

            @Override
            public void describe(long position, long length, Extents extents) {
                extents.extent(length, number);
            }
        };
    }

    @Test
    void moreClientsThanThereMayBeAreTurnedAway() throws IOException {
        try (NbdServer small = new NbdServer(exports, Limits.defaults().withConnections(0), complaints::add)) {
            ScriptedChannel channel = new ScriptedChannel(new NbdScript(FIXED).option(3).go("").bytes(), 100);
            small.serve(channel);
            NbdTranscript transcript = new NbdTranscript(channel.output());
            assertThat(transcript.replies().getFirst().type()).as("they may ask for a list").isEqualTo(2);
            assertThat(typeOf(transcript)).isEqualTo(0x80000002);
            assertThat(channel.isOpen()).isFalse();
        }
        assertThat(complaints)
                .containsExactly("a client: refused: all places for clients are taken: the limit is 0");
    }

    // ---- wrong ----

    @Test
    void unknownFlagsAndMagicNumbersEndTheConnection() {
        assertThat(send(new NbdScript(5).go("disk").bytes())).hasSize(18);
        assertThat(send(new NbdScript(FIXED).raw("GET / HTTP/1.1\r\n\r\n".getBytes()).bytes())).hasSize(18);
        assertThat(complaints).containsExactly("a client: unknown client flags 5",
                "a client: an option without its magic number");
    }

    private static NbdScript everything() {
        return new NbdScript(FIXED).option(3).structured().choose(6, "disk", 1, 2, 3).contexts(9, "disk")
                .contexts(10, "disk", "base:allocation").go("disk").request(0, 1, 1, 4096, 10).raw(new byte[10])
                .request(0, 0, 2, 4096, 600).request(1, 6, 3, 0, 4096).request(0, 7, 4, 0, 8192).request(0, 3, 5, 0, 0)
                .request(0, 2, 6, 0, 0);
    }

    @Test
    void aClientMayLeaveAtEveryByte() {
        byte[] script = everything().bytes();
        int whole = new NbdTranscript(send(script)).results().size();
        assertThat(whole).isEqualTo(5);
        for (int length = 0; length < script.length; length++) {
            NbdTranscript transcript = new NbdTranscript(send(Arrays.copyOf(script, length)));
            assertThat(transcript.results()).as("after %d bytes", length).hasSizeLessThanOrEqualTo(whole)
                    .allMatch(error -> error == 0);
            assertThat(exports.open).as("after %d bytes", length).hasValue(0);
        }
        assertThat(complaints).allMatch(line -> line.contains("the client has gone"));
    }

    @Test
    void itMakesNoDifferenceInWhatPiecesBytesArrive() {
        byte[] script = everything().bytes();
        byte[] whole = send(script);
        for (int most : new int[]{1, 2, 3, 7, 27, 29, 100}) {
            ScriptedChannel channel = new ScriptedChannel(script, most);
            server.serve(channel);
            assertThat(channel.output()).isEqualTo(whole);
        }
        assertThat(complaints).isEmpty();
    }

    @Test
    void damagedConversationsEndWithoutAMistakeOfTheServers() {
        byte[] script = everything().bytes();
        for (long seed = 0; seed < 20_000; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            byte[] damaged = script.clone();
            for (int i = random.nextInt(4); i >= 0; i--) {
                damaged[random.nextInt(damaged.length)] = (byte) (random.nextBoolean() ? random.nextInt() : 0xff);
            }
            send(Arrays.copyOf(damaged, random.nextInt(10) > 0 ? damaged.length : random.nextInt(damaged.length)));
            assertThat(exports.open).as("seed %d", seed).hasValue(0);
        }
        assertThat(complaints).noneMatch(line -> line.contains("internal error"));
    }
}
