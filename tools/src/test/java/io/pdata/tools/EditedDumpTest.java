package io.pdata.tools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pdata.core.block.Bytes;
import io.pdata.core.device.Device;
import io.pdata.core.device.MemoryDevice;
import io.pdata.testkit.Golden;
import io.pdata.tools.cache.CacheCheck;
import io.pdata.tools.cache.CacheRestore;
import io.pdata.tools.cache.CacheWriter;
import io.pdata.tools.era.EraCheck;
import io.pdata.tools.era.EraRestore;
import io.pdata.tools.thin.PoolOverrides;
import io.pdata.tools.thin.ThinCheck;
import io.pdata.tools.thin.ThinRestore;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** A dump that was edited is refused with the line, or the restored metadata pass the check. */
class EditedDumpTest {
    private static final int BLOCKS = 512;
    private static final int EDITS = Boolean.getBoolean("long.tests") ? 5000 : 150;
    private static final Pattern VALUE = Pattern.compile("=\"([^\"]*)\"");
    private static final String[] NUMBERS = {"0", "1", "2", "7", "127", "128", "4095", "16777215", "16777216",
        "4294967295",
        "4294967296", "18446744073709551615", "18446744073709551616", "-1", "", "x", "true"};
    private static final String POOL = """
            <superblock uuid="" time="3" transaction="5" data_block_size="128" nr_data_blocks="1000">
            <def name="7"><range_mapping origin_begin="300" data_begin="500" length="200" time="0"/></def>
            <device dev_id="1" mapped_blocks="203" transaction="0" creation_time="0" snap_time="2">
            <range_mapping origin_begin="0" data_begin="5" length="2" time="0"/>
            <single_mapping origin_block="9" data_block="8" time="1"/>
            <ref name="7"/>
            </device>
            <device dev_id="2" mapped_blocks="200" transaction="4" creation_time="2" snap_time="2">
            <ref name="7"/>
            </device>
            </superblock>""";

    private enum Dump {
        THIN {
            @Override
            String xml() {
                return POOL;
            }

            @Override
            Findings restore(InputStream xml, MemoryDevice output) {
                ThinRestore.restore(xml, PoolOverrides.NONE, new Unclosed(output));
                return ThinCheck.check(new MetadataFile(output), ThinCheck.Options.FULL, Report.SILENT);
            }
        },
        CACHE {
            @Override
            String xml() {
                return shortened("cache-v2-restored-1.1.0");
            }

            @Override
            Findings restore(InputStream xml, MemoryDevice output) {
                CacheRestore.restore(xml, new CacheWriter.Options(2, true), new Unclosed(output));
                return CacheCheck.check(new MetadataFile(output), CacheCheck.Options.FULL, Report.SILENT);
            }
        },
        ERA {
            @Override
            String xml() {
                return """
                        <superblock uuid="" block_size="64" nr_blocks="3" current_era="5">
                        <writeset era="3" nr_bits="3">
                        <marked block_begin="0" len="2"/>
                        </writeset>
                        <writeset era="4" nr_bits="3">
                        <bit block="0" value="false"/>
                        <marked block_begin="1" len="2"/>
                        </writeset>
                        <era_array>
                        <era block="0" era="0"/>
                        <era block="1" era="3"/>
                        <era block="2" era="0"/>
                        </era_array>
                        </superblock>""";
            }

            @Override
            Findings restore(InputStream xml, MemoryDevice output) {
                EraRestore.restore(xml, new Unclosed(output));
                return EraCheck.check(new MetadataFile(output), false, Report.SILENT);
            }
        };

        abstract String xml();

        abstract Findings restore(InputStream xml, MemoryDevice output);

