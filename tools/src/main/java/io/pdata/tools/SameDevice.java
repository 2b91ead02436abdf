package io.pdata.tools;

import io.pdata.core.device.DeviceNumber;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Compares what paths lead to: a file has several by links, and a block device by several nodes too. */
public final class SameDevice {
    private static final int FORMAT = 0170000;
    private static final int BLOCK_DEVICE = 0060000;

    private SameDevice() {}

    /**
     * Whether both paths exist and lead to one file or block device.
     *
     * @throws ToolException if that cannot be determined
     */
    public static boolean test(Path a, Path b) {
        try {
            if (a.toString().isEmpty() || b.toString().isEmpty() || !Files.exists(a) || !Files.exists(b)) {
                return false; // an empty path would be the working directory
            }
            return Files.isSameFile(a, b)
                    || isBlockDevice(a) && isBlockDevice(b) && DeviceNumber.of(a).equals(DeviceNumber.of(b));
        } catch (IOException e) {
            throw new ToolException("cannot tell whether '" + a + "' and '" + b + "' are the same file: "
                    + e.getMessage(), e);
        }
    }

    private static boolean isBlockDevice(Path path) throws IOException {
        return ((Integer) Files.getAttribute(path, "unix:mode") & FORMAT) == BLOCK_DEVICE;
    }
}
