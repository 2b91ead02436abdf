package io.pdata.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.core.block.Bytes;
import io.pdata.core.spacemap.BitmapBlock;
import io.pdata.testkit.Golden;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Exit status, standard output and standard error are those of thin-provisioning-tools 1.3.3. */
class MainTest {
    /** Where a fresh pool has its first data bitmap, see the format document's worked example. */
    private static final int DATA_BITMAP = 8;

    @TempDir
    private Path folder;

    private record Result(int status, String out, String err) {}

    private static Result runWith(String tool, String[] arguments) {
        return run(Stream.concat(Stream.of(tool), Stream.of(arguments)).toArray(String[]::new));
    }

    private static Result run(String... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int status = Main.run(arguments, new PrintStream(out, true), new PrintStream(err, true));
        return new Result(status, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    private String image(String name) {
        return Golden.unpack(name, folder.resolve(name)).toString();
    }

    private static void breakByte(String file, long position) {
        try (RandomAccessFile open = new RandomAccessFile(file, "rw")) {
            open.seek(position);
            int old = open.read();
            open.seek(position);
            open.write(~old);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aGoodPoolIsSaidToBeWhatItIs() {
        Result result = run("thin_check", image("thin-snaps-2"));
        assertThat(result.status()).isZero();
        assertThat(result.out()).isEqualTo("TRANSACTION_ID=7\nMETADATA_FREE_BLOCKS=973\n");
        assertThat(result.err()).isEqualTo("Checking thin metadata\ndevice details tree\nmapping tree\n");
    }

    @Test
    void quietIsQuiet() {
        String file = image("thin-snaps-2");
        assertThat(run("thin_check", "-q", file)).isEqualTo(new Result(0, "", ""));
        breakByte(file, 580 * 4096 + 100);
        assertThat(run("thin_check", "-q", file)).isEqualTo(new Result(64, "", ""));
    }

    @Test
    void damageIsNamedAndFails() {
        String file = image("thin-snaps-2");
        breakByte(file, 580 * 4096 + 100);
        Result result = run("thin_check", file);
        assertThat(result.status()).isEqualTo(64);
        assertThat(result.err()).contains("mapping tree, block 580: bad checksum",
                "Thin device 0 has 1 errors and is missing 1208 mappings, while expected 1208",
                "Check of mappings failed");
        assertThat(run("thin_check", "--ignore-non-fatal-errors", file).status()).isEqualTo(64);
        assertThat(run("thin_check", "--skip-mappings", file).status()).isZero();
    }

    @Test
    void leaksFailUnlessTheyAreToBeIgnored() throws IOException {
        Path file = Path.of(image("thin-fresh"));
        byte[] bytes = Files.readAllBytes(file);
        MemorySegment bitmap = MemorySegment.ofArray(bytes).asSlice(DATA_BITMAP * Bytes.BLOCK_SIZE, Bytes.BLOCK_SIZE);
        BitmapBlock.VALIDATOR.check(bitmap, DATA_BITMAP);
        bitmap.set(Bytes.U64, 16, 2); // data block 0 is counted once; nothing refers to any
        BitmapBlock.VALIDATOR.prepare(bitmap, DATA_BITMAP);
        Files.write(file, bytes);
        Result result = run("thin_check", file.toString());
        assertThat(result.status()).isEqualTo(64);
        assertThat(result.err()).contains("data space map, block 0: is counted 1 times, but referred to 0 times",
                "1 data blocks have leaked");
        assertThat(run("thin_check", "--ignore-non-fatal-errors", file.toString()).status()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"thin_check", "thin_dump"})
    void aBrokenSuperblockFails(String tool) {
        String file = image("thin-fresh");
        breakByte(file, 100);
        Result result = run(tool, file);
        assertThat(result.status()).isEqualTo(64);
        assertThat(result.err()).contains("bad checksum in superblock");
        assertThat(result.out()).isEmpty();
    }

    @Test
    void metadataOfAnotherKindFail() {
        assertThat(run("cache_check", image("thin-fresh")).err()).contains("bad checksum in superblock");
        assertThat(run("era_check", image("thin-fresh")).err()).contains("bad checksum in superblock");
        assertThat(run("thin_check", image("cache-v1-clean")).status()).isEqualTo(64);
    }

    @Test
    void cacheAndEraAreChecked() {
        assertThat(run("cache_check", image("cache-v2-clean"))).isEqualTo(new Result(0, "", ""));
        assertThat(run("era_check", image("era-big-1"))).isEqualTo(new Result(0, "", "Checking era metadata\n"));
    }

    @Test
    void dumpsGoToStandardOutputOrToAFile() throws IOException {
        String file = image("thin-snaps-2");
        Result result = run("thin_dump", file);
        assertThat(result.status()).isZero();
        assertThat(result.err()).isEmpty();
        assertThat(result.out()).startsWith("<superblock uuid=\"\" time=\"12\" transaction=\"7\"")
                .endsWith("</superblock>");
        Path output = folder.resolve("pool.xml");
        assertThat(run("thin_dump", "-o", output.toString(), file)).isEqualTo(new Result(0, "", ""));
        assertThat(output).hasContent(result.out());
        assertThat(run("thin_dump", "--output=" + folder + "/no/such", file).err()).startsWith("output error: ");
    }

    @Test
    void dumpsOfSelectedDevices() {
        String file = image("thin-snaps-2");
        assertThat(run("thin_dump", "--dev-id", "5", "--dev-id=1", file).out()).contains("dev_id=\"1\"", "dev_id=\"5\"")
                .doesNotContain("dev_id=\"0\"");
        assertThat(run("thin_dump", "--skip-mappings", file).out()).contains("dev_id=\"0\"")
                .doesNotContain("mapping ");
        assertThat(run("thin_dump", "-f", "human_readable", file).out())
                .startsWith("begin superblock: \"\", 12, 7, 0, 2");
        assertThat(run("thin_dump", "-m", file).out()).contains("nr_data_blocks=\"0\"");
        assertThat(run("thin_dump", "-m=563", file)).isEqualTo(run("thin_dump", "--metadata-snap", file));
        assertThat(run("thin_dump", "-m", image("thin-fresh")))
                .isEqualTo(new Result(64, "", "no current metadata snap\n"));
    }

    @Test
    void logicalErasHaveNoWritesets() {
        String file = image("era-exact-3");
        assertThat(run("era_dump", file).out()).contains("<writeset era=\"4\"");
        assertThat(run("era_dump", "--logical", file).out()).contains("<era block=\"1\" era=\"4\"/>")
                .doesNotContain("writeset");
    }

    @Test
    void filesThatCannotBeMetadata() throws IOException {
        assertThat(run("thin_check", folder + "/none"))
                .isEqualTo(new Result(64, "", "Couldn't find input file '" + folder + "/none'\n"));
        assertThat(run("thin_check", folder.toString()).err())
                .isEqualTo("Not a block device or regular file '" + folder + "'.\n");
        assertThat(run("thin_check", "/dev/null").err()).isEqualTo("Not a block device or regular file '/dev/null'.\n");
        Path tiny = Files.writeString(folder.resolve("tiny"), "tiny");
        assertThat(run("thin_check", tiny.toString()).err())
                .isEqualTo("Metadata device/file too small.  Is this binary metadata?\n'" + tiny + "' is text\n");
        Path xml = Files.writeString(folder.resolve("xml"), "<superblock uuid=\"\"" + " ".repeat(5000));
        assertThat(run("thin_check", xml.toString()).err())
                .isEqualTo("This looks like XML.  This tool only supports the binary metadata format.\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"thin_check", "thin_dump", "cache_check", "cache_dump", "era_check", "era_dump"})
    void wrongCommandLinesAreExplained(String tool) {
        Result missing = run(tool);
        assertThat(missing.status()).isEqualTo(2);
        assertThat(missing.err()).isEqualTo("error: the following required arguments were not provided:\n  <INPUT>\n\n"
                + "Usage: " + tool + " <INPUT>\n\nFor more information, try '--help'.\n");
        Result unknown = run(tool, "--unknown", "x");
        assertThat(unknown.status()).isEqualTo(2);
        assertThat(unknown.err()).isEqualTo("error: unexpected argument '--unknown' found\n\n"
                + "  tip: to pass '--unknown' as a value, use '-- --unknown'\n\nUsage: " + tool
                + " [OPTIONS] <INPUT>\n\nFor more information, try '--help'.\n");
        Result second = run(tool, "x", "y");
        assertThat(second.status()).isEqualTo(2);
        assertThat(second.err()).startsWith("error: unexpected argument 'y' found\n\nUsage: ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"thin_restore", "cache_restore", "era_restore"})
    void restoresNeedAnInputAndAnOutput(String tool) throws IOException {
        assertThat(run(tool)).isEqualTo(new Result(2, "", "error: the following required arguments were not provided:\n"
                + "  --input <FILE>\n  --output <FILE>\n\nUsage: " + tool
                + " --input <FILE> --output <FILE>\n\nFor more information, try '--help'.\n"));
        assertThat(run(tool, "-i", "x").err()).startsWith(
                "error: the following required arguments were not provided:\n  --output <FILE>\n");
        assertThat(run(tool, "-i", folder + "/none", "-o", "y").err())
                .isEqualTo("Couldn't find input file '" + folder + "/none'\n");
        Path xml = Files.writeString(folder.resolve("xml"), "<superblock>");
        assertThat(run(tool, "-i", folder.toString(), "-o", "y").err())
                .isEqualTo("Not a block device or regular file '" + folder + "'.\n");
        assertThat(run(tool, "-i", xml.toString(), "-o", folder + "/none").err())
                .isEqualTo("Couldn't find output file '" + folder + "/none'\n");
        assertThat(run(tool, "-i", xml.toString(), "-o", "").err()).isEqualTo("Couldn't find output file ''\n");
        assertThat(run(tool, "-i", xml.toString(), "-o", folder.toString()).err())
                .startsWith("Invalid output file: Not a block device or regular file");
        Path small = Files.write(folder.resolve("small"), new byte[40959]);
        assertThat(run(tool, "-i", xml.toString(), "-o", small.toString()))
                .isEqualTo(new Result(64, "", "Output file too small.\n"));
        assertThat(run(tool, "-i", xml.toString(), "-o", small.toString(), "z").err())
                .startsWith("error: unexpected argument 'z' found\n\nUsage: " + tool + " [OPTIONS] --input <FILE>");
        assertThat(run(tool, "--help").out()).contains("Usage: " + tool + " [OPTIONS] --input <FILE> --output <FILE>\n",
                "  -i, --input <FILE>", "Examples:\n  ", "\n  " + tool);
    }

    @Test
    void dumpsCanBeRestored() throws IOException {
        Path xml = folder.resolve("pool.xml");
        run("thin_dump", "-o", xml.toString(), image("thin-snaps-2"));
        Path restored = Files.write(folder.resolve("restored"), new byte[1 << 20]);
        assertThat(run("thin_restore", "-i", xml.toString(), "-o", restored.toString(), "--transaction-id=8"))
                .isEqualTo(new Result(0, "", ""));
        assertThat(run("thin_check", restored.toString()).out())
                .isEqualTo("TRANSACTION_ID=8\nMETADATA_FREE_BLOCKS=212\n");
        Files.writeString(xml, Files.readString(xml).replace("dev_id=", "id="));
        assertThat(run("thin_restore", "-i", xml.toString(), "-o", restored.toString()).err())
                .isEqualTo("unknown attribute 'id' in tag 'device', line 10\n");
        assertThat(run("thin_restore", "-q", "-i", xml.toString(), "-o", restored.toString()))
                .isEqualTo(new Result(64, "", ""));
        assertThat(run("thin_restore", "--nr-data-blocks", "x").err()).startsWith(
                "error: invalid value 'x' for '--nr-data-blocks <NUM>': invalid digit found in string\n");
    }

    @Test
    void dumpsCanSaySomethingElseOfAPool() {
        String file = image("thin-fresh");
        assertThat(run("thin_dump", "--transaction-id", "9", "--data-block-size", "256", "--nr-data-blocks=50000", file)
                .out())
                .contains("transaction=\"9\"", "data_block_size=\"256\"", "nr_data_blocks=\"50000\"");
        assertThat(run("thin_dump", "--nr-data-blocks=5", file).out()).contains("nr_data_blocks=\"40960\"");
        assertThat(run("thin_dump", "-r", "--transaction-id", "9", file).out()).contains("transaction=\"9\"");
        assertThat(run("thin_dump", "-r", "-m", file).err())
                .startsWith("error: the argument '--repair' cannot be used with '--metadata-snap[=<BLOCKNR>]'\n");
    }

    @Test
    void cachesAndErasCanBeRestored() throws IOException {
        Path xml = folder.resolve("xml");
        Path restored = Files.write(folder.resolve("restored"), new byte[1 << 20]);
        String[] files = {"-i", xml.toString(), "-o", restored.toString()};
        run("era_dump", "-o", xml.toString(), image("era-exact-3"));
        assertThat(runWith("era_restore", files)).isEqualTo(new Result(0, "", ""));
        assertThat(run("era_dump", restored.toString()).out()).isEqualTo(Files.readString(xml));
        run("cache_dump", "-o", xml.toString(), image("cache-v2-clean"));
        assertThat(runWith("cache_restore", files)).isEqualTo(new Result(0, "", ""));
        assertThat(run("cache_dump", restored.toString()).out()).isEqualTo(Files.readString(xml));
        assertThat(run("cache_restore", "--metadata-version", "3").err()).startsWith(
                "error: invalid value '3' for '--metadata-version <NUM>'\n  [possible values: 1, 2]\n");
        assertThat(run("cache_restore", "--metadata-version=1", "--omit-clean-shutdown", "-i", xml.toString(), "-o",
                restored.toString())).isEqualTo(new Result(0, "", ""));
        assertThat(run("cache_check", restored.toString())).isEqualTo(new Result(0, "", ""));
    }

    @Test
    void wrongValuesAreExplained() {
        assertThat(run("thin_dump", "--dev-id", "x", "y").err())
                .startsWith("error: invalid value 'x' for '--dev-id <THIN_ID>'");
        assertThat(run("thin_dump", "--dev-id").err())
                .startsWith("error: a value is required for '--dev-id <THIN_ID>' but none was supplied");
        assertThat(run("thin_dump", "-f", "json", "y").err())
                .startsWith("error: invalid value 'json' for '--format <TYPE>'");
        assertThat(run("thin_check", "-q", "-q", "y").err())
                .startsWith("error: the argument '--quiet' cannot be used multiple times");
    }

    @Test
    void theNeedsCheckFlagIsClearedOfPoolsThatPass() throws IOException {
        Path file = Path.of(image("thin-needs-check"));
        byte[] before = Files.readAllBytes(file);
        assertThat(run("thin_check", "--skip-mappings", file.toString()).status()).isZero();
        assertThat(file).hasBinaryContent(before);
        assertThat(run("thin_check", "--clear-needs-check-flag", file.toString()).err())
                .isEqualTo("Checking thin metadata\ndevice details tree\nmapping tree\nCleared needs_check flag\n");
        assertThat(run("thin_dump", file.toString()).out()).doesNotContain("flags=");
        byte[] after = Files.readAllBytes(file);
        assertThat(Arrays.mismatch(before, 4096, before.length, after, 4096, after.length)).isNegative();
        assertThat(run("thin_check", "-q", "--clear-needs-check-flag", file.toString()))
                .isEqualTo(new Result(0, "", ""));
        assertThat(file).hasBinaryContent(after);
        Files.write(file, before);
        breakByte(file.toString(), 60 * 4096 + 100);
        Result ofBroken = run("thin_check", "--clear-needs-check-flag", file.toString());
        assertThat(ofBroken.status() == 0).isEqualTo(ofBroken.err().contains("Cleared needs_check flag"));
        assertThat(run("thin_check", "--clear-needs-check-flag", "-m", file.toString()).err())
                .startsWith("error: the argument '--clear-needs-check-flag' cannot be used with '--metadata-snap'\n");
        String cache = image("cache-v1-clean");
        assertThat(run("cache_check", "-q", "--clear-needs-check-flag", cache)).isEqualTo(new Result(0, "", ""));
    }

    @ParameterizedTest
    @ValueSource(strings = {"thin_check", "thin_dump", "cache_check", "cache_dump", "era_check", "era_dump"})
    void eachToolExplainsItself(String tool) {
        Result help = run(tool, "--help");
        assertThat(help.status()).isZero();
        assertThat(help.out()).contains("Usage: " + tool + " [OPTIONS] <INPUT>", "-V, --version",
                "Example:\n  " + tool);
    }

    @Test
    void unknownToolsAreNamed() {
        assertThat(run("thin_fly").status()).isEqualTo(64);
        assertThat(run("thin_fly").err()).startsWith("unrecognised command 'thin_fly'\nUsage: ");
        assertThat(run().status()).isEqualTo(64);
        assertThat(run("--help").out()).contains("thin_check", "era_dump");
    }

    @Test
    void aFolderOfLinksIsMadeAndNothingReplacedUnasked() throws IOException {
        Path program = Files.createFile(folder.resolve("pdata"));
        Path links = folder.resolve("a/b");
        String before = System.setProperty(LinksCommand.PROGRAM, program.toString());
        try {
            assertThat(run("links", links.toString()).out()).endsWith(" links in " + links + "\n");
            assertThat(links.resolve("thin_check")).isSymbolicLink().hasSameBinaryContentAs(program);
            assertThat(run("links", links.toString()).status()).isZero();
            Files.delete(links.resolve("era_dump"));
            Files.writeString(links.resolve("era_dump"), "somebody's");
            assertThat(run("links", links.toString()).err()).isEqualTo("'" + links.resolve("era_dump")
                    + "' is there already; --force replaces it\n");
            assertThat(run("links", "--force", links.toString()).status()).isZero();
            assertThat(links.resolve("era_dump")).isSymbolicLink();
        } finally {
            restore(LinksCommand.PROGRAM, before);
        }
    }

    private static void restore(String property, String before) {
        if (before == null) {
            System.clearProperty(property);
        } else {
            System.setProperty(property, before);
        }
    }

    @Test
    void hiddenOptionsOfTheReferenceToolsAreAccepted() {
        String file = image("thin-fresh");
        assertThat(run("thin_check", "-q", "-vv", "-v", "--io-engine", "spindle", file))
                .isEqualTo(new Result(0, "", ""));
        assertThat(run("era_dump", "-v", file).status()).isEqualTo(2);
        assertThat(run("thin_check", "--io-engine=fast", file).err())
                .startsWith("error: invalid value 'fast' for '--io-engine <IO_ENGINE>'");
    }
}
