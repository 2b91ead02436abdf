package io.pdata.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.jr.ob.JSON;
import io.pdata.core.device.FileDevice;
import io.pdata.testkit.Golden;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The repairs as they are called: options and exit status of thin-provisioning-tools 1.3.3, and what is ours. */
class RepairTest {
    private static final int BLOCK = 4096;
    private static final int DEVICE_1 = 22;

    @TempDir
    private Path folder;

    private String output;

    private record Result(int status, String out, String err) {}

    @BeforeEach
    void makeOutput() {
        output = folder.resolve("new").toString();
        FileDevice.create(Path.of(output), 4 << 20).close();
    }

    private static Result run(String... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int status = Main.run(arguments, new PrintStream(out, true), new PrintStream(err, true));
        return new Result(status, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    private String image(String name, int... broken) throws IOException {
        Path file = Golden.unpack(name, folder.resolve(name));
        try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
            for (int block : broken) {
                open.seek(block * (long) BLOCK + 100);
                int old = open.read();
                open.seek(block * (long) BLOCK + 100);
                open.write(~old);
            }
        }
        return file.toString();
    }

    private String withoutSuperblock(String name) throws IOException {
        Path file = Golden.unpack(name, folder.resolve(name));
        try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
            open.write(new byte[BLOCK]);
        }
        return file.toString();
    }

    @ParameterizedTest
    @CsvSource({"thin, thin-snaps-2", "cache, cache-v1-clean", "cache, cache-v2-clean", "era, era-exact-3"})
    void whatIsGoodStaysAsItIs(String kind, String image) throws IOException {
        String input = image(image);
        assertThat(run(kind + "_repair", "-i", input, "-o", output)).isEqualTo(new Result(0, "", ""));
        assertThat(run(kind + "_check", output).status()).isZero();
        String dump = run(kind + "_dump", input).out();
        assertThat(run(kind + "_dump", "--repair", input).out()).isEqualTo(dump);
        assertThat(run(kind + "_dump", output).out().lines().skip(1).filter(line -> !line.matches(".*name=.*")))
                .containsExactlyElementsOf(
                        dump.lines().skip(1).filter(line -> !line.matches(".*name=.*")).toList());
    }

    @Test
    void lossesAreSaidAndTheStatusIsZero() throws IOException {
        String input = image("thin-snaps-2", DEVICE_1);
        Result result = run("thin_repair", "-i", input, "-o", output);
        assertThat(result.status()).isZero();
        assertThat(result.err()).contains("thin device 1: 0 mappings kept, 384 lost",
                "virtual blocks 0 and above: metadata block 22: bad checksum");
        assertThat(run("thin_check", output).status()).isZero();
        assertThat(run("thin_repair", "-q", "-i", input, "-o", output)).isEqualTo(new Result(0, "", ""));
    }

    @Test
    void anArgumentMoreIsIgnoredAsLvmPassesOne() throws IOException {
        assertThat(run("thin_repair", "-i", image("thin-snaps-2"), "-o", output, "").status()).isZero();
        assertThat(run("cache_repair", "-i", image("cache-v2-clean"), "-o", output, "").status()).isZero();
        assertThat(run("era_repair", "-i", image("era-exact-3"), "-o", output, "").status()).isEqualTo(2);
        assertThat(run("thin_repair", "-i", image("thin-snaps-2"), "-o", output, "", "").status()).isEqualTo(2);
    }

    @Test
    void theInputIsNeverWrittenTo() throws IOException {
        String input = image("thin-snaps-2", DEVICE_1);
        byte[] before = Files.readAllBytes(Path.of(input));
        Result result = run("thin_repair", "-i", input, "-o", input);
        assertThat(result.status()).isEqualTo(64);
        assertThat(result.err()).contains("are the same file");
        run("thin_repair", "-i", input, "-o", output);
        assertThat(Files.readAllBytes(Path.of(input))).isEqualTo(before);
    }

    @Test
    void whatCannotBeRepairedFails() throws IOException {
        assertThat(run("thin_repair", "-i", image("thin-snaps-2"), "-o", "/no/such/file"))
                .isEqualTo(new Result(64, "", "Couldn't find output file '/no/such/file'\n"));
        assertThat(run("cache_repair", "-i", withoutSuperblock("cache-v2-clean"), "-o", output).err())
                .contains("bad checksum in superblock");
        assertThat(run("thin_repair", "-i", output, "-o", folder.resolve("x").toString()).status()).isEqualTo(64);
        assertThat(run("thin_dump", "--repair", "--metadata-snap", output).status()).isEqualTo(2);
    }

