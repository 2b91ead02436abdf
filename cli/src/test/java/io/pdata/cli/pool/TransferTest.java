package io.pdata.cli.pool;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.cli.Main;
import io.pdata.testkit.NbdClients;
import io.pdata.thin.pool.NamedPool;
import io.pdata.thin.pool.PoolEvents;
import io.pdata.thin.pool.PoolOptions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.ProcessBuilder.Redirect;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands that copy volumes: what they print, what they end with, and what they leave behind. */
class TransferTest {
    private static final int MIB = 1 << 20;
    private static final int BLOCK = 64 << 10;
    private static final int METADATA_BLOCK = 4096;

    @TempDir
    Path folder;

    private Path from;
    private Path to;

    private record Result(int status, String out, String err) {}

    private static Result run(Object... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int status = PoolMain.run(Arrays.stream(arguments).map(Object::toString).toArray(String[]::new),
                new PrintStream(out, true), new PrintStream(err, true));
        return new Result(status, out.toString(StandardCharsets.ISO_8859_1), err.toString(StandardCharsets.UTF_8));
    }

    /** Runs a command that is to succeed; returns what it printed on standard output. */
    private static String ok(Object... arguments) {
        Result result = run(arguments);
        assertThat(result.status()).as(result.err()).isZero();
        return result.out();
    }

    /** Runs a command that is to fail; returns what it printed on standard error, which is all. */
    private static String refused(Object... arguments) {
        Result result = run(arguments);
        assertThat(result.status()).as(result.err()).isEqualTo(1);
        assertThat(result.out()).isEmpty();
        assertThat(result.err()).startsWith("pdata: ").doesNotContain("\tat ");
        return result.err();
    }

    /** Two pools; in the first a volume with two snapshots. */
    @BeforeEach
    void create() {
        from = folder.resolve("from");
        to = folder.resolve("to");
        ok("pool", "create", from, "--data-size", "32M");
        ok("pool", "create", to, "--data-size", "32M");
        ok("volume", "create", from, "disk", "8M");
        SplittableRandom random = new SplittableRandom(3);
        byte[] bytes = new byte[5 * MIB];
        random.nextBytes(bytes);
        write("disk", MIB + 1000, bytes);
        ok("snapshot", "create", from, "disk", "disk@1");
        write("disk", 3 * MIB, new byte[]{1, 2, 3});
        ok("snapshot", "create", from, "disk", "disk@2");
    }

    private void write(String volume, long position, byte[] bytes) {
        try (NamedPool open = NamedPool.open(from, PoolOptions.defaults(), PoolEvents.NONE);
                var device = open.open(volume)) {
            device.write(position, MemorySegment.ofArray(bytes));
        }
    }

    private byte[] content(Path pool, String volume) throws IOException {
        Path file = folder.resolve("content");
        ok("extract", pool, volume, file, "--force");
        return Files.readAllBytes(file);
    }

    private Path sent(String name, Object... arguments) {
        Path stream = folder.resolve(name);
        List<Object> all = new ArrayList<>(List.of("send", from));
        all.addAll(List.of(arguments));
        all.addAll(List.of("-o", stream));
        ok(all.toArray());
        return stream;
    }

    private String volumes() {
        return ok("volume", "list", to, "-o", "name,mapped", "--no-headings") + ok("receive", to, "--list", "--json")
                + ok("pool", "status", to).lines().filter(line -> line.startsWith("data ")).toList();
    }

    // ---- processes ----

