package io.pdata.tools.thin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pdata.core.block.Bytes;
import io.pdata.core.device.Device;
import io.pdata.core.device.MemoryDevice;
import io.pdata.testkit.Golden;
import io.pdata.testkit.RandomPool;
import io.pdata.thin.ThinSuperblockLayout;
import io.pdata.tools.MetadataFile;
import io.pdata.tools.Report;
import io.pdata.tools.ToolException;
import io.pdata.tools.UsedBytes;
import io.pdata.tools.text.TextOut;
import io.pdata.tools.text.XmlIn;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ThinRestoreTest {
    private static final int BLOCKS = 1024;
    private static final String HEAD = "<superblock uuid=\"\" time=\"1\" transaction=\"2\" data_block_size=\"128\" "
            + "nr_data_blocks=\"1000\">";
    private static final String DEVICE = "<device dev_id=\"1\" mapped_blocks=\"3\" transaction=\"0\" creation_time=\"0\" "
            + "snap_time=\"1\">";
    private static final String MAPPINGS = """
            <range_mapping origin_begin="0" data_begin="5" length="2" time="0"/>
            <single_mapping origin_block="9" data_block="8" time="1"/>""";
    private static final String POOL = HEAD + "\n" + DEVICE + "\n" + MAPPINGS + "\n</device>\n</superblock>";

    private static MemoryDevice restore(String xml, int blocks) {
        MemoryDevice device = new MemoryDevice("metadata", (long) blocks * Bytes.BLOCK_SIZE);
        restore(xml, PoolOverrides.NONE, device);
        return device;
    }

    private static void restore(String xml, PoolOverrides overrides, Device device) {
        XmlIn in = new XmlIn(new ByteArrayInputStream(xml.getBytes(StandardCharsets.UTF_8)));
        ThinXml.read(in, overrides, new ThinWriter(device)); // and the device stays open
    }

    private static String dump(Device device) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        TextOut out = new TextOut(bytes);
        ThinDump.dump(new MetadataFile(device), ThinDump.Options.XML, () -> out);
        return bytes.toString(StandardCharsets.UTF_8);
    }

    private static FlatSink read(String xml) {
        FlatSink sink = new FlatSink();
        ThinXml.read(new XmlIn(new ByteArrayInputStream(xml.getBytes(StandardCharsets.UTF_8))), PoolOverrides.NONE,
                sink);
        assertThat(sink.ended()).isTrue();
        return sink;
    }

    /** But for bytes that nothing refers to, in which the reference tool leaves whatever it had in memory. */
    @Test
    void theLayoutIsThatOfTheReferenceTool() {
        String xml = new String(Golden.bytes(Golden.folder(), "thin-restored-1.1.0.xml"), StandardCharsets.UTF_8);
        byte[] expected = Golden.image("thin-restored-1.1.0");
        byte[] restored = UsedBytes.of(UsedBytes.image(restore(xml, expected.length / Bytes.BLOCK_SIZE)));
        assertThat(restored).isEqualTo(UsedBytes.of(expected));
    }

    @Test
    void randomPoolsAreAsTheirDumpsSayAndClean() {
        int pools = Boolean.getBoolean("long.tests") ? 20_000 : 300;
        for (long seed = Long.getLong("model.seed", 1); seed <= pools; seed++) {
            RandomPool pool = new RandomPool(new SplittableRandom(seed), 8);
            MemoryDevice device = restore(pool.xml(true), BLOCKS);
            FlatSink expected = read(pool.xml(false));
            FlatSink found = read(dump(device));
            assertThat(found.mappings).as("-Dmodel.seed=%d", seed).isEqualTo(expected.mappings);
            assertThat(found.details).as("-Dmodel.seed=%d", seed).isEqualTo(expected.details);
            assertThat(found.pool).as("-Dmodel.seed=%d", seed).isEqualTo(expected.pool);
            assertThat(ThinCheck.check(new MetadataFile(device), ThinCheck.Options.FULL, Report.SILENT).all())
                    .as("-Dmodel.seed=%d", seed).isEmpty();
        }
    }

    /** What is shared in the dump of a pool is shared again. */
    @Test
    void whatHasBeenRestoredHasTheSameDump() {
        String xml = new String(Golden.bytes(Golden.folder(), "thin-restored-1.1.0.xml"), StandardCharsets.UTF_8);
        String once = dump(restore(xml, BLOCKS));
        assertThat(dump(restore(once, BLOCKS))).isEqualTo(once).contains("<def ").contains("<ref ");
    }

    @Test
    void devicesMayComeInAnyOrder() {
        String second = DEVICE.replace("\"1\" mapped_blocks=\"3\"", "\"0\" mapped_blocks=\"0\"");
        assertThat(read(dump(restore(POOL.replace("</superblock>", second + "</device></superblock>"), 20))).details)
                .containsOnlyKeys(0L, 1L);
    }

    @Test
    void overridesComeFirstButAPoolIsNotMadeSmaller() {
        MemoryDevice device = new MemoryDevice("metadata", 20 * Bytes.BLOCK_SIZE);
        restore(POOL, new PoolOverrides(OptionalLong.of(-1), OptionalInt.of(1024), OptionalLong.of(4)), device);
        assertThat(dump(device)).startsWith("<superblock uuid=\"\" time=\"1\" transaction=\"18446744073709551615\" "
                + "version=\"2\" data_block_size=\"1024\" nr_data_blocks=\"1000\">");
        restore(POOL, new PoolOverrides(OptionalLong.empty(), OptionalInt.empty(), OptionalLong.of(2000)), device);
        assertThat(dump(device)).contains("transaction=\"2\"", "nr_data_blocks=\"2000\"");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', value = {
        "data_block_size=\"128\" | data_block_size=\"100\" | invalid data block size: 100 sectors",
        "data_block_size=\"128\" | data_block_size=\"0\" | invalid data block size: 0 sectors",
        "data_block_size=\"128\" | data_block_size=\"2097280\" | invalid data block size",
        "nr_data_blocks=\"1000\" | nr_data_blocks=\"18446744073709551615\" | out of metadata space",
        "origin_block=\"9\" | origin_block=\"1\" | keys out of order: virtual block 1 of device 1",
        "origin_begin=\"0\" | origin_begin=\"18446744073709551615\" | keys out of order",
        "data_block=\"8\" | data_block=\"1000\" | block out of bounds: device 1 is mapped to data blocks 1000 to 1000",
        "length=\"2\" | length=\"996\" | block out of bounds",
        "length=\"2\" | length=\"18446744073709551615\" | block out of bounds",
        "time=\"1\"/> | time=\"16777216\"/> | time out of bounds",
        "</device> | </device><def name=\"5\"></def> | sub tree '5' comes after a device",
        "</device> | <ref name=\"7\"/></device> | Couldn't find sub tree '7'.",
        "</device> | <ref name=\"seven\"/></device> | Couldn't find sub tree 'seven'.",
        "<device dev_id | <def name=\"a\"></def><def name=\"a\"></def><device dev_id | two of sub tree 'a'",
        "<device dev_id | <def name=\"1\"></def><def name=\"1\"></def><device dev_id | two of sub tree '1'"})
    void whatCannotBeInMetadataIsRefused(String from, String to, String problem) {
        assertThatThrownBy(() -> restore(POOL.replace(from, to), 64)).isInstanceOf(ToolException.class)
                .hasMessageContaining(problem).hasMessageMatching("(?s).*, line [1-6]");
    }

    @Test
    void twoDevicesWithOneIdAreRefused() {
        assertThatThrownBy(() -> restore(POOL.replace("</superblock>", DEVICE + "</device></superblock>"), 20))
                .hasMessageContaining("two of device 1");
    }

    /** Either nothing was written, or there is no superblock. */
    @ParameterizedTest
    @ValueSource(ints = {10, 11, 40})
    void aFailedRunLeavesNothingThatLooksLikeMetadata(int blocks) {
        StringBuilder xml = new StringBuilder(HEAD + "\n");
        for (int id = 0; id < 600; id++) {
            xml.append(DEVICE.replace("dev_id=\"1\"", "dev_id=\"" + id + '"')).append(MAPPINGS).append("</device>");
        }
        MemoryDevice device = restore(POOL, blocks);
        String before = dump(device);
        assertThatThrownBy(() -> restore(xml + "</superblock>", PoolOverrides.NONE, device))
                .hasMessageContaining("out of metadata space");
        assertThat(dump(device)).isEqualTo(before);

        MemoryDevice larger = restore(POOL, 500);
        assertThatThrownBy(() -> restore(xml + "</superblock>", PoolOverrides.NONE, larger))
                .hasMessageContaining("out of metadata space");
        MemorySegment superblock = MemorySegment.ofArray(new byte[Bytes.BLOCK_SIZE]);
        larger.read(0, superblock);
        assertThat(superblock.get(Bytes.U64, ThinSuperblockLayout.MAGIC)).isZero();
    }

    @Test
    void theSmallestPoolFitsIntoTenBlocks() {
        assertThat(dump(restore(POOL, 10))).contains("data_block=\"8\"");
    }
}
