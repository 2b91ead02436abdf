package io.pdata.thin.pool;

import io.pdata.core.device.Device;
import io.pdata.core.device.DeviceException;
import io.pdata.core.device.FileDevice;
import io.pdata.core.device.FileDevice.Access;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/**
 * The files of a pool's folder that devices are made of. {@code metadata} and {@code data} may be links; the log may not, for
 * it is created where there is none.
 *
 * @param metadata of the pool
 * @param data of the pool
 * @param log of uncommitted changes
 */
record PoolFiles(FileDevice metadata, FileDevice data, FileDevice log) implements AutoCloseable {
    static final String METADATA = "metadata";
    static final String DATA = "data";
    static final String LOG = "uncommitted";

    /** Creates files for a new pool, which only this user can read and write. */
    static PoolFiles create(Path folder, NamedPool.Geometry geometry) {
        return orClose(devices -> {
            devices.metadata = FileDevice.createPrivate(folder.resolve(METADATA), 0);
            devices.metadata.resize(geometry.metadataBytes(), true);
            devices.data = FileDevice.createPrivate(folder.resolve(DATA), geometry.dataBytes());
            devices.log = FileDevice.createPrivate(folder.resolve(LOG), IntentLog.SIZE);
        });
    }

    /** Opens the files of a pool. */
    static PoolFiles open(Path folder) {
        return orClose(devices -> {
            devices.metadata = FileDevice.open(folder.resolve(METADATA), Access.READ_WRITE);
            devices.data = FileDevice.open(folder.resolve(DATA), Access.READ_WRITE);
            devices.log = log(folder.resolve(LOG));
        });
    }

    private static FileDevice log(Path path) {
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return FileDevice.createPrivate(path, IntentLog.SIZE);
        }
        return FileDevice.openUnlinked(path, Access.READ_WRITE);
    }

    private static final class Devices {
        private FileDevice metadata;
        private FileDevice data;
        private FileDevice log;
    }

    private interface Opening {
        void open(Devices devices);
    }

    private static PoolFiles orClose(Opening opening) {
        Devices devices = new Devices();
        try {
            opening.open(devices);
            return new PoolFiles(devices.metadata, devices.data, devices.log);
        } catch (RuntimeException e) {
            close(e, devices.metadata, devices.data, devices.log);
            throw e;
        }
    }

    private static void close(RuntimeException why, Device... devices) {
        for (Device device : devices) {
            try (device) {
                continue;
            } catch (DeviceException e) {
                why.addSuppressed(e);
            }
        }
    }

    @Override
    public void close() {
        try (metadata; data; log) {
            return;
        }
    }
}
