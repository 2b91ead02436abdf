package io.pdata.server;

import io.pdata.core.device.Device;
import io.pdata.nbd.Export;
import io.pdata.nbd.MetadataContext;
import io.pdata.thin.pool.NamedVolume;
import io.pdata.thin.pool.Volume;

/** A volume as an NBD client sees it. */
final class VolumeExport implements Export {
    private final NamedVolume about;
    private final Volume volume;
    private final Runnable onClose;

    /**
     * @param about what was known of the volume when it was opened
     * @param volume closed with this export
     * @param onClose runs afterwards
     */
    VolumeExport(NamedVolume about, Volume volume, Runnable onClose) {
        this.about = about;
        this.volume = volume;
        this.onClose = onClose;
    }

    @Override
    public String name() {
        return about.name();
    }

    /** The volume's number in the pool, which stays when it is renamed. */
    long id() {
        return about.id();
    }

    @Override
    public String description() {
        String kind = about.readOnly() ? "read-only snapshot" : about.origin().isEmpty() ? "volume" : "snapshot";
        return about.origin().isEmpty() ? kind : kind + " of " + about.origin();
    }

    @Override
    public Device device() {
        return volume;
    }

    @Override
    public boolean readOnly() {
        return about.readOnly() || volume.readOnly();
    }

    /** Whole blocks are unmapped. */
    @Override
    public boolean zeroesFast() {
        return true;
    }

    @Override
    public MetadataContext allocation() {
        return new AllocationContext(volume);
    }

    @Override
    public void close() {
        try {
            volume.close();
        } finally {
            onClose.run();
        }
    }
}
