package io.pdata.reliability.damage;

import io.pdata.core.device.MemoryDevice;
import io.pdata.core.store.OpenOptions;
import io.pdata.thin.DeviceDetails;
import io.pdata.thin.ThinDevice;
import io.pdata.thin.ThinMetadata;
import io.pdata.thin.ThinView;
import io.pdata.tools.Findings;
import io.pdata.tools.MetadataFile;
import io.pdata.tools.Report;
import io.pdata.tools.text.TextOut;
import io.pdata.tools.thin.ThinCheck;
import io.pdata.tools.thin.ThinDump;
import java.util.ArrayList;
import java.util.List;

/** How thin metadata are put to use. */
final class ThinUse extends Use {
    private static final long NEW_DEVICE = 70_000;
    private static final long NEW_SNAPSHOT = 70_001;
    private static final long PROBES = 40;

    @Override
    Findings check(MemoryDevice device) {
        try (MetadataFile file = new MetadataFile(device)) {
            return ThinCheck.check(file, ThinCheck.Options.FULL, Report.SILENT);
        }
    }

    @Override
    void dump(MemoryDevice device, TextOut out) {
        try (MetadataFile file = new MetadataFile(device)) {
            ThinDump.dump(file, ThinDump.Options.XML, () -> out);
        }
    }

    @Override
    void read(MemoryDevice device, Answer answer) {
        try (ThinMetadata metadata = ThinMetadata.open(device, OpenOptions.readOnly().withCache(CACHE_BYTES))) {
            answer.say(metadata.transactionId(), metadata.heldRoot() != 0, metadata.space().dataBlocks());
            try (ThinView view = metadata.openView()) {
                read(view, answer);
                for (long id : ids(view)) {
                    read(metadata, id, answer);
                }
            }
            if (metadata.heldRoot() != 0) {
                try (ThinView view = metadata.openMetadataSnapshotView()) {
                    read(view, answer);
                }
            }
        }
    }

    private static void read(ThinView view, Answer answer) {
        view.forEachDevice((id, details) -> {
            answer.say("device", id, details);
            return answer.note(id, details.mappedBlocks());
        });
        for (long id : ids(view)) {
            answer.say(view.details(id).isPresent());
            view.forEachMapping(id, (virtual, data, time) -> answer.note(virtual, data) && answer.note(0, time));
        }
    }

    /** The first devices, as far as they can be trusted to be few. */
    private static List<Long> ids(ThinView view) {
        List<Long> ids = new ArrayList<>();
        view.forEachDevice((id, _) -> ids.add(id) && ids.size() < PROBES);
        return ids;
    }

    private static void read(ThinMetadata metadata, long id, Answer answer) {
        ThinDevice device = metadata.openDevice(id);
        answer.say(metadata.details(id), metadata.highestMappedBlock(device));
        for (long block = 0; block < PROBES; block++) {
            answer.note(block, metadata.lookup(device, block * 13));
        }
        long next = 0;
        for (int i = 0; i < PROBES; i++) {
            var range = metadata.lookupRange(device, next, -1);
            if (range.isEmpty()) {
                break;
            }
            answer.say(range.get());
            next = range.get().virtualEnd();
        }
    }

    @Override
    void write(MemoryDevice device) {
        try (ThinMetadata metadata = ThinMetadata.open(device, OpenOptions.readWrite().withCache(CACHE_BYTES))) {
            List<Long> ids;
            try (ThinView view = metadata.openView()) {
                ids = ids(view);
            }
            change(metadata, ids);
            metadata.commit();
            if (metadata.heldRoot() != 0) {
                metadata.releaseMetadataSnapshot();
            } else {
                metadata.reserveMetadataSnapshot();
            }
            metadata.setTransactionId(metadata.transactionId(), metadata.transactionId() + 1);
            metadata.commit();
        }
    }

    private static void change(ThinMetadata metadata, List<Long> ids) {
        metadata.createThin(NEW_DEVICE);
        ThinDevice fresh = metadata.openDevice(NEW_DEVICE);
        for (long block = 0; block < 3; block++) {
            metadata.insert(fresh, block * 1000, metadata.allocateDataBlock());
        }
        if (!ids.isEmpty()) {
            metadata.createSnapshot(NEW_SNAPSHOT, ids.getFirst());
            metadata.delete(ids.getLast());
            ThinDevice snapshot = metadata.openDevice(NEW_SNAPSHOT);
            metadata.insert(snapshot, 1, metadata.allocateDataBlock());
            metadata.removeRange(snapshot, 5, 300);
            DeviceDetails details = metadata.details(NEW_SNAPSHOT).orElseThrow();
            if (details.mappedBlocks() < 0) {
                throw new AssertionError("a device with " + details.mappedBlocks() + " mappings");
            }
        }
        metadata.commit();
        if (ids.size() > 1) {
            ThinDevice other = metadata.openDevice(ids.getFirst());
            for (long block = 0; block < 200; block += 67) {
                metadata.insert(other, block, metadata.allocateDataBlock());
            }
        }
    }
}
