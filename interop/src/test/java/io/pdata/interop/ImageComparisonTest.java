package io.pdata.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.core.device.MemoryDevice;
import io.pdata.testkit.Golden;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ImageComparisonTest {
    private final byte[] image = Golden.image("thin-fresh");

    private static MemoryDevice device(byte[] content) {
        MemoryDevice device = new MemoryDevice(content.length);
        device.write(0, MemorySegment.ofArray(content));
        return device;
    }

    @Test
    void theSameBytesAreNoDifference() {
        assertThat(ImageComparison.difference(device(image), image)).isEmpty();
    }

    @Test
    void aDifferingByteIsReportedWithItsBlockItsTypeAndItsPlace() {
        byte[] other = image.clone();
        other[9 * 4096 + 100] ^= 1;
        other[1023 * 4096] = 7;
        assertThat(ImageComparison.difference(device(other), image)).contains("2 of 1024 blocks differ")
                .contains("block 9: bitmap expected, unknown block found; first at byte 100")
                .contains("block 1023: nothing expected");
    }

    @Test
    void aShorterDeviceIsComparedAsIfZeroesFollowed() {
        // An image taken before the device grew is as long as the device was in the end.
        byte[] longer = Arrays.copyOf(image, image.length + 10 * 4096);
        assertThat(ImageComparison.difference(device(image), longer)).isEmpty();
        longer[image.length + 5000] = 1;
        assertThat(ImageComparison.difference(device(image), longer)).contains("block 1025");
        assertThat(ImageComparison.difference(device(longer), image)).contains("the device");
    }
}
