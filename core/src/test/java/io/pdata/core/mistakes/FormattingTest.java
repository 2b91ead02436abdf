package io.pdata.core.mistakes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pdata.core.block.BlockValidator;
import io.pdata.core.device.MemoryDevice;
import io.pdata.core.store.Existing;
import io.pdata.core.store.MetadataRefusedException;
import io.pdata.core.store.MetadataStore;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A device that holds something is not formatted by mistake. */
class FormattingTest {
    private static final BlockValidator SUPERBLOCK = new BlockValidator("test superblock", 4711, 8) {
        @Override
        protected void checkHeader(MemorySegment block, long number) {}
    };

    private static byte[] bytes(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        if (text.startsWith("0x")) {
            int value = Integer.parseUnsignedInt(text.substring(2), 16);
            bytes = new byte[]{(byte) value, (byte) (value >>> 8), (byte) (value >>> 16), (byte) (value >>> 24)};
        }
        return bytes;
    }

    @ParameterizedTest
    @CsvSource({"0, x, not zero", "4095, x, not zero", "32, 0x019c52ba, thin pool", "32, 0x0018c403, cache",
        "32, 0x7ec1077b, era", "1080, 0x0000ef53, ext4", "0, XFSB, XFS", "512, LABELONE, LVM", "65600, _BHRfS_M, btrfs",
        "32769, CD001, ISO 9660", "4096, 0xa92b4efc, RAID", "4086, SWAPSPACE2, swap"})
    void whatADeviceHoldsIsNamedAndKept(int offset, String content, String name) {
        MemoryDevice device = new MemoryDevice(1 << 20);
        device.write(offset, MemorySegment.ofArray(bytes(content)));
        MemoryDevice before = device.copy();
        assertThatThrownBy(() -> MetadataStore.format(device, 1 << 20, SUPERBLOCK))
                .isInstanceOf(MetadataRefusedException.class).hasMessageContaining(name)
                .hasMessageContaining("Existing.OVERWRITE");
        byte[] left = new byte[1 << 20];
        byte[] was = new byte[1 << 20];
        device.reopen().read(0, MemorySegment.ofArray(left));
        before.read(0, MemorySegment.ofArray(was));
        assertThat(left).isEqualTo(was);
        MetadataStore store = MetadataStore.format(device.reopen(), 1 << 20, SUPERBLOCK, Existing.OVERWRITE);
        store.commitNew(_ -> {}, () -> {});
        store.close();
    }

    @Test
    void aDeviceWhoseFirstBlockWasZeroedCanBeFormatted() {
        MemoryDevice device = new MemoryDevice(1 << 20);
        device.write(8192, MemorySegment.ofArray(new byte[]{1, 2, 3}));
        MetadataStore.format(device, 1 << 20, SUPERBLOCK).close();
    }

    @Test
    void aDeviceWithoutABlockIsRefused() {
        assertThatThrownBy(() -> MetadataStore.format(new MemoryDevice(100), 1 << 20, SUPERBLOCK))
                .isInstanceOf(MetadataRefusedException.class).hasMessageContaining("100 bytes");
    }
}
