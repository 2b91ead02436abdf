package io.pdata.server;

import io.pdata.replication.PoolSource;
import io.pdata.replication.Progress;
import io.pdata.replication.ReceiveOptions;
import io.pdata.replication.Receiver;
import io.pdata.replication.ResumeToken;
import io.pdata.replication.Sender;
import io.pdata.replication.TransferReport;
import io.pdata.thin.ThinRequestException.Reason;
import io.pdata.thin.ThinRequestException;
import io.pdata.thin.pool.NamedPool;
import io.pdata.thin.pool.NamedVolume;
import io.pdata.thin.pool.PoolMode;
import io.pdata.thin.pool.PoolStatus;
import io.pdata.tools.MetadataFile;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;

/** A pool that is open in this process. */
public final class LocalPool implements PoolService {
    private static final long METADATA_BLOCK = 4096;

    private final NamedPool pool;
    private final Clients clients;
    private final long serverPid;
    private final Receiver receiver;
    /** Names of what is being sent, as often as it is. */
    private final List<String> sending = new CopyOnWriteArrayList<>();

    /** A pool that nobody else uses; closed together with this. */
    public LocalPool(NamedPool pool) {
        this(pool, Clients.NONE, 0);
    }

    /**
     * @param clients who else uses its volumes
     * @param serverPid the process that serves it; 0 if none does
     */
    LocalPool(NamedPool pool, Clients clients, long serverPid) {
        this.pool = pool;
        this.clients = clients;
        this.serverPid = serverPid;
        this.receiver = new Receiver(pool);
    }

    @Override
    public PoolReport status() {
        PoolStatus now = pool.pool().status();
        long block = pool.pool().blockBytes();
        PoolCondition condition = PoolCondition.of(now);
        return new PoolReport(now.mode().status(), condition.reason(), condition.remedy(), now.transactionId(), block,
                now.dataBlocks() * block,
                now.usedDataBlocks() * block, now.metadataBlocks() * METADATA_BLOCK,
                now.usedMetadataBlocks() * METADATA_BLOCK, now.needsCheck(), now.heldRoot() != 0,
                pool.volumes().size(), clients.count(), serverPid, pool.storageReturned(),
                damaged());
    }

    /** Names of the volumes of which damage is known; null if there are none. */
    private List<String> damaged() {
        Set<Long> ids = pool.pool().damage().volumes();
        List<String> names = pool.volumes().stream().filter(volume -> ids.contains(volume.id())).map(NamedVolume::name)
                .toList();
        return names.isEmpty() ? null : names;
    }

    @Override
    public PoolReport resize(long dataSize, long metadataSize) {
        pool.grow(dataSize, metadataSize);
        return status();
    }

    @Override
    public CheckReport check() {
        CheckReport found;
        try (MetadataFile metadata = new MetadataFile(pool.openCommittedMetadata())) {
            found = MetadataCheck.of(metadata);
        }
        if (found.needsCheck() || pool.pool().status().mode().compareTo(PoolMode.READ_ONLY) < 0) {
            return found;
        }
        List<String> lines = new ArrayList<>(found.findings());
        lines.add("the pool cannot be changed any more: its last transaction failed");
        return new CheckReport(found.clean(), false, lines);
    }

    // ---- volumes ----

    @Override
    public List<VolumeReport> volumes() {
        try (NamedPool.Moment moment = pool.openMoment()) {
            return reports(moment).all();
        }
    }

    @Override
    public VolumeReport volume(String name) {
        try (NamedPool.Moment moment = pool.openMoment()) {
            return reports(moment).report(find(moment, name));
        }
    }

    private VolumeReports reports(NamedPool.Moment moment) {
        return new VolumeReports(pool, moment, volume -> clients.count(volume.id()));
    }

    private static NamedVolume find(NamedPool.Moment moment, String name) {
        return moment.volumes().stream().filter(each -> each.name().equals(name)).findFirst()
                .orElseThrow(() -> unknown(name));
    }

    private NamedVolume required(String name) {
        return pool.find(name).orElseThrow(() -> unknown(name));
    }

    private static ThinRequestException unknown(String name) {
        return new ThinRequestException(Reason.UNKNOWN_DEVICE, "there is no volume '" + name + "'");
    }

    @Override
    public VolumeReport createVolume(String name, long size, String externalOrigin) {
        pool.createVolume(name, size, externalOrigin);
        return volume(name);
    }

    @Override
    public VolumeReport createSnapshot(String name, String origin, boolean readOnly) {
        pool.createSnapshot(name, origin, readOnly);
        return volume(name);
    }

    @Override
    public VolumeReport resizeVolume(String name, long size, boolean force) {
        NamedVolume volume = required(name);
        if (size >= volume.size()) {
            pool.resize(name, size);
        } else if (volume.readOnly() && sending.contains(name)) {
            throw new ThinRequestException(Reason.BUSY, "'" + name + "' is being sent");
        } else if (force) {
            clients.without(volume, true, () -> pool.resize(name, size));
            pool.pool().discardFreed();
        } else {
            throw new ThinRequestException(Reason.INVALID, "volume '" + name + "' has " + volume.size()
                    + " bytes: what is beyond " + size + " would be lost; --force does it all the same");
        }
        return volume(name);
    }

    @Override
    public VolumeReport renameVolume(String name, String newName) {
        pool.rename(name, newName);
        return volume(newName);
    }

    @Override
    public void deleteVolume(String name, boolean force) {
        clients.without(required(name), force, () -> pool.delete(name));
        pool.pool().discardFreed();
    }

    @Override
    public VolumeReport revert(String name, String snapshot, boolean force) {
        clients.without(required(name), force, () -> pool.revert(name, snapshot));
        pool.pool().discardFreed();
        return volume(name);
    }

    @Override
    public DiffReport diff(String from, String to, long position) {
        if (position < 0) {
            throw new ThinRequestException(Reason.INVALID, "a position of " + position);
        }
        long block = pool.pool().blockBytes();
        DiffRanges ranges = new DiffRanges(block);
        try (NamedPool.Moment moment = pool.openMoment()) {
            moment.view().compare(find(moment, from).id(), find(moment, to).id(), position / block, -1L, false, ranges);
        }
        return ranges.report();
    }

    // ---- streams ----

    @Override
    public TransferReport send(SendRequest request, OutputStream out, Progress progress) {
        ResumeToken token = request.token() == null ? null : ResumeToken.parse(request.token());
        sending.add(request.volume());
        try (PoolSource source = PoolSource.open(pool, request.volume(), request.since())) {
            return Sender.send(source, token, request.compress(), out, progress);
        } finally {
            sending.remove(request.volume());
        }
    }

    @Override
    public Answer receive(ReceiveOptions options, InputStream in, Progress progress) {
        Receiver.Received received = receiver.receive(in, options, progress);
        return Answer.of(volume(received.volume().name()), StreamReport.of(received.report()));
    }

    @Override
    public List<UnfinishedReport> unfinished() {
        return pool.unfinished().stream().map(LocalPool::report).toList();
    }

    private static UnfinishedReport report(NamedVolume volume) {
        if (volume.receipt().equals(NamedVolume.PASSING)) {
            return new UnfinishedReport(volume.name(), volume.size(), 0, "");
        }
        ResumeToken token = ResumeToken.parse(volume.receipt());
        return new UnfinishedReport(volume.name(), volume.size(), token.position(), volume.receipt());
    }

    @Override
    public void discardUnfinished(String name) {
        pool.abandon(name);
        pool.pool().discardFreed();
    }

    @Override
    public void close() {
        pool.close();
    }
}
