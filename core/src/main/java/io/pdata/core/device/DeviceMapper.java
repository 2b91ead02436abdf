package io.pdata.core.device;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What the kernel's device mapper says of the devices that it has made: its control device's {@code DM_TABLE_STATUS}.
 * Nothing is changed. On Linux, for root, where native access is enabled. Thread-safe.
 *
 * <p>Errors: {@link DeviceException}. Memory: at most 1 MiB. Source: the kernel's {@code uapi/linux/dm-ioctl.h}.
 */
public final class DeviceMapper implements AutoCloseable {
    private static final Path CONTROL = Path.of("/dev/mapper/control");
    /** {@code _IOWR(0xfd, 12, struct dm_ioctl)}. */
    private static final int DM_TABLE_STATUS = 0xc138fd0c;
    private static final int ENXIO = 6;

    /** {@code struct dm_ioctl}. */
    private static final long HEADER = 312;
    private static final long VERSION = 0;
    private static final long DATA_SIZE = 12;
    private static final long DATA_START = 16;
    private static final long TARGETS = 20;
    private static final long FLAGS = 28;
    private static final long DEVICE = 40;
    private static final int MAJOR_VERSION = 4;
    private static final int READ_ONLY = 1;
    private static final int WANT_TABLE = 1 << 4;
    private static final int BUFFER_FULL = 1 << 8;

    /** {@code struct dm_target_spec}, and its parameters behind it. */
    private static final long START = 0;
    private static final long LENGTH = 8;
    private static final long NEXT = 20;
    private static final long TYPE = 24;
    private static final long PARAMETERS = 40;

    private static final long FIRST_BUFFER = 1 << 14;
    private static final long LARGEST_BUFFER = 1 << 20;

    private final NativeFile control;

    /**
     * A part of a device.
     *
     * @param start where it begins, in sectors of 512 bytes
     * @param length in sectors
     * @param type the name of the target, such as {@code thin}
     * @param parameters those that it was made with, or what its status is
     */
    public record Target(long start, long length, String type, String parameters) {}

    /**
     * A device.
     *
     * @param readOnly whether nobody can write to it
     * @param targets its parts
     */
    public record Table(boolean readOnly, List<Target> targets) {
        /**
         * The only target of a device that is to be of one kind.
         *
         * @throws DeviceException if it is of another, or made of several
         */
        public Target only(String type) {
            if (targets.size() != 1 || !targets.getFirst().type().equals(type)) {
                throw new DeviceException("dm expected table type " + type + ", dm actual table type "
                        + String.join(", ", targets.stream().map(Target::type).toList()));
            }
            return targets.getFirst();
        }
    }

    private DeviceMapper(NativeFile control) {
        this.control = control;
    }

    /** Opens the control device. */
    public static DeviceMapper open() {
        if (!NativeFile.available()) {
            throw failed("it is not Linux, or native access is not enabled", null);
        }
        try {
            return new DeviceMapper(NativeFile.open(CONTROL, false, false));
        } catch (IOException e) {
            throw failed(CONTROL + ": " + e.getMessage(), e);
        }
    }

    private static DeviceException failed(String why, Exception cause) {
        return new DeviceException("Failed to initialize Device Mapper: " + why, cause);
    }

    /** What a device is made of. */
    public Table table(DeviceNumber device) {
        return ask(device, WANT_TABLE);
    }

    /** How the parts of a device are. */
    public Table status(DeviceNumber device) {
        return ask(device, 0);
    }

    private Table ask(DeviceNumber device, int flags) {
        for (long size = FIRST_BUFFER; size <= LARGEST_BUFFER; size *= 2) {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment buffer = arena.allocate(size, Long.BYTES);
                buffer.set(ValueLayout.JAVA_INT, VERSION, MAJOR_VERSION);
                buffer.set(ValueLayout.JAVA_INT, DATA_SIZE, (int) size);
                buffer.set(ValueLayout.JAVA_INT, DATA_START, (int) HEADER);
                buffer.set(ValueLayout.JAVA_INT, FLAGS, flags);
                buffer.set(ValueLayout.JAVA_LONG, DEVICE, device.encode());
                if (control.control(DM_TABLE_STATUS, buffer) == ENXIO) {
                    throw new DeviceException("not a dm device: " + device);
                }
                if ((buffer.get(ValueLayout.JAVA_INT, FLAGS) & BUFFER_FULL) == 0) {
                    return decode(buffer);
                }
            } catch (IOException | IndexOutOfBoundsException e) {
                throw new DeviceException("the device mapper does not tell of device " + device + ": " + e.getMessage(),
                        e);
            }
        }
        throw new DeviceException("the table of device " + device + " is too long");
    }

    /** @throws IndexOutOfBoundsException if it does not hold what it says */
    static Table decode(MemorySegment answer) {
        MemorySegment specs = answer.asSlice(Integer.toUnsignedLong(answer.get(ValueLayout.JAVA_INT, DATA_START)));
        List<Target> targets = new ArrayList<>();
        long at = 0;
        for (int left = answer.get(ValueLayout.JAVA_INT, TARGETS); left > 0; left--) {
            MemorySegment spec = specs.asSlice(at);
            targets.add(new Target(spec.get(ValueLayout.JAVA_LONG_UNALIGNED, START),
                    spec.get(ValueLayout.JAVA_LONG_UNALIGNED, LENGTH),
                    spec.asSlice(TYPE, PARAMETERS - TYPE).getString(0), spec.getString(PARAMETERS).strip()));
            at = Integer.toUnsignedLong(spec.get(ValueLayout.JAVA_INT_UNALIGNED, NEXT));
        }
        return new Table((answer.get(ValueLayout.JAVA_INT, FLAGS) & READ_ONLY) != 0, List.copyOf(targets));
    }

    @Override
    public void close() {
        try {
            control.close();
        } catch (IOException e) {
            throw failed(e.getMessage(), e);
        }
    }
}
