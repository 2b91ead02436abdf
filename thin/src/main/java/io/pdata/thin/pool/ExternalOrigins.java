package io.pdata.thin.pool;

import io.pdata.core.device.Device;
import io.pdata.core.device.DeviceException;
import io.pdata.core.device.FileDevice.Access;
import io.pdata.core.device.FileDevice;
import io.pdata.thin.ThinRequestException.Reason;
import io.pdata.thin.ThinRequestException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * The files and devices that volumes show where nothing has been written to them. Each is opened once, for reading only and
 * with a lock that keeps writers of this library away, when the first volume needs it, and stays open. Not thread-safe.
 */
final class ExternalOrigins implements AutoCloseable {
    private final Map<String, FileDevice> devices = new HashMap<>();

    /**
     * The whole path of a file; empty for an empty one.
     *
     * @throws ThinRequestException INVALID: no file can have it
     */
    static String absolute(String path) {
        try {
            return path.isEmpty() ? "" : Path.of(path).toAbsolutePath().toString();
        } catch (InvalidPathException e) {
            throw new ThinRequestException(Reason.INVALID, "external origin: " + e.getMessage());
        }
    }

    /**
     * The device with this path; null for an empty one.
     *
     * @throws DeviceException if it cannot be opened
     */
    Device get(String path) {
        return path.isEmpty() ? null : devices.computeIfAbsent(path, ExternalOrigins::open);
    }

    private static FileDevice open(String path) {
        try {
            return FileDevice.open(Path.of(path), Access.READ_ONLY);
        } catch (DeviceException e) {
            throw new DeviceException("external origin " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        devices.values().forEach(FileDevice::close);
        devices.clear();
    }
}
