package io.pdata.core.device;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * How Linux numbers a block device.
 *
 * @param major of its kind
 * @param minor within it
 */
public record DeviceNumber(int major, int minor) {
    private static final Path NUMBERED = Path.of("/sys/dev/block");
    private static final int FORMAT = 0170000;
    private static final int BLOCK_DEVICE = 0060000;

    /**
     * The number of a block device.
     *
     * @throws DeviceException if it is none, or not there
     */
    public static DeviceNumber of(Path device) {
        try {
            if (((Integer) Files.getAttribute(device, "unix:mode") & FORMAT) != BLOCK_DEVICE) {
                throw new DeviceException("not a block device: '" + device + "'");
            }
            return decode((Long) Files.getAttribute(device, "unix:rdev"));
        } catch (NoSuchFileException e) {
            throw new DeviceException(device + ": no such file", e);
        } catch (IOException | UnsupportedOperationException | IllegalArgumentException e) {
            throw new DeviceException("'" + device + "' has no device number: " + e.getMessage(), e);
        }
    }

    /**
     * Reads {@code MAJOR:MINOR}.
     *
     * @throws DeviceException if it is anything else
     */
    public static DeviceNumber parse(String text) {
        int colon = text.indexOf(':');
        try {
            return new DeviceNumber(Integer.parseUnsignedInt(text.substring(0, Math.max(colon, 0))),
                    Integer.parseUnsignedInt(text.substring(colon + 1)));
        } catch (NumberFormatException e) {
            throw new DeviceException("'" + text + "' is no device number", e);
        }
    }

    /** In one number, as Linux has it: minor bits 0 to 7, 12 bits of the major, the other bits of the minor. */
    static DeviceNumber decode(long number) {
        return new DeviceNumber((int) (number >>> 8 & 0xfff), (int) (number & 0xff | number >>> 12 & 0xfff00));
    }

    long encode() {
        return minor & 0xff | (long) major << 8 | (long) (minor & ~0xff) << 12;
    }

    /**
     * Where the device is in {@code /dev}.
     *
     * @throws DeviceException if there is none of this number
     */
    public Path path() {
        try {
            String name = NUMBERED.resolve(toString()).toRealPath().getFileName().toString();
            Path path = Path.of("/dev", name.replace('!', '/'));
            if (!of(path).equals(this)) {
                throw new DeviceException("device " + this + " is not '" + path + "', as its name would have it");
            }
            return path;
        } catch (IOException e) {
            throw new DeviceException("there is no block device " + this + ": " + e.getMessage(), e);
        }
    }

    @Override
    public String toString() {
        return Integer.toUnsignedString(major) + ':' + Integer.toUnsignedString(minor);
    }
}
