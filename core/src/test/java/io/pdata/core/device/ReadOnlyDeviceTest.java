package io.pdata.core.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class ReadOnlyDeviceTest {
    /** Only zeroes. */
    private static final class Zeroes extends ReadOnlyDevice {
        Zeroes() {
            super("is carved in stone");
        }

        @Override
        public String name() {
            return "zeroes";
        }

        @Override
        public long size() {
            return 4096;
        }

        @Override
        public void read(long position, MemorySegment target) {
            target.fill((byte) 0);
        }

        @Override
        public void close() {
            // holds nothing
        }
    }

    @Test
    void whateverWouldChangeItIsRefusedAndSaysWhy() {
        try (Arena arena = Arena.ofShared(); Zeroes device = new Zeroes()) {
            MemorySegment bytes = arena.allocate(512);
            assertThat(device.readOnly()).isTrue();
            List.<ThrowingCallable>of(() -> device.write(0, bytes), () -> device.discard(0, 512),
                    () -> device.zero(0, 512), () -> device.resize(512, false))
                    .forEach(change -> assertThatThrownBy(change).isInstanceOf(ReadOnlyException.class)
                            .hasMessage("zeroes is carved in stone"));
            device.flush();
        }
    }
}
