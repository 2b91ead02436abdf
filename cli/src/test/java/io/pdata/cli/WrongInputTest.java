package io.pdata.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.testkit.Golden;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A tool that is given the wrong kind of file identifies it, and names the right tool. */
class WrongInputTest {
    @TempDir
    private static Path folder;

    @BeforeAll
    static void makeFiles() throws IOException {
        for (String image : List.of("thin-fresh", "cache-v2-clean", "era-exact-3")) {
            String kind = image.replaceFirst("-.*", "");
            Golden.unpack(image, file(kind));
            ToolRun.of(kind + "_dump", "-o", file(kind + ".xml").toString(), file(kind).toString());
        }
        ToolRun.of("thin_metadata_pack", "-i", file("thin").toString(), "-o", file("pack").toString());
        ByteArrayOutputStream compressed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(compressed)) {
            gzip.write(Files.readAllBytes(file("thin")));
        }
        Files.write(file("gz"), Arrays.copyOf(compressed.toByteArray(), 1 << 16));
        Files.write(file("text"), "all work and no play\n".repeat(999).getBytes());
        byte[] volume = new byte[1 << 20];
        System.arraycopy("LABELONE".getBytes(), 0, volume, 512, 8);
        Files.write(file("pv"), volume);
        Files.write(file("zeroes"), new byte[1 << 20]);
        Files.write(file("new"), new byte[1 << 20]);
        Files.createFile(file("empty"));
        Files.writeString(file("long.xml"), Files.readString(file("thin.xml")) + " ".repeat(5000));
        ToolRun.of("pool", "create", file("pool").toString(), "--data-size", "1M");
    }

    private static Path file(String name) {
        return folder.resolve(name);
    }

    private ToolRun run(String tool, String input) {
        List<String> arguments = new ArrayList<>(List.of(tool.split(" ")));
        if (tool.endsWith(" -i")) {
            arguments.addAll(List.of(file(input).toString(), "-o", file("new").toString()));
        } else {
            arguments.add(file(input).toString());
        }
        return ToolRun.of(arguments.toArray(String[]::new));
    }

    /** The last line that a tool prints, with names of files only. */
    private String advice(String tool, String input) {
        ToolRun run = run(tool, input);
        assertThat(run.status()).isEqualTo(64);
        assertThat(run.out()).isEmpty();
        List<String> lines = run.err().lines().toList();
        assertThat(lines).hasSizeGreaterThan(1);
        assertThat(run.err()).doesNotContain("A repair would keep");
        return lines.getLast().replace(folder + "/", "");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', value = {
        "thin_check|cache|'cache' is metadata of a cache: use cache_check",
        "thin_check|era|'era' is metadata of an era device: use era_check",
        "cache_check|thin|'thin' is metadata of a thin pool: use thin_check",
        "era_dump|thin|'thin' is metadata of a thin pool: use thin_dump",
        "thin_repair -i|era|'era' is metadata of an era device: use era_repair",
        "cache_repair -i|thin|'thin' is metadata of a thin pool: use thin_repair",
        "thin_ls|cache|'cache' is metadata of a cache: no tool whose name begins with thin_ is for it, but those with cache_",
        "thin_check|thin.xml|'thin.xml' is a dump of a thin pool's metadata (XML): thin_restore -i thin.xml -o NEW makes metadata of it",
        "thin_dump|cache.xml|'cache.xml' is a dump of a cache's metadata (XML): cache_restore -i cache.xml -o NEW makes metadata of it",
        "era_check|era.xml|'era.xml' is a dump of an era device's metadata (XML): era_restore -i era.xml -o NEW makes metadata of it",
        "thin_restore -i|thin|'thin' is metadata of a thin pool, which is binary: thin_dump thin prints it as XML",
        "cache_restore -i|era|'era' is metadata of an era device, which is binary: era_dump era prints it as XML",
        "thin_restore -i|cache.xml|'cache.xml' is a dump of a cache's metadata (XML): use cache_restore",
        "era_restore -i|thin.xml|'thin.xml' is a dump of a thin pool's metadata (XML): use thin_restore",
        "thin_check|pack|'pack' is metadata packed by thin_metadata_pack: unpack it first: thin_metadata_unpack -i pack -o NEW",
        "thin_restore -i|pack|'pack' is metadata packed by thin_metadata_pack: unpack it first: thin_metadata_unpack -i pack -o NEW",
        "thin_metadata_unpack -f -i|thin|'thin' is metadata of a thin pool, not packed",
        "thin_dump|gz|'gz' is compressed by gzip: decompress it first: gunzip <gz >NEW",
        "thin_restore -i|gz|'gz' is compressed by gzip: decompress it first: gunzip <gz >NEW",
        "thin_metadata_unpack -f -i|gz|'gz' is compressed by gzip: decompress it first: gunzip <gz >NEW",
        "thin_check|pool|'pool' is a folder with a pool of pdata: its metadata are the file pool/metadata",
        "thin_restore -i|pool|'pool' is a folder with a pool of pdata: its metadata are the file pool/metadata",
        "thin_check|pv|'pv' is a physical volume of LVM: metadata are on one of its logical volumes: lvchange -ay VG/POOL_tmeta makes that readable as /dev/mapper/VG-POOL_tmeta",
        "thin_check|text|'text' is text",
        "cache_dump|empty|'empty' is empty",
        "thin_dump|zeroes|'zeroes' is full of zeroes in its first 128 KiB"})
    void itIsIdentified(String tool, String input, String advice) {
        assertThat(advice(tool, input)).isEqualTo(advice);
    }

    @Test
    void theMessagesThatScriptsLookForComeFirst() {
        assertThat(run("thin_check", "cache").err()).startsWith("bad checksum in superblock");
        assertThat(run("thin_check", "long.xml").err())
                .startsWith("This looks like XML.  This tool only supports the binary metadata format.\n");
        assertThat(run("thin_check", "empty").err())
                .startsWith("Metadata device/file too small.  Is this binary metadata?\n");
        assertThat(run("thin_check", "pool").err()).startsWith("Not a block device or regular file '");
        assertThat(ToolRun.of("thin_check", "-q", file("cache").toString())).isEqualTo(new ToolRun(64, "", ""));
    }

    @Test
    void programsAreToldToo() {
        assertThat(ToolRun.of("thin_check", "--json", file("cache").toString()).out())
                .contains("is metadata of a cache: use cache_check\"", "\"repair\" : null", "\"next\" : null");
    }

    /** A superblock that was overwritten with zeroes leaves the rest to a repair. */
    @Test
    void metadataWithoutASuperblockAreNotOfTheWrongKind() throws IOException {
        byte[] bytes = Files.readAllBytes(file("thin"));
        Arrays.fill(bytes, 0, 4096, (byte) 0);
        Files.write(file("lost"), bytes);
        assertThat(run("thin_check", "lost").err()).contains("A repair would keep").doesNotContain("'lost' is");
        assertThat(ToolRun.of("thin_trim", "--metadata-dev", file("cache").toString(), "--data-dev",
                file("new").toString()).err()).contains("'" + file("cache") + "' is metadata of a cache");
    }
}