    @Test
    void whatOnlyTheSuperblockKnewCanBeGiven() throws IOException {
        String input = image("thin-snaps-2", 0);
        assertThat(run("thin_repair", "-i", input, "-o", output, "--transaction-id", "7", "--data-block-size", "128",
                "--nr-data-blocks", "40960").status()).isZero();
        assertThat(run("thin_dump", output).out()).startsWith("<superblock uuid=\"\" time=\"12\" transaction=\"7\""
                + " version=\"2\" data_block_size=\"128\" nr_data_blocks=\"40960\">");
    }

    @Test
    void rootsAreListedAndOneCanBePicked() throws IOException {
        String input = image("thin-snaps-2");
        List<String> lines = run("thin_repair", "-i", input, "--list-roots").out().lines().toList();
        assertThat(lines.getFirst()).contains("MAPPING ROOT", "TRANSACTION", "DEVICES", "MAPPINGS");
        assertThat(lines.get(1).strip().split(" +")).startsWith("1", "579", "588", "12", "7", "12", "5058", "0")
                .endsWith("current");
        Object json = JSON.std.anyFrom(run("thin_repair", "-i", input, "--list-roots", "--json").out());
        assertThat((List<?>) json).hasSameSizeAs(lines.stream().filter(line -> line.matches(" *[0-9].*")).toList());
        assertThat(lines).contains(
                "The best state is the first. --root NUMBER saves one, or --mapping-root and --details-root with its blocks.");
        assertThat(run("thin_repair", "-i", input, "-o", output, "--root", "2").err())
                .contains("saving mapping root 567 with details root 574");
        assertThat(run("thin_repair", "-i", input, "-o", output, "--root", "2", "--mapping-root", "567").status())
                .isEqualTo(2);
    }

    /** None of its devices was created after the transaction id had been raised. */
    @Test
    void theTransactionIdOfThePresentStateIsThePools() {
        Path tour = Path.of(System.getProperty("project.root", ".."), "docs/tour/pool.img");
        String present = run("thin_repair", "-i", tour.toString(), "--list-roots").out().lines().toList().get(1);
        assertThat(present.strip().split(" +")[4]).isEqualTo("7");
    }

    @Test
    void withoutASuperblockTheCheckSaysWhatIsLeftAndWhatToDo() throws IOException {
        String pool = image("thin-snaps-2", 0);
        Result check = run("thin_check", pool);
        assertThat(check.status()).isEqualTo(64);
        assertThat(check.err()).startsWith("bad checksum in superblock").contains("A repair would keep: 12 devices",
                "To repair: thin_repair -i " + pool + " -o NEW");
        assertThat(JSON.std.mapFrom(run("thin_check", "--json", pool).out())).containsEntry("verdict", "fatal")
                .containsEntry("fatal_findings", 1).containsEntry("next", "thin_repair -i " + pool + " -o NEW");
        assertThat(run("thin_check", "-q", pool)).isEqualTo(new Result(64, "", ""));
        String cache = withoutSuperblock("cache-v2-clean");
        assertThat(run("cache_check", cache).err()).contains("A repair would keep: nothing")
                .doesNotContain("To repair");
        assertThat(JSON.std.mapFrom(run("cache_check", "--json", cache).out())).containsEntry("next", null);
    }

    @Test
    void losesAreAlsoForPrograms() throws IOException {
        String input = image("thin-snaps-2", DEVICE_1);
        assertThat(JSON.std.mapFrom(run("thin_repair", "--json", "-i", input, "-o", output).out()))
                .containsEntry("mappings", 4674).containsEntry("devices", 12);
        assertThat(JSON.std.mapFrom(run("thin_check", "--json", input).out())).containsEntry("verdict", "fatal")
                .containsEntry("transaction_id", 7).containsEntry("next", "thin_repair -i " + input + " -o NEW")
                .containsKey("repair");
        assertThat(JSON.std.mapFrom(run("thin_check", "--json", image("thin-deep")).out())).containsEntry("verdict",
                "clean");
    }
}