    private static ProcessBuilder process(Object... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path"),
                Main.class.getName()));
        Arrays.stream(arguments).map(Object::toString).forEach(command::add);
        return new ProcessBuilder(command);
    }

    private String ended(Process process, int status) throws IOException, InterruptedException {
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(out).isEqualTo(status);
        return out;
    }

    private void pipe(List<Object> send, List<Object> receive) throws IOException, InterruptedException {
        List<Process> pair = ProcessBuilder.startPipeline(
                List.of(process(send.toArray()).redirectError(folder.resolve("send.err").toFile()),
                        process(receive.toArray()).redirectError(folder.resolve("receive.err").toFile())));
        String out = ended(pair.get(1), 0);
        assertThat(pair.get(0).waitFor()).isZero();
        assertThat(out).startsWith("received ");
    }

    @Test
    void aVolumeAndItsChangesGoThroughAPipe() throws IOException, InterruptedException {
        pipe(List.of("send", from, "disk@1"), List.of("receive", to));
        assertThat(Files.readString(folder.resolve("send.err"))).startsWith("sent 'disk@1': ");
        assertThat(content(to, "disk@1")).isEqualTo(content(from, "disk@1"));
        pipe(List.of("send", from, "disk@2", "--since", "disk@1", "--progress"), List.of("receive", to, "--progress"));
        assertThat(Files.readString(folder.resolve("send.err"))).contains("sent changes to 'disk@2': 64.00 KiB of data")
                .containsPattern("KiB in \\d+\\.\\d s, .*/s\n");
        assertThat(content(to, "disk@2")).isEqualTo(content(from, "disk@2"));
        assertThat(ok("pool", "check", to)).isEqualTo("clean\n");
    }

    @Test
    void aReceiverThatIsKilledLeavesNothing() throws IOException, InterruptedException {
        String before = volumes();
        byte[] stream = Files.readAllBytes(sent("stream", "disk@1"));
        Process receiver = process("receive", to).redirectError(Redirect.DISCARD).start();
        try (OutputStream in = receiver.getOutputStream()) {
            in.write(stream, 0, stream.length / 2);
            in.flush();
            receiver.destroyForcibly().waitFor();
        } catch (IOException e) {
            assertThat(e).hasMessageMatching("Broken pipe|Stream closed");
        }
        assertThat(volumes()).isEqualTo(before);
        assertThat(ok("pool", "check", to)).isEqualTo("clean\n");
    }

    @Test
    void aSenderWhoseReceiverHasGoneSaysNothing() throws IOException, InterruptedException {
        Process sender = process("send", from, "disk@1", "--no-compress").start();
        sender.getInputStream().readNBytes(100);
        sender.getInputStream().close();
        assertThat(new String(sender.getErrorStream().readAllBytes(), StandardCharsets.UTF_8)).isEmpty();
        assertThat(sender.waitFor()).isEqualTo(1);
    }

    // ---- streams that break ----

    @Test
    void aStreamThatBrokeGoesOn() throws IOException {
        byte[] stream = Files.readAllBytes(sent("stream", "disk@1"));
        Path cut = Files.write(folder.resolve("cut"), Arrays.copyOf(stream, stream.length * 2 / 3));
        String error = refused("receive", to, "copy", "--resumable", "-i", cut);
        assertThat(ok("volume", "list", to, "--no-headings")).isEmpty();
        Matcher token = Pattern.compile("--resume (\\S+)").matcher(error);
        assertThat(token.find()).as(error).isTrue();
        assertThat(ok("receive", to, "--list")).contains("copy", token.group(1));
        Path rest = sent("rest", "disk@1", "--resume", token.group(1));
        assertThat(Files.size(rest)).isLessThan(stream.length);
        assertThat(refused("receive", from, "other", "-i", rest)).contains("nothing here waits");
        assertThat(ok("receive", to, "copy", "-i", rest)).startsWith("received 'copy', ");
        assertThat(content(to, "copy")).isEqualTo(content(from, "disk@1"));
        assertThat(refused("send", from, "disk@1", "--resume", token.group(1) + "x")).contains("is no token");
        assertThat(refused("send", from, "disk@2", "--resume", token.group(1))).contains("another volume");
    }

    @Test
    void whatHasComeIsGivenUpOnDemand() throws IOException {
        String before = volumes();
        byte[] stream = Files.readAllBytes(sent("stream", "disk@1"));
        Path cut = Files.write(folder.resolve("cut"), Arrays.copyOf(stream, stream.length / 2));
        refused("receive", to, "--resumable", "-i", cut);
        assertThat(ok("receive", to, "--list", "--json")).contains("\"name\" : \"disk@1\"", "\"token\" : \"pds1.");
        assertThat(volumes()).isNotEqualTo(before);
        assertThat(refused("receive", to, "--discard", "other")).contains("'other'");
        ok("receive", to, "--discard", "disk@1");
        assertThat(volumes()).isEqualTo(before);
    }

    @Test
    void aBitThatFlipsAnywhereAndAnEndAnywhereLeaveNothing() throws IOException {
        String before = volumes();
        byte[] stream = Files.readAllBytes(sent("stream", "disk@1"));
        Path broken = folder.resolve("broken");
        SplittableRandom random = new SplittableRandom(11);
        for (int i = 0; i < 16; i++) {
            byte[] bytes = stream.clone();
            int at = i < 8 ? i * 8 : random.nextInt(bytes.length);
            bytes[at] ^= (byte) (1 << random.nextInt(8));
            Files.write(broken, i % 2 == 0 ? bytes : Arrays.copyOf(stream, at));
            refused("receive", to, "-i", broken);
        }
        assertThat(volumes()).isEqualTo(before);
        assertThat(ok("pool", "check", to)).isEqualTo("clean\n");
        ok("receive", to, "-i", folder.resolve("stream"));
        assertThat(content(to, "disk@1")).isEqualTo(content(from, "disk@1"));
    }

    @Test
    void changesToWhatIsNotThereAreRefused() throws IOException {
        Path changes = sent("changes", "disk@2", "--since", "disk@1");
        assertThat(refused("receive", to, "-i", changes)).contains("'disk@1'");
        ok("snapshot", "create", from, "disk", "disk@3");
        ok("receive", to, "disk@1", "-i", sent("other", "disk@3"));
        assertThat(refused("receive", to, "-i", changes)).contains("'disk@1'");
        assertThat(ok("volume", "list", to, "-o", "name", "--no-headings")).isEqualTo("disk@1\n");
        assertThat(refused("send", from, "disk@2", "--since", "disk", "-o", folder.resolve("none")))
                .contains("can be written to");
        assertThat(folder.resolve("none")).doesNotExist();
    }

    @Test
    void whatIsNoStreamIsSaidToBeNone() throws IOException {
        Path file = Files.createFile(folder.resolve("file"));
        assertThat(refused("receive", to, "-i", file)).contains("the stream is empty");
        Files.writeString(file, "this is some text, and certainly not a volume of any pool");
        assertThat(refused("receive", to, "-i", file)).contains("no stream of a volume");
        assertThat(refused("receive", to, "-i", folder.resolve("none"))).contains("No such file");
        Path stream = sent("stream", "disk@1");
        assertThat(refused("send", from, "disk@1", "-o", stream)).contains("is there already");
        ok("receive", to, "-i", stream);
        assertThat(refused("receive", to, "-i", stream)).contains("there is a volume 'disk@1' already");
    }

    // ---- answers ----

    @Test
    void streamsAndAnswersDoNotMix() throws IOException {
        Result sent = run("send", from, "disk@1", "--json");
        assertThat(sent.out()).startsWith("PDS1");
        assertThat(sent.err()).startsWith("{\n").contains("\"stream\" : {", "\"name\" : \"disk@1\"",
                "\"incremental\" : false");
        Result none = run("send", from, "none", "--json");
        assertThat(none.status()).isEqualTo(1);
        assertThat(none.out()).isEmpty();
        assertThat(none.err()).contains("\"error\" : {");
        Path stream = folder.resolve("stream");
        assertThat(ok("send", from, "disk@1", "--json", "-o", stream)).contains("\"stream\" : {");
        assertThat(ok("receive", to, "-i", stream, "--json")).contains("\"volume\" : {", "\"readOnly\" : true");
        Result bytes = run("extract", from, "disk@1", "-", "--json");
        assertThat(bytes.out()).hasSize(8 * MIB);
        assertThat(bytes.err()).contains("\"extract\" : {", "\"size\" : 8388608", "\"lost\" : 0");
        assertThat(run("extract", from, "none", "-", "--json").out()).isEmpty();
    }

    @Test
    void wrongCommandLinesAreExplained() {
        for (String line : List.of("send", "send POOL", "send POOL disk@1 more", "send --metadata x disk@1",
                "send --metadata x --data y disk@1", "send POOL disk@1 --size much", "receive",
                "receive POOL --list --discard x", "receive POOL a b", "extract", "extract POOL", "extract POOL disk",
                "extract POOL disk a b", "extract --metadata x --data y POOL disk a", "extract POOL disk a --root x",
                "extract POOL disk a --block-size 1X")) {
            Result result = run((Object[]) line.replace("POOL", from.toString()).split(" "));
            assertThat(result.status()).as(line + ": " + result.err()).isEqualTo(2);
            assertThat(result.out()).isEmpty();
            assertThat(result.err()).startsWith("pdata ").contains("--help'.\n").doesNotContain("Exception", "\tat ");
        }
    }

    // ---- extract ----

    @Test
    void aVolumeIsExtractedByNameOrNumberWhereverOptionsStand() throws IOException {
        Path output = folder.resolve("disk.img");
        assertThat(ok("extract", from, "disk@1", "--no-lock", output)).startsWith("extracted 8.00 MiB, of which ");
        byte[] bytes = Files.readAllBytes(output);
        assertThat(refused("extract", from, "disk@1", output)).contains("--force");
        ok("extract", "--force", from, 1, output);
        assertThat(Files.readAllBytes(output)).isEqualTo(bytes);
        for (String other : List.of("none", "17")) {
            assertThat(refused("extract", from, other, folder.resolve("none"))).contains("'" + other + "'");
            assertThat(refused("extract", from, other, folder.resolve("none"), "--salvage"))
                    .contains("'" + other + "'");
        }
        assertThat(folder.resolve("none")).doesNotExist();
        assertThat(refused("extract", from, "disk", "nbds://localhost/disk?tls-psk-file=keys"))
                .contains("'tls-psk-file' is not known");
    }

    /** Otherwise the largest would stand for none at all. */
    @Test
    void whatIsNoNumberOfAVolumeIsRefused() {
        for (String wrong : List.of("18446744073709551615", "-1", "disk")) {
            Result result = run("send", "--metadata", from.resolve("metadata"), "--data", from.resolve("data"), "0",
                    "--since", wrong, "-o", folder.resolve("stream"));
            assertThat(result.status()).isEqualTo(2);
            assertThat(result.err()).contains("'" + wrong + "' is no number of a volume");
        }
    }

    @Test
    void imagesDoNotSayHowLargeAVolumeIs() throws IOException {
        Path output = folder.resolve("disk.img");
        Object[] images = {"extract", "--metadata", from.resolve("metadata"), "--data", from.resolve("data"), 0, output,
            "--force"};
        Result unsized = run(images);
        assertThat(unsized.status()).isZero();
        assertThat(unsized.err()).contains("--size");
        Object[] sized = Arrays.copyOf(images, images.length + 2);
        sized[images.length] = "--size";
        sized[images.length + 1] = "8M";
        assertThat(run(sized).err()).isEmpty();
        assertThat(Files.readAllBytes(output)).isEqualTo(content(from, "disk"));
    }

    private Path damaged(int block) throws IOException {
        byte[] bytes = Files.readAllBytes(from.resolve("metadata"));
        Arrays.fill(bytes, block * METADATA_BLOCK, (block + 1) * METADATA_BLOCK, (byte) 0);
        return Files.write(folder.resolve("damaged"), bytes);
    }

    private static int number(String text, String pattern) {
        Matcher matcher = Pattern.compile(pattern).matcher(text);
        assertThat(matcher.find()).as(text).isTrue();
        return Integer.parseInt(matcher.group(1));
    }

    private static String inspected(Path metadata) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        assertThat(Main.run(new String[]{"inspect", metadata.toString()}, new PrintStream(out, true), System.err))
                .isZero();
        return out.toString(StandardCharsets.UTF_8);
    }

    private void findAround(int ruined, int volume, byte[] expected) throws IOException {
        Path output = folder.resolve("disk.img");
        List<Object> images = List.of("extract", "--metadata", damaged(ruined), "--data", from.resolve("data"),
                "--size",
                "8M", volume, output);
        assertThat(refused(images.toArray())).contains("--salvage");
        assertThat(output).doesNotExist();
        List<Object> salvage = new ArrayList<>(images);
        salvage.addAll(List.of("--salvage", "--block-size", "64K", "--json"));
        assertThat(ok(salvage.toArray())).contains("found by a search", "\"lost\" : 0");
        assertThat(Files.readAllBytes(output)).isEqualTo(expected);
        Files.delete(output);
    }

    @Test
    void aVolumeIsFoundWithoutASuperblockAndWithoutATopLevel() throws IOException {
        findAround(0, 2, content(from, "disk@2"));
        int topLevel = number(inspected(from.resolve("metadata")), "mappings: block (\\d+)");
        findAround(topLevel, 1, content(from, "disk@1"));
        assertThat(inspected(damaged(0))).contains("--list-roots");
    }

    @Test
    void whatIsLostIsListedAndFails() throws IOException {
        int root = number(inspected(from.resolve("metadata")), "id=2, root=(\\d+)");
        Path output = folder.resolve("disk.img");
        Result result = run("extract", "--metadata", damaged(root), "--data", from.resolve("data"), "--size", "8M", 2,
                output, "--salvage");
        assertThat(result.status()).isEqualTo(1);
        assertThat(result.err()).contains("--mapping-root", "lost 8388608 bytes", "  0 8388608\n");
        assertThat(Files.readAllBytes(output)).isEqualTo(new byte[8 * MIB]);
    }

    @Test
    void theNumberOfAVolumeIsNoSizeOfABlock() {
        assertThat(refused("extract", "--metadata", from.resolve("metadata"), "--data", from.resolve("data"), 0,
                folder.resolve("none"), "--block-size", BLOCK + 1)).contains("data blocks cannot have");
    }

    // ---- offered over NBD ----

    @Test
    void aVolumeOutOfImagesIsAnExportUntilTheCommandIsToldToStop() throws Exception {
        Path copy = folder.resolve("copy");
        Path socket = folder.resolve("n.sock");
        try (ServerProcess server = ServerProcess.ofExtract(folder, "--metadata", from.resolve("metadata").toString(),
                "--data", from.resolve("data").toString(), "--size", "8M", "0", "--listen", "unix:" + socket)) {
            assertThat(server.announced()).contains("offering thin-0, 8.00 MiB, for reading",
                    "listening on unix:" + socket);
            NbdClients.run("nbdcopy", "nbd+unix:///thin-0?socket=" + socket, copy.toString()).succeeded();
            assertThat(server.terminate()).isZero();
        }
        ok("extract", from, "disk", folder.resolve("expected"));
        assertThat(Files.readAllBytes(copy)).isEqualTo(Files.readAllBytes(folder.resolve("expected")));
        assertThat(socket).doesNotExist();
    }

    @Test
    void whatIsOfferedIsNotCopiedToo() {
        String socket = "unix:" + folder.resolve("n.sock");
        assertThat(run("extract", from, "disk", "--listen", socket, "--force").err()).contains("copies nothing");
        assertThat(run("extract", from, "disk", folder.resolve("x"), "--listen", socket).status()).isEqualTo(2);
        assertThat(run("extract", from, "disk", "--listen", "0.0.0.0:0").err()).contains("--allow-public");
        assertThat(run("extract", from, "disk", "--listen", "x").err()).contains("neither unix:PATH nor HOST:PORT");
        assertThat(refused("extract", from, "none", "--listen", socket)).contains("no volume 'none'");
    }

    @Test
    void streamsThatFollowEachOtherAreAllReceivedOrSaidNotToBe() throws IOException {
        Path both = folder.resolve("both");
        Files.write(both, Files.readAllBytes(sent("one", "disk@1")));
        Files.write(both, Files.readAllBytes(sent("two", "disk@2", "--since", "disk@1")), StandardOpenOption.APPEND);
        assertThat(ok("receive", to, "-i", both).lines()).hasSize(2);
        assertThat(content(to, "disk@2")).isEqualTo(content(from, "disk@2"));
        ok("volume", "delete", to, "disk@1");
        ok("volume", "delete", to, "disk@2");
        Result named = run("receive", to, "copy", "-i", both);
        assertThat(named.status()).isEqualTo(1);
        assertThat(named.err()).contains("another stream follows");
        Files.write(both, new byte[]{0}, StandardOpenOption.APPEND);
        Result trailing = run("receive", to, "-i", both);
        assertThat(trailing.status()).isEqualTo(1);
        assertThat(trailing.out().lines()).hasSize(2);
    }
}
