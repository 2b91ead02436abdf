package io.pdata.core.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pdata.core.device.DeviceMapper.Table;
import io.pdata.core.device.DeviceMapper.Target;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/**
 * What the kernel answers is taken apart; that it is asked in the right way, a real kernel says in the tests of "interop".
 */
class DeviceMapperTest {
    private static final int BYTES = 512;

    /** Three targets, as Linux lays them out: each says where the next one is, from the first. */
    private static MemorySegment answer(int flags) {
        MemorySegment answer = Arena.ofAuto().allocate(BYTES, Long.BYTES);
        answer.set(ValueLayout.JAVA_INT, 16, 312);
        answer.set(ValueLayout.JAVA_INT, 20, 3);
        answer.set(ValueLayout.JAVA_INT, 28, flags);
        target(answer.asSlice(312), 0, 20_480, 56, "thin", "253:1 8 ");
        target(answer.asSlice(312 + 56), 20_480, 8, 112, "linear", "254:48 2048");
        target(answer.asSlice(312 + 112), 20_488, 16, 160, "zero", "");
        return answer;
    }

    private static void target(MemorySegment at, long start, long length, int next, String type, String parameters) {
        at.set(ValueLayout.JAVA_LONG, 0, start);
        at.set(ValueLayout.JAVA_LONG, 8, length);
        at.set(ValueLayout.JAVA_INT, 20, next);
        at.setString(24, type);
        at.setString(40, parameters);
    }

    @Test
    void targetsFollowEachOther() {
        Target thin = new Target(0, 20_480, "thin", "253:1 8");
        Table table = DeviceMapper.decode(answer(1 | 1 << 4));
        assertThat(table.readOnly()).isTrue();
        assertThat(table.targets()).containsExactly(thin, new Target(20_480, 8, "linear", "254:48 2048"),
                new Target(20_488, 16, "zero", ""));
        assertThat(DeviceMapper.decode(answer(1 << 4)).readOnly()).isFalse();
    }

    @Test
    void anAnswerThatDoesNotHoldWhatItSaysIsNotBelieved() {
        MemorySegment answer = answer(0);
        answer.set(ValueLayout.JAVA_INT, 312 + 20, 1 << 20);
        assertThatThrownBy(() -> DeviceMapper.decode(answer)).isInstanceOf(IndexOutOfBoundsException.class);
        answer.set(ValueLayout.JAVA_INT, 16, -1);
        assertThatThrownBy(() -> DeviceMapper.decode(answer)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void aDeviceOfAnotherKindIsRefused() {
        Table table = DeviceMapper.decode(answer(0));
        assertThatThrownBy(() -> table.only("thin")).isInstanceOf(DeviceException.class)
                .hasMessage("dm expected table type thin, dm actual table type thin, linear, zero");
    }

    @Test
    void devicesHaveTheirNumbersInLinuxOrder() {
        DeviceNumber large = new DeviceNumber(0x123, 0xabcde);
        assertThat(large.encode()).isEqualTo(0xabc123deL);
        assertThat(DeviceNumber.decode(large.encode())).isEqualTo(large);
        assertThat(DeviceNumber.parse("253:300")).isEqualTo(new DeviceNumber(253, 300)).hasToString("253:300");
        for (String wrong : new String[]{"", "253", "253:", ":1", "a:1", "253:1:2"}) {
            assertThatThrownBy(() -> DeviceNumber.parse(wrong)).as(wrong).isInstanceOf(DeviceException.class);
        }
    }

    @Test
    void aFileHasNoNumber() {
        assertThatThrownBy(() -> DeviceNumber.of(Path.of("pom.xml"))).isInstanceOf(DeviceException.class)
                .hasMessage("not a block device: 'pom.xml'");
    }
}
