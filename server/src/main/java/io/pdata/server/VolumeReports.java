package io.pdata.server;

import io.pdata.core.block.CorruptionException;
import io.pdata.thin.DeviceDetails;
import io.pdata.thin.ThinView;
import io.pdata.thin.pool.KnownDamage;
import io.pdata.thin.pool.NamedPool;
import io.pdata.thin.pool.NamedVolume;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToIntFunction;

/** Describes the volumes of one moment, damaged ones too: a number that cannot be read is null, and the damage is named. */
final class VolumeReports {
    private final NamedPool.Moment moment;
    private final ThinView view;
    private final KnownDamage damage;
    private final long block;
    private final ToIntFunction<NamedVolume> clients;

    /** @param clients how many use a volume */
    VolumeReports(NamedPool pool, NamedPool.Moment moment, ToIntFunction<NamedVolume> clients) {
        this.moment = moment;
        this.view = moment.view();
        this.damage = pool.pool().damage();
        this.block = pool.pool().blockBytes();
        this.clients = clients;
    }

    List<VolumeReport> all() {
        List<VolumeReport> reports = moment.volumes().stream().map(this::report).toList();
        List<DamagedRange> ranges = reports.stream().filter(report -> report.damage() != null)
                .flatMap(report -> report.damage().ranges().stream()).distinct().limit(DamageReport.MOST_RANGES)
                .toList();
        return ranges.isEmpty() ? reports : moment.volumes().stream().map(volume -> looked(volume, ranges)).toList();
    }

    /** Snapshots share damaged nodes: where one volume cannot be read, all are looked at. */
    private VolumeReport looked(NamedVolume volume, List<DamagedRange> ranges) {
        for (DamagedRange range : ranges) {
            try {
                view.lookup(volume.id(), range.position() / block);
            } catch (CorruptionException e) {
                damage.found(volume.id(), e);
                break;
            }
        }
        return report(volume);
    }

    VolumeReport report(NamedVolume volume) {
        Long mapped = blocks(volume, id -> view.details(id).map(DeviceDetails::mappedBlocks).orElse(0L));
        Long exclusive = blocks(volume, view::exclusiveBlocks);
        Long shared = mapped == null || exclusive == null ? null : mapped - exclusive;
        return new VolumeReport(volume.name(), volume.id(), volume.size(), bytes(mapped), bytes(exclusive),
                bytes(shared),
                volume.origin(), volume.externalOrigin(), volume.created().toString(), volume.readOnly(),
                clients.applyAsInt(volume),
                damage.of(volume.id()).map(problem -> damage(volume, problem)).orElse(null));
    }

    private interface Count {
        long of(long id);
    }

    /** A number of blocks; null if it cannot be told. */
    private Long blocks(NamedVolume volume, Count count) {
        try {
            return count.of(volume.id());
        } catch (CorruptionException e) {
            if (KnownDamage.isOfTrees(e)) {
                damage.found(volume.id(), e);
            }
            return null;
        }
    }

    private Long bytes(Long blocks) {
        return blocks == null ? null : blocks * block;
    }

    private DamageReport damage(NamedVolume volume, CorruptionException problem) {
        List<DamagedRange> ranges = new ArrayList<>();
        long end = Math.ceilDiv(volume.size(), block);
        view.forEachDamage(volume.id(), (first, last, _) -> {
            if (first >= 0 && first < end && ranges.size() < DamageReport.MOST_RANGES) {
                long behind = last < 0 || last >= end ? volume.size() : (last + 1) * block;
                ranges.add(new DamagedRange(first * block, behind - first * block));
            }
        });
        return new DamageReport(problem.getMessage(), ranges);
    }
}
