package io.pdata.thin.pool;

import java.nio.file.Path;
import java.util.List;

/** The names in a pool's folder, for who reads its metadata and data without opening the pool. */
public final class KnownVolumes {
    private KnownVolumes() {}

    /**
     * The volumes as they were named last; some of them may not be in the metadata any more, or not yet. Takes no lock.
     *
     * @throws io.pdata.core.block.CorruptionException if the file of names is damaged
     * @throws io.pdata.core.device.DeviceException if it cannot be read
     */
    public static List<NamedVolume> in(Path folder) {
        return new NamesFile(folder).readNewest().stream().filter(volume -> !volume.hidden()).toList();
    }
}
