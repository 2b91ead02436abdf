package io.pdata.reliability.damage;

import io.pdata.core.device.MemoryDevice;
import io.pdata.core.store.OpenOptions;
import io.pdata.era.EraMetadata;
import io.pdata.era.EraReader;
import io.pdata.era.EraView;
import io.pdata.tools.Findings;
import io.pdata.tools.MetadataFile;
import io.pdata.tools.Report;
import io.pdata.tools.era.EraCheck;
import io.pdata.tools.era.EraDump;
import io.pdata.tools.text.TextOut;

/** How era metadata are put to use. */
final class EraUse extends Use {
    private static final long PROBES = 40;

    @Override
    Findings check(MemoryDevice device) {
        try (MetadataFile file = new MetadataFile(device)) {
            return EraCheck.check(file, false, Report.SILENT);
        }
    }

    @Override
    void dump(MemoryDevice device, TextOut out) {
        try (MetadataFile file = new MetadataFile(device)) {
            EraDump.dump(file, false, () -> out);
            EraDump.dump(file, true, () -> out);
        }
    }

    @Override
    void read(MemoryDevice device, Answer answer) {
        try (EraMetadata metadata = EraMetadata.open(device, OpenOptions.readOnly().withCache(CACHE_BYTES));
                EraView view = metadata.openView()) {
            answer.say(metadata.blocks(), metadata.currentEra(), metadata.metadataSnapshot() != 0);
            read(view.reader(), answer);
            view.reader().snapshot().ifPresent(snapshot -> read(snapshot, answer));
        }
    }

    private static void read(EraReader reader, Answer answer) {
        reader.archivedWritesets().forEach(writeset -> answer.say(writeset.era(), writeset.writeset().bits()));
        reader.writtenSince(1, answer::note);
        long blocks = reader.superblock().blocks();
        for (long block = 0; block < blocks; block += blocks / PROBES + 1) {
            answer.note(reader.storedEra(block), reader.lastWritten(block));
        }
    }

    @Override
    void write(MemoryDevice device) {
        try (EraMetadata metadata = EraMetadata.open(device, OpenOptions.readWrite().withCache(CACHE_BYTES))) {
            long blocks = metadata.blocks();
            metadata.resume(blocks);
            for (long block = 0; block < blocks; block += blocks / PROBES + 1) {
                metadata.mark(block);
            }
            metadata.commit();
            if (metadata.metadataSnapshot() != 0) {
                metadata.dropSnapshot();
            } else {
                metadata.takeSnapshot();
            }
            metadata.commit();
            metadata.digest();
            metadata.suspend();
        }
    }
}
