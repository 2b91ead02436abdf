package io.pdata.server;

import io.pdata.nbd.Export;
import io.pdata.nbd.Exports;
import io.pdata.thin.ThinRequestException.Reason;
import io.pdata.thin.ThinRequestException;
import io.pdata.thin.pool.NamedPool;
import io.pdata.thin.pool.NamedVolume;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The volumes of a pool as exports, each under its name; the default export is the only volume, if there is only one.
 * Thread-safe.
 */
public final class PoolExports implements Exports, Clients {
    private final NamedPool pool;
    private final Set<VolumeExport> inUse = ConcurrentHashMap.newKeySet();
    private final VolumeGate gate = new VolumeGate();
    private volatile Disconnector disconnector = _ -> {};
    private volatile Known known;

    private record Known(List<NamedVolume> volumes, Families families) {}

    /** Ends connections. */
    @FunctionalInterface
    public interface Disconnector {
        /** Ends all connections that use one of these exports, and returns when they have closed it. */
        void disconnect(Set<? extends Export> exports);
    }

    public PoolExports(NamedPool pool) {
        this.pool = pool;
    }

    /** Tells how connections can be ended: the server is made after its exports. */
    public void disconnectBy(Disconnector server) {
        disconnector = server;
    }

    @Override
    public List<String> names() {
        return pool.volumes().stream().map(NamedVolume::name).toList();
    }

    @Override
    public String description(String name) {
        return pool.find(name).map(VolumeExport::description).orElse("");
    }

    @Override
    public Optional<Export> open(String name) {
        Optional<NamedVolume> volume = find(name);
        Optional<Export> export = Optional.empty();
        while (volume.isPresent() && export.isEmpty()) {
            NamedVolume found = volume.get();
            export = gate.entering(found.id(), () -> find(name).filter(found::isSameVolume).map(this::open));
            volume = find(name); // it may have been deleted or reverted while its gate was closed
        }
        return export;
    }

    private Optional<NamedVolume> find(String name) {
        return name.isEmpty() ? onlyVolume() : pool.find(name);
    }

    /** Made when it is first asked for in each state of the pool. */
    private Families families() {
        List<NamedVolume> volumes = pool.volumes();
        Known now = known;
        if (now == null || now.volumes() != volumes) {
            now = new Known(volumes, new Families(volumes));
            known = now;
        }
        return now.families();
    }

    private Optional<NamedVolume> onlyVolume() {
        List<NamedVolume> volumes = pool.volumes();
        return volumes.size() == 1 ? Optional.of(volumes.getFirst()) : Optional.empty();
    }

    private Export open(NamedVolume about) {
        VolumeExport[] self = new VolumeExport[1];
        VolumeExport export = new VolumeExport(pool, this::families, about, pool.open(about),
                () -> inUse.remove(self[0]));
        self[0] = export;
        inUse.add(export);
        return export;
    }

    @Override
    public int count(long volume) {
        return (int) inUse.stream().filter(export -> export.id() == volume).count();
    }

    @Override
    public int count() {
        return inUse.size();
    }

    @Override
    public void without(NamedVolume volume, boolean force, Runnable work) {
        gate.closed(volume.id(), () -> {
            Set<VolumeExport> exports = ConcurrentHashMap.newKeySet();
            inUse.stream().filter(export -> export.id() == volume.id()).forEach(exports::add);
            if (!exports.isEmpty() && !force) {
                throw new ThinRequestException(Reason.BUSY, "volume '" + volume.name() + "' has " + exports.size()
                        + (exports.size() == 1 ? " client" : " clients") + ": --force disconnects them");
            }
            if (!exports.isEmpty()) {
                disconnector.disconnect(exports);
            }
            work.run();
        });
    }
}
