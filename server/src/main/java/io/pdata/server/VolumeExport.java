package io.pdata.server;

import io.pdata.core.device.Device;
import io.pdata.nbd.Export;
import io.pdata.nbd.MetadataContext;
import io.pdata.thin.pool.NamedPool;
import io.pdata.thin.pool.NamedVolume;
import io.pdata.thin.pool.Volume;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;

/** A volume as an NBD client sees it. */
final class VolumeExport implements Export {
    private static final int LEAST_PREFERRED = 4096;
    private static final int MOST_PREFERRED = 32 << 20;
    /** Of a larger family only the common beginning of the names of its contexts is listed, as the protocol allows. */
    private static final int MOST_LISTED = 256;

    private final NamedPool pool;
    private final NamedVolume about;
    private final Volume volume;
    private final Supplier<Families> families;
    private final Runnable onClose;
    private final List<Runnable> wakes = new CopyOnWriteArrayList<>();

    /**
     * @param pool what the volume belongs to
     * @param families which volumes come from one another at present
     * @param about what was known of the volume when it was opened
     * @param volume closed with this export
     * @param onClose runs afterwards
     */
    VolumeExport(NamedPool pool, Supplier<Families> families, NamedVolume about, Volume volume, Runnable onClose) {
        this.pool = pool;
        this.families = families;
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
        return description(about);
    }

    static String description(NamedVolume about) {
        String kind = about.readOnly() ? "read-only snapshot" : about.origin().isEmpty() ? "volume" : "snapshot";
        return about.origin().isEmpty() ? kind : kind + " of " + about.origin();
    }

    @Override
    public Device device() {
        return volume.withoutWaiting();
    }

    @Override
    public void onRoom(Runnable wake) {
        wakes.add(wake);
        pool.pool().onSpace(wake);
    }

    /** Not so if the pool is: blocks that a volume has alone can be written to as before, as in dm-thin. */
    @Override
    public boolean readOnly() {
        return about.readOnly();
    }

    /** The largest power of two that the pool's blocks can be divided by. */
    @Override
    public int preferredBlockSize() {
        return Math.clamp(Long.lowestOneBit(volume.blockBytes()), LEAST_PREFERRED, MOST_PREFERRED);
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
    public List<MetadataContext> contexts() {
        List<MetadataContext> all = new ArrayList<>(List.of(new SharingContext(volume)));
        families.get().relatives(about).forEach(other -> all.add(new ChangesContext(pool, about, other)));
        return all;
    }

    @Override
    public List<String> contextNames() {
        Families now = families.get();
        return now.size(about) > MOST_LISTED
                ? List.of(SharingContext.NAME, ChangesContext.PREFIX)
                : Export.super.contextNames();
    }

    /** Found without looking at the rest of the family, which may have thousands of members. */
    @Override
    public Optional<MetadataContext> context(String name) {
        if (name.equals(SharingContext.NAME)) {
            return Optional.of(new SharingContext(volume));
        }
        return name.startsWith(ChangesContext.PREFIX)
                ? families.get().relative(about, name.substring(ChangesContext.PREFIX.length()))
                        .map(other -> new ChangesContext(pool, about, other))
                : Optional.empty();
    }

    @Override
    public void close() {
        wakes.forEach(pool.pool()::removeOnSpace);
        try {
            volume.close();
        } finally {
            onClose.run();
        }
    }
}