        Findings restore(String text) {
            return restore(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)),
                    new MemoryDevice("metadata", (long) BLOCKS * Bytes.BLOCK_SIZE));
        }

        private static String shortened(String name) {
            return new String(Golden.bytes(Golden.folder(), name + ".xml"), StandardCharsets.UTF_8);
        }
    }

    /** Restores close their output, which is still needed here. */
    private static final class Unclosed extends io.pdata.core.device.ForwardingDevice {
        Unclosed(Device device) {
            super(device);
        }

        @Override
        public void close() {}
    }

    @ParameterizedTest
    @EnumSource(Dump.class)
    void anEditIsRefusedOrHarmless(Dump dump) {
        assertSound(dump.restore(dump.xml()), dump.xml());
        SplittableRandom random = new SplittableRandom(12);
        for (int i = 0; i < EDITS; i++) {
            String edited = edit(dump.xml(), random);
            try {
                assertSound(dump.restore(edited), edited);
            } catch (ToolException e) {
                assertThat(e.getMessage()).as(edited)
                        .containsPattern(", line \\d+$|out of metadata space|there is no XML");
            }
        }
    }

    private static void assertSound(Findings findings, String xml) {
        assertThat(findings.count(Severity.FATAL) + findings.count(Severity.NON_FATAL))
                .as(findings.all() + " in\n" + xml).isZero();
    }

    private static String edit(String xml, SplittableRandom random) {
        List<String> lines = new ArrayList<>(xml.lines().toList());
        int line = random.nextInt(lines.size());
        switch (random.nextInt(8)) {
        case 0 -> lines.remove(line);
        case 1 -> lines.add(line, lines.get(random.nextInt(lines.size())));
        case 2 -> lines.add(line, lines.remove(random.nextInt(lines.size())));
        case 3 -> {
            return xml.substring(0, random.nextInt(xml.length()));
        }
        default -> lines.set(line, withOtherValue(lines.get(line), random));
        }
        return String.join("\n", lines);
    }

    private static String withOtherValue(String line, SplittableRandom random) {
        List<MatchResult> values = VALUE.matcher(line).results().toList();
        if (values.isEmpty()) {
            return line;
        }
        MatchResult value = values.get(random.nextInt(values.size()));
        return line.substring(0, value.start(1)) + NUMBERS[random.nextInt(NUMBERS.length)]
                + line.substring(value.end(1));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', value = {
        "data_block=\"8\" time=\"1\" | data_block=\"8\" time=\"9\" | time of a mapping of device 1, 9, is after the pool's time 3, line 5",
        "creation_time=\"0\" | creation_time=\"7\" | creation time of device 1, 7, is after the pool's time 3, line 3",
        "snap_time=\"2\">\\n<range | snap_time=\"8\">\\n<range | snapshot time of device 1, 8, is after the pool's time 3, line 3",
        "creation_time=\"2\" | creation_time=\"3\" | snapshot time of device 2, 2, is before its creation time 3, line 8",
        "time=\"3\" | time=\"16777216\" | time out of bounds: the pool's is 16777216",
        "dev_id=\"2\" | dev_id=\"1\" | there are two of device 1, line 8",
        "data_begin=\"500\" | data_begin=\"801\" | data blocks 801 to 1000, but there are 1000, line 2",
        "length=\"2\" | length=\"10\" | keys out of order: virtual block 9 of device 1",
        "<ref name=\"7\"/>\\n</device>\\n</ | <ref name=\"8\"/>\\n</device>\\n</ | Couldn't find sub tree '8'., line 9",
        "data_block_size=\"128\" | data_block_size=\"100\" | invalid data block size: 100 sectors"})
    void whatCannotBeIsRefusedWithItsLine(String old, String edited, String message) {
        String xml = POOL.replace(old.replace("\\n", "\n"), edited.replace("\\n", "\n"));
        assertThat(xml).isNotEqualTo(POOL);
        assertThatThrownBy(() -> Dump.THIN.restore(xml)).isInstanceOf(ToolException.class)
                .hasMessageContaining(message);
    }

    @Test
    void mappedBlocksAreCorrected() {
        assertSound(Dump.THIN.restore(POOL.replace("mapped_blocks=\"200\"", "mapped_blocks=\"3\"")), POOL);
    }

    @Test
    void whatNoCacheOrEraHasIsRefused() {
        String cache = """
                <superblock uuid="" block_size="64" nr_cache_blocks="10" policy="smq" hint_width="4">
                <mappings><mapping cache_block="1" origin_block="7" dirty="true"/>
                <mapping cache_block="3" origin_block="7" dirty="false"/></mappings></superblock>""";
        assertThatThrownBy(() -> Dump.CACHE.restore(cache)).hasMessage(
                "origin block 7 is mapped twice, the second time to cache block 3, line 3");
        assertThatThrownBy(() -> Dump.CACHE.restore(cache.replace("size=\"64\"", "size=\"65\"")))
                .hasMessageContaining("invalid block size: 65 sectors").hasMessageEndingWith("line 1");
        String era = Dump.ERA.xml();
        assertThatThrownBy(() -> Dump.ERA.restore(era.replace("size=\"64\"", "size=\"0\"")))
                .hasMessageContaining("invalid block size: 0 sectors");
        assertThatThrownBy(
                () -> Dump.ERA.restore(era.replace("era era=\"4\"", "era era=\"6\"").replace("era=\"4\"", "era=\"6\"")))
                .hasMessageContaining("era 6, but the current one is 5, line 5");
        assertThatThrownBy(() -> Dump.ERA.restore(era.replace("block=\"1\" era=\"3\"", "block=\"1\" era=\"6\"")))
                .hasMessageContaining("block 1 is of era 6, but the current one is 5, line 11");
        assertThatThrownBy(() -> Dump.ERA.restore(era.replace("<era block=\"2\" era=\"0\"/>\n", "")))
                .hasMessage("the era array has 2 of 3 blocks, line 12");
    }
}
