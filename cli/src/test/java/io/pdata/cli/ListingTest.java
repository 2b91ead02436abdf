package io.pdata.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.testkit.Golden;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What thin_ls, thin_rmap and thin_delta print, and what they refuse, as thin-provisioning-tools 1.3.3 do. */
class ListingTest {
    @TempDir
    private Path folder;

    private String file;

    private record Result(int status, String out, String err) {}

    private static Result run(String... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int status = Main.run(arguments, new PrintStream(out, true), new PrintStream(err, true));
        return new Result(status, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    @BeforeEach
    void unpack() {
        file = Golden.unpack("thin-snaps-2", folder.resolve("thin-snaps-2")).toString();
    }

    @Test
    void aTableIsAsWideAsItsCells() {
        Result result = run("thin_ls", "-o", "DEV,MAPPED_BLOCKS,EXCLUSIVE,SNAP_TIME", file);
        assertThat(result.out()).startsWith("     DEV MAPPED_BLOCKS EXCLUSIVE SNAP_TIME \n"
                + "       0          1208     56MiB        12 \n       1           384        0b         2 \n");
        assertThat(result.err()).isEqualTo("Scanning data mappings\n");
        assertThat(run("thin_ls", "--no-headers", "-o", "DEV", file).out())
                .startsWith("       0 \n       1 \n       2 \n").endsWith("16777215 \n");
    }

    @Test
    void mappingsAreNotReadForDetailsOnly() {
        assertThat(run("thin_ls", "-o", "DEV,TRANSACTION,CREATE_TIME,SNAP_TIME", file).err()).isEmpty();
    }

    @Test
    void theMetadataSnapshotIsListed() {
        assertThat(run("thin_ls", "-m", "-o", "DEV,MAPPED", file).out())
                .startsWith("DEV MAPPED \n  0  74MiB \n  1  24MiB \n");
        String fresh = Golden.unpack("thin-fresh", folder.resolve("thin-fresh")).toString();
        assertThat(run("thin_ls", "-m", fresh)).isEqualTo(new Result(64, "", "no current metadata snap\n"));
    }

    @Test
    void numbersInJsonAreExact() {
        assertThat(run("thin_ls", "--json", "-o", "DEV,MAPPED,SHARED_BLOCKS", file).out()).startsWith("""
                [ {
                  "dev" : 0,
                  "mapped" : 79167488,
                  "shared_blocks" : 316
                }, {
                """);
    }

    @Test
    void unknownFieldsAreRefused() {
        assertThat(run("thin_ls", "-o", "dev", file)).isEqualTo(new Result(2, "", """
                error: invalid value 'dev' for '--format <FIELDS>': Unknown field

                For more information, try '--help'.
                """));
    }

    @Test
    void anEmptyNameIsNoFile() {
        assertThat(run("thin_ls", "")).isEqualTo(new Result(64, "", "Couldn't find input file ''\n"));
    }

    @Test
    void whoUsesDataBlocksIsListedOnceForOverlappingRegions() {
        assertThat(run("thin_rmap", "--region", "1236..1239", "--region", "1237..1240", file)).isEqualTo(new Result(0,
                """
                        data 1236..1237 -> thin(0) 970..971
                        data 1237..1238 -> thin(0) 15..16
                        data 1238..1239 -> thin(0) 14490..14491
                        data 1239..1240 -> thin(0) 2252..2253
                        """, ""));
    }

    /** Volumes 21 and 23 have all their nodes in common with another one. */
    @Test
    void volumesThatShareNodesAreListedToo() {
        assertThat(run("thin_rmap", "--region", "20..21", file).out()).contains("thin(20) 20..21\n",
                "thin(21) 20..21\n", "thin(23) 20..21\n");
    }

    @Test
    void regionsHaveToBeRegions() {
        assertThat(run("thin_rmap", "--region", "7..7", file).err())
                .startsWith("error: invalid value '7..7' for '--region <BLOCK_RANGE>': end <= begin\n");
        assertThat(run("thin_rmap", "--region", "7", file).err())
                .startsWith("error: invalid value '7' for '--region <BLOCK_RANGE>': badly formed region\n");
        assertThat(run("thin_rmap", file).status()).isEqualTo(2);
    }

    private static final String BEGIN = """
            <superblock uuid="" time="12" transaction="7" data_block_size="128" nr_data_blocks="40960">
            """;

    @Test
    void differencesAreRanges() {
        assertThat(run("thin_delta", "--snap1", "1", "--thin2", "2", file)).isEqualTo(new Result(0, BEGIN + """
                  <diff left="1" right="2">
                    <same begin="0" length="100"/>
                    <different begin="100" length="7"/>
                    <same begin="107" length="277"/>
                  </diff>
                </superblock>""", ""));
        assertThat(run("thin_delta", "--changes-only", "--thin1", "1", "--thin2", "2", file).out())
                .isEqualTo(BEGIN + """
                          <diff left="1" right="2">
                            <different begin="100" length="7"/>
                          </diff>
                        </superblock>""");
    }

    @Test
    void dataBlocksAreThoseThatAreMapped() {
        assertThat(run("thin_delta", "--verbose", "--thin1", "1", "--thin2", "5", file).out()).isEqualTo(BEGIN + """
                  <diff left="1" right="5">
                    <same>
                      <range begin="0" data_begin="0" length="5"/>
                    </same>
                    <different>
                      <range begin="5" left_data_begin="5" right_data_begin="384" length="10"/>
                      <range begin="15" left_data_begin="15" right_data_begin="405" length="1"/>
                    </different>
                    <same>
                      <range begin="16" data_begin="16" length="368"/>
                    </same>
                    <right_only>
                      <range begin="1000" data_begin="1305" length="5"/>
                      <range begin="1020" data_begin="406" length="1"/>
                    </right_only>
                  </diff>
                </superblock>""");
    }

    @Test
    void bothSidesHaveToBeGiven() {
        assertThat(run("thin_delta", file)).isEqualTo(new Result(64, "", "--thin1 or --root1 not specified\n"));
        assertThat(run("thin_delta", "--root1", "580", file))
                .isEqualTo(new Result(64, "", "--thin2 or --root2 not specified\n"));
        assertThat(run("thin_delta", "--thin1", "1", "--root1", "5", "--thin2", "2", file).status()).isEqualTo(2);
        assertThat(run("thin_delta", "--thin1", "99", "--thin2", "1", file))
                .isEqualTo(new Result(64, "", "Unable to find mapping tree for snap1 (99)\n"));
    }
}
