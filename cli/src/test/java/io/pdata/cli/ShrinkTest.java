package io.pdata.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.core.device.FileDevice;
import io.pdata.testkit.Golden;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What thin_shrink takes and refuses, as a user meets it. */
class ShrinkTest {
    private static final int BLOCKS = 40_960;
    private static final int BLOCK = 64 << 10;

    @TempDir
    private Path folder;

    private Path metadata;
    private Path data;
    private Path output;

    private record Result(int status, String out, String err) {}

    private static Result run(Object... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int status = Main.run(Stream.of(arguments).map(Object::toString).toArray(String[]::new),
                new PrintStream(out, true), new PrintStream(err, true));
        return new Result(status, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    @BeforeEach
    void pool() throws IOException {
        metadata = Golden.unpack("thin-snaps-2", folder.resolve("metadata"));
        data = folder.resolve("data");
        FileDevice.create(data, (long) BLOCKS * BLOCK).close();
        output = Files.write(folder.resolve("output"), new byte[4 << 20]);
    }

    private Result shrink(Path in, Path out, Path of, int blocks, String... options) {
        return run(Stream.concat(Stream.of("thin_shrink", "-i", in, "-o", out, "--data", of, "--nr-blocks", blocks),
                Stream.of(options)).toArray());
    }

    @Test
    void metadataAreWrittenAnew() {
        assertThat(shrink(metadata, output, data, 1400, "--binary")).isEqualTo(new Result(0, "", ""));
        assertThat(run("thin_check", "-q", output).status()).isZero();
        assertThat(run("thin_dump", output).out()).contains("nr_data_blocks=\"1400\"");
    }

    @Test
    void aDumpIsWrittenAnewWhetherTheOutputIsThereOrNot() throws IOException {
        Path xml = Files.writeString(folder.resolve("xml"), run("thin_dump", metadata).out());
        Path result = folder.resolve("result");
        assertThat(shrink(xml, result, data, 1400)).isEqualTo(new Result(0, "", ""));
        assertThat(Files.readString(result)).contains("nr_data_blocks=\"1400\"");
        assertThat(shrink(xml, result, folder.resolve("none"), 40_960, "--no-copy").status()).isZero();
        assertThat(Files.readString(result)).isEqualTo(Files.readString(xml));
        Result larger = shrink(xml, result, folder.resolve("none"), 40_961, "--no-copy");
        assertThat(larger.status()).isEqualTo(64);
        assertThat(larger.err()).startsWith("the pool has 40960 data blocks, and cannot be shrunk to 40961");
    }

    @Test
    void whatIsStillNeededIsNotOverwritten() throws IOException {
        byte[] before = Files.readAllBytes(metadata);
        Result result = shrink(metadata, metadata, data, 1400, "--binary");
        assertThat(result.status()).isEqualTo(64);
        assertThat(result.err()).startsWith("input and output are the same file");
        assertThat(metadata).hasBinaryContent(before);
        Path xml = Files.writeString(folder.resolve("xml"), run("thin_dump", metadata).out());
        assertThat(shrink(xml, xml, data, 1400).err()).startsWith("input and output are the same file");
        assertThat(shrink(xml, data, data, 1400).err()).startsWith("data and output are the same file");
        assertThat(data).hasSize((long) BLOCKS * BLOCK);
    }

    @Test
    void nothingIsCalledMetadataUnlessAllHasBeenCopied() throws IOException {
        Path small = Files.write(folder.resolve("small"), new byte[BLOCK]);
        byte[] before = Files.readAllBytes(output);
        Result result = shrink(metadata, output, small, 1308, "--binary");
        assertThat(result.status()).isEqualTo(64);
        assertThat(result.err()).startsWith("unexpected data device size, wanted at least ");
        assertThat(output).hasBinaryContent(before);
    }

    @Test
    void whatIsWrongIsSaidAsThinProvisioningToolsSayIt() throws IOException {
        Path none = folder.resolve("none");
        Path xml = Files.writeString(folder.resolve("xml"), run("thin_dump", metadata).out());
        assertThat(shrink(none, output, data, 1400).err()).isEqualTo("Couldn't find input file '" + none + "'\n");
        assertThat(shrink(none, output, data, 1400, "--binary").err())
                .isEqualTo("Couldn't find input file '" + none + "'\n");
        assertThat(shrink(metadata, none, data, 1400, "--binary").err())
                .isEqualTo("Couldn't find output file '" + none + "'\n");
        assertThat(shrink(xml, output, none, 1308).err()).isEqualTo("Couldn't find input file '" + none + "'\n");
        assertThat(shrink(folder, output, data, 1400).err())
                .startsWith("Not a block device or regular file '" + folder + "'.\n");
        assertThat(shrink(xml, output, data, 1400, "--binary").err()).startsWith("This looks like XML.");
        assertThat(shrink(metadata, output, data, 3, "--binary").err()).startsWith("Insufficient free space");
        assertThat(shrink(metadata, output, data, 1400, "-q").status()).isEqualTo(2);
        assertThat(run("thin_shrink", "-i", xml, "-o", output, "--nr-blocks", 3).err()).isEqualTo("""
                error: the following required arguments were not provided:
                  --data <FILE>

                Usage: thin_shrink --input <FILE> --output <FILE> --data <FILE> --nr-blocks <NUM>

                For more information, try '--help'.
                """);
    }
}
