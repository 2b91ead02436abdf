package io.pdata.tools;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.testkit.Golden;
import io.pdata.tools.pack.Packer;
import io.pdata.core.device.FileDevice;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Kinds of files, made by the programs that make them, or with the marks that the documentation of each names. */
class FileKindTest {
    @TempDir
    private Path folder;

    private FileKind written(byte[] bytes) throws IOException {
        return FileKind.of(Files.write(folder.resolve("file"), bytes));
    }

    @ParameterizedTest
    @CsvSource({"thin-fresh,THIN_METADATA", "cache-v1-clean,CACHE_METADATA", "cache-v2-clean,CACHE_METADATA",
        "era-exact-3,ERA_METADATA"})
    void metadataAreToldByTheirSuperblock(String image, FileKind kind) throws IOException {
        Path file = Golden.unpack(image, folder.resolve(image));
        assertThat(FileKind.of(file)).isEqualTo(kind);
        byte[] bytes = Files.readAllBytes(file);
        bytes[100] ^= 1; // also with a wrong checksum
        assertThat(written(bytes)).isEqualTo(kind);
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (FileDevice device = FileDevice.open(file, FileDevice.Access.READ_ONLY)) {
            Packer.pack(device, packed);
        }
        assertThat(written(packed.toByteArray())).isEqualTo(FileKind.PACK);
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '\'', value = {
        "'<superblock uuid=\"\" time=\"1\" data_block_size=\"128\" nr_data_blocks=\"9\">',THIN_DUMP",
        "'<?xml version=\"1.0\"?>\n<!-- by hand -->\n  <superblock uuid=\"\" block_size=\"64\" nr_cache_blocks=\"9\">',CACHE_DUMP",
        "'\n<superblock uuid=\"\" block_size=\"64\" nr_blocks=\"9\" current_era=\"5\">',ERA_DUMP",
        "'<html>',XML", "'<superblock>',XML", "'line\nline\n',TEXT", "'Gr\u00fc\u00dfe',TEXT"})
    void dumpsAndTextAreTold(String text, FileKind kind) throws IOException {
        assertThat(written(text.getBytes(StandardCharsets.UTF_8))).isEqualTo(kind);
        assertThat(written(("\ufeff" + text).getBytes(StandardCharsets.UTF_8))).isEqualTo(kind);
    }

    @ParameterizedTest
    @CsvSource({"0,FD377A585A00,XZ", "0,28B52FFD,ZSTD", "0,425A6839,BZIP2", "0,514649FB,QCOW2", "0,4C554B53BABE,LUKS",
        "0,58465342,XFS", "1080,53EF,EXT", "65600,5F42485266535F4D,BTRFS", "4086,53574150535041434532,SWAP",
        "512,4C4142454C4F4E45,PHYSICAL_VOLUME", "1536,4C4142454C4F4E45,PHYSICAL_VOLUME", "510,55AA,PARTITIONS",
        "512,4546492050415254,PARTITIONS", "0,50445331,STREAM", "0,68737173,SQUASHFS", "77,FF,UNKNOWN"})
    void othersHaveMarks(int position, String mark, FileKind kind) throws IOException {
        byte[] bytes = new byte[1 << 18];
        byte[] marks = HexFormat.of().parseHex(mark);
        System.arraycopy(marks, 0, bytes, position, marks.length);
        assertThat(written(bytes)).isEqualTo(kind);
        assertThat(written(Arrays.copyOf(bytes, position + marks.length)).form()).as("cut off").isEqualTo(kind.form());
    }

    @Test
    void filesThatAreCompressedEmptyOrBlank() throws IOException {
        ByteArrayOutputStream compressed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(compressed)) {
            gzip.write(1);
        }
        assertThat(written(compressed.toByteArray())).isEqualTo(FileKind.GZIP);
        assertThat(written(new byte[0])).isEqualTo(FileKind.EMPTY);
        assertThat(written(new byte[1])).isEqualTo(FileKind.ZEROES);
        assertThat(written(new byte[1 << 20])).isEqualTo(FileKind.ZEROES);
        assertThat(FileKind.of(folder.resolve("none"))).isEqualTo(FileKind.UNKNOWN);
        assertThat(FileKind.of(folder)).isEqualTo(FileKind.UNKNOWN);
        assertThat(FileKind.of(Path.of("/dev/zero"))).isEqualTo(FileKind.UNKNOWN);
        Files.createFile(folder.resolve("metadata"));
        Files.createFile(folder.resolve("names.1"));
        assertThat(FileKind.of(folder)).isEqualTo(FileKind.POOL_FOLDER);
    }
}
