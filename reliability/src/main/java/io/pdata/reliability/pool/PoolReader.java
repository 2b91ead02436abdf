package io.pdata.reliability.pool;

import static io.pdata.reliability.workload.Judgement.require;

import io.pdata.core.block.Bytes;
import io.pdata.core.device.Device;
import io.pdata.thin.ThinView;
import io.pdata.thin.pool.ThinPool;
import io.pdata.thin.pool.Volume;
import io.pdata.tools.Finding;
import io.pdata.tools.MetadataFile;
import io.pdata.tools.Report;
import io.pdata.tools.thin.ThinCheck;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Reads all of a pool, and checks it. */
final class PoolReader {
    private PoolReader() {}

    /** What all volumes hold. */
    static Map<Long, long[]> read(ThinPool pool) {
        List<Long> ids = new ArrayList<>();
        try (ThinView view = pool.openView()) {
            view.forEachDevice((id, _) -> ids.add(id));
        }
        Map<Long, long[]> found = new TreeMap<>();
        for (long id : ids) {
            try (Volume volume = pool.openVolume(id, (long) PoolSession.VOLUME_SECTORS * PoolSession.SECTOR, null)) {
                found.put(id, sectors(volume));
            }
        }
        return found;
    }

    /** The number in each sector; all of a sector must be of one write. */
    static long[] sectors(Volume volume) {
        MemorySegment bytes = MemorySegment.ofArray(new byte[PoolSession.VOLUME_SECTORS * PoolSession.SECTOR]);
        volume.read(0, bytes);
        long[] sectors = new long[PoolSession.VOLUME_SECTORS];
        for (int i = 0; i < sectors.length; i++) {
            long at = (long) i * PoolSession.SECTOR;
            sectors[i] = bytes.get(Bytes.U64, at);
            for (long j = 0; j < PoolSession.SECTOR; j += Long.BYTES) {
                require(bytes.get(Bytes.U64, at + j) == sectors[i], "sector %d of %s is torn", i, volume.name());
            }
        }
        return sectors;
    }

    /** The full check of the metadata. The device is closed. */
    static void check(Device metadata, String when) {
        try (MetadataFile file = new MetadataFile(metadata)) {
            List<String> problems = ThinCheck.check(file, ThinCheck.Options.FULL, Report.SILENT).all().stream()
                    .map(Finding::text).toList();
            require(problems.isEmpty(), "%s the check finds %s", when, problems);
        }
    }
}
