package io.pdata.fuzz.target;

import io.pdata.core.block.Bytes;
import io.pdata.core.device.PersistentDataException;
import io.pdata.core.store.OpenOptions;
import io.pdata.fuzz.Target;
import io.pdata.fuzz.image.Images;
import io.pdata.fuzz.image.Input;
import io.pdata.fuzz.image.PatchedDevice;
import io.pdata.thin.ThinMetadata;
import io.pdata.thin.ThinView;
import io.pdata.tools.Findings;
import io.pdata.tools.MetadataFile;
import io.pdata.tools.Report;
import io.pdata.tools.thin.ThinCheck;
import io.pdata.tools.thin.ThinDump;
import java.util.Set;

/**
 * Check, dump and views of thin metadata. What checks clean can be dumped and read, and both say the same.
 */
public final class ThinTarget implements Target {
    static final long CACHE_BYTES = 128L * Bytes.BLOCK_SIZE;

    private static final ThinDump.Options HUMAN_READABLE = new ThinDump.Options(ThinDump.Format.HUMAN_READABLE, false,
            false, Set.of());
    private static final ThinDump.Options SNAPSHOT = new ThinDump.Options(ThinDump.Format.XML, true, false, Set.of());

    @Override
    public void run(Input input) {
        PatchedDevice image = input.image(Images.thin());
        boolean clean = Judge.clean(check(image));
        String[] dumped = new String[1];
        boolean dumps = Judge.allows(clean, "the dump", () -> dumped[0] = dump(image, ThinDump.Options.XML));
        String[] read = new String[1];
        boolean reads = Judge.allows(clean, "reading", () -> read[0] = read(image));
        if (clean && dumps && reads) {
            Judge.require(ThinListing.ofDump(dumped[0]).equals(read[0]), "dump and view disagree");
        }
        if (input.more()) {
            Judge.allows(() -> dump(image, HUMAN_READABLE));
            Judge.allows(() -> dump(image, SNAPSHOT));
            Judge.allows(() -> readSnapshot(image));
        }
    }

    /** What the check finds; null if it does not find a superblock. */
    static Findings check(PatchedDevice image) {
        try (MetadataFile file = new MetadataFile(image)) {
            return ThinCheck.check(file, ThinCheck.Options.FULL, Report.SILENT);
        } catch (PersistentDataException e) {
            return null;
        }
    }

    private static String dump(PatchedDevice image, ThinDump.Options options) {
        try (MetadataFile file = new MetadataFile(image)) {
            return Output.of(out -> ThinDump.dump(file, options, () -> out));
        }
    }

    private static String read(PatchedDevice image) {
        try (ThinMetadata pool = open(image, OpenOptions.readOnly()); ThinView view = pool.openView()) {
            return ThinListing.of(view);
        }
    }

    private static void readSnapshot(PatchedDevice image) {
        try (ThinMetadata pool = open(image, OpenOptions.readOnly());
                ThinView view = pool.openMetadataSnapshotView()) {
            ThinListing.of(view);
        }
    }

    static ThinMetadata open(PatchedDevice image, OpenOptions options) {
        return ThinMetadata.open(image, options.withCache(CACHE_BYTES));
    }
}
