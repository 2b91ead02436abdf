package io.pdata.tools.thin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pdata.core.device.Device;
import io.pdata.core.device.DeviceException;
import io.pdata.core.device.MemoryDevice;
import io.pdata.tools.ToolException;
import io.pdata.tools.text.TextOut;
import io.pdata.tools.text.XmlIn;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ThinShrinkTest {
    private static final int BLOCK = 64 << 10;
    private static final int BLOCKS = 100;

    private static final String DEVICES = """
              <device dev_id="1" mapped_blocks="30" transaction="1" creation_time="0" snap_time="1">
                <range_mapping origin_begin="0" data_begin="5" length="10" time="0"/>
                <range_mapping origin_begin="20" data_begin="60" length="15" time="1"/>
                <single_mapping origin_block="90" data_block="35" time="1"/>
                <range_mapping origin_begin="100" data_begin="38" length="4" time="1"/>
              </device>
              <device dev_id="2" mapped_blocks="12" transaction="2" creation_time="1" snap_time="2">
                <range_mapping origin_begin="0" data_begin="5" length="5" time="0"/>
                <range_mapping origin_begin="7" data_begin="63" length="7" time="1"/>
              </device>
            </superblock>""";

    /** What thin_shrink 1.1.0 and 1.3.3 make of it with 40 blocks; 1.1.0 leaves the old number of them. */
    private static final String SHRUNK = """
              <device dev_id="1" mapped_blocks="30" transaction="1" creation_time="0" snap_time="1">
                <range_mapping origin_begin="0" data_begin="5" length="10" time="0"/>
                <range_mapping origin_begin="20" data_begin="2" length="3" time="1"/>
                <range_mapping origin_begin="23" data_begin="15" length="12" time="1"/>
                <single_mapping origin_block="90" data_block="35" time="1"/>
                <range_mapping origin_begin="100" data_begin="38" length="2" time="1"/>
                <range_mapping origin_begin="102" data_begin="0" length="2" time="1"/>
              </device>
              <device dev_id="2" mapped_blocks="12" transaction="2" creation_time="1" snap_time="2">
                <range_mapping origin_begin="0" data_begin="5" length="5" time="0"/>
                <range_mapping origin_begin="7" data_begin="15" length="7" time="1"/>
              </device>
            </superblock>""";

    private static String pool(int blocks, String devices) {
        return """
                <superblock uuid="" time="2" transaction="5" version="2" data_block_size="128" nr_data_blocks="%d">
                """.formatted(blocks) + devices;
    }

    private static ThinShrink plan(String xml, long blocks) {
        return ThinShrink.plan(sink -> ThinXml.read(
                new XmlIn(new ByteArrayInputStream(xml.getBytes(StandardCharsets.UTF_8))), PoolOverrides.NONE, sink),
                blocks);
    }

    private static String write(ThinShrink shrink) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        TextOut out = new TextOut(bytes);
        shrink.write(new XmlSink(out));
        out.flush();
        return bytes.toString(StandardCharsets.UTF_8);
    }

    /** Each block is full of its number. */
    private static MemoryDevice data() {
        MemoryDevice data = new MemoryDevice("data", (long) BLOCKS * BLOCK);
        for (int i = 0; i < BLOCKS; i++) {
            byte[] content = new byte[BLOCK];
            Arrays.fill(content, (byte) i);
            data.write((long) i * BLOCK, MemorySegment.ofArray(content));
        }
        return data;
    }

    private static int content(Device data, int block) {
        byte[] content = new byte[BLOCK];
        data.read((long) block * BLOCK, MemorySegment.ofArray(content));
        for (byte each : content) {
            assertThat(each).isEqualTo(content[0]);
        }
        return content[0];
    }

    /** The device, and what is done to it; one position cannot be read. */
    private static Device watched(Device device, List<String> calls, long fails) {
        return (Device) Proxy.newProxyInstance(Device.class.getClassLoader(), new Class<?>[]{Device.class},
                (_, method, arguments) -> {
                    calls.add(method.getName());
                    if (method.getName().equals("read") && (long) arguments[0] <= fails
                            && fails < (long) arguments[0] + ((MemorySegment) arguments[1]).byteSize()) {
                        throw new DeviceException("data: read at byte " + fails + " failed");
                    }
                    try {
                        return method.invoke(device, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    @Test
    void whatLiesBeyondTheNewEndMovesToTheFirstFreeBlocksInOrder() {
        MemoryDevice data = data();
        AtomicLong copied = new AtomicLong();
        ThinShrink shrink = plan(pool(BLOCKS, DEVICES), 40);
        assertThat(shrink.toMove()).isEqualTo(17);
        shrink.copy(data, copied::addAndGet);
        assertThat(copied).hasValue(17);
        assertThat(write(shrink)).isEqualTo(pool(40, SHRUNK));
        int[][] moved = {{40, 0}, {41, 1}, {60, 2}, {62, 4}, {63, 15}, {74, 26}};
        for (int[] each : moved) {
            assertThat(content(data, each[1])).as("block " + each[0]).isEqualTo(each[0]);
        }
        int[] stayed = {5, 14, 27, 34, 35, 36, 38, 39, 40, 60, 74, 99};
        for (int each : stayed) {
            assertThat(content(data, each)).isEqualTo(each);
        }
    }

    @Test
    void whatVolumesShareIsMovedOnceAndStaysShared() {
        String devices = """
                  <def name="7">
                    <range_mapping origin_begin="0" data_begin="60" length="10" time="0"/>
                  </def>
                  <device dev_id="1" mapped_blocks="11" transaction="1" creation_time="0" snap_time="1">
                    <ref name="7"/>
                    <single_mapping origin_block="20" data_block="5" time="1"/>
                  </device>
                  <device dev_id="2" mapped_blocks="10" transaction="2" creation_time="1" snap_time="2">
                    <ref name="7"/>
                  </device>
                </superblock>""";
        ThinShrink shrink = plan(pool(BLOCKS, devices), 11);
        assertThat(shrink.toMove()).isEqualTo(10);
        assertThat(write(shrink)).isEqualTo(pool(11, devices.replace(
                "<range_mapping origin_begin=\"0\" data_begin=\"60\" length=\"10\" time=\"0\"/>",
                "<range_mapping origin_begin=\"0\" data_begin=\"0\" length=\"5\" time=\"0\"/>\n"
                        + "    <range_mapping origin_begin=\"5\" data_begin=\"6\" length=\"5\" time=\"0\"/>")));
    }

    @Test
    void aPoolThatIsNoLargerStaysAsItIs() {
        ThinShrink shrink = plan(pool(BLOCKS, DEVICES), BLOCKS);
        shrink.copy(new MemoryDevice(0), _ -> {});
        assertThat(write(shrink)).isEqualTo(pool(BLOCKS, DEVICES));
    }

    @Test
    void aPoolIsNotMadeLarger() {
        assertThatThrownBy(() -> plan(pool(BLOCKS, DEVICES), BLOCKS + 1)).isInstanceOf(ToolException.class)
                .hasMessageContaining("has " + BLOCKS + " data blocks, and cannot be shrunk to " + (BLOCKS + 1));
    }

    @Test
    void theDataDeviceMustHaveTheBlocksThatRemain() {
        ThinShrink shrink = plan(pool(BLOCKS, DEVICES), 40);
        shrink.requireSize(new MemoryDevice(40 * shrink.blockBytes()));
        assertThatThrownBy(() -> shrink.requireSize(new MemoryDevice(40 * shrink.blockBytes() - 1)))
                .isInstanceOf(ToolException.class).hasMessageContaining("has 39 data blocks, fewer than the 40");
    }

    @Test
    void itFitsOrIsRefused() {
        assertThat(plan(pool(BLOCKS, DEVICES), 30).toMove()).isEqualTo(20);
        assertThatThrownBy(() -> plan(pool(BLOCKS, DEVICES), 29)).isInstanceOf(ToolException.class)
                .hasMessageStartingWith("Insufficient free space").hasMessageContaining("30 data blocks are in use");
        assertThatThrownBy(() -> plan(pool(BLOCKS, DEVICES), -1)).isInstanceOf(ToolException.class)
                .hasMessage("a pool cannot have 18446744073709551615 data blocks");
    }

    @Test
    void numbersThatCannotBeAreRefused() {
        for (String sectors : List.of("0", "7", "4294967295")) {
            assertThatThrownBy(() -> plan(pool(BLOCKS, DEVICES).replace("=\"128\"", "=\"" + sectors + "\""), 40))
                    .isInstanceOf(ToolException.class).hasMessageContaining("block size: " + sectors + " sectors");
        }
        assertThatThrownBy(() -> plan(pool(70, DEVICES), 40)).isInstanceOf(ToolException.class)
                .hasMessageContaining("data blocks 60 to 74 are mapped, but there are 70");
        assertThatThrownBy(() -> plan(pool(70, DEVICES).replace("\"70\"", "\"18446744073709551615\""), 40))
                .isInstanceOf(ToolException.class).hasMessageContaining("a pool cannot have");
    }

    @Test
    void copiesAreDurableBeforeAnybodyIsToldOfThem() {
        List<String> calls = Collections.synchronizedList(new ArrayList<>());
        plan(pool(BLOCKS, DEVICES), 40).copy(watched(data(), calls, -1), _ -> {});
        assertThat(calls).contains("write").endsWith("flush");
    }

    @Test
    void aBlockThatCannotBeReadIsAnError() {
        Device data = watched(data(), new ArrayList<>(), 61L * BLOCK);
        ThinShrink shrink = plan(pool(BLOCKS, DEVICES), 40);
        assertThatThrownBy(() -> shrink.copy(data, _ -> {})).isInstanceOf(ToolException.class)
                .hasMessage("data block 61 cannot be copied to 3: data: read at byte 3997696 failed");
    }

    @Test
    void aDataDeviceThatCannotBeThePoolsIsNotTouched() {
        List<String> calls = new ArrayList<>();
        Device data = watched(new MemoryDevice("data", 74L * BLOCK), calls, -1);
        ThinShrink shrink = plan(pool(BLOCKS, DEVICES), 40);
        assertThatThrownBy(() -> shrink.copy(data, _ -> {})).isInstanceOf(ToolException.class)
                .hasMessage("unexpected data device size, wanted at least 4915200 bytes");
        assertThat(calls).containsOnly("size");
    }
}
