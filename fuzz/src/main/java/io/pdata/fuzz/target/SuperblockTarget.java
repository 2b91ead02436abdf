package io.pdata.fuzz.target;

import io.pdata.cache.CacheMetadata;
import io.pdata.core.store.OpenOptions;
import io.pdata.era.EraMetadata;
import io.pdata.fuzz.Target;
import io.pdata.fuzz.image.Images;
import io.pdata.fuzz.image.Input;
import io.pdata.fuzz.image.PatchedDevice;
import io.pdata.thin.ThinMetadata;
import io.pdata.tools.MetadataFile;
import io.pdata.tools.Report;
import io.pdata.tools.cache.CacheCheck;
import io.pdata.tools.era.EraCheck;
import io.pdata.tools.thin.ThinCheck;
import java.util.function.Function;

/** Everything that opens a superblock, of all formats, on an image of any format. */
public final class SuperblockTarget implements Target {
    private static final ThinCheck.Options THIN = new ThinCheck.Options(true, false, false);
    private static final CacheCheck.Options CACHE = new CacheCheck.Options(true, false, false, false);

    @Override
    public void run(Input input) {
        PatchedDevice image = input.image(Images.all());
        tool(image, file -> ThinCheck.check(file, THIN, Report.SILENT));
        tool(image, file -> CacheCheck.check(file, CACHE, Report.SILENT));
        tool(image, file -> EraCheck.check(file, true, Report.SILENT));
        open(image, device -> ThinTarget.open(device, OpenOptions.readOnly().expecting(input.number())));
        open(image, device -> CacheTarget.open(device, OpenOptions.readOnly().expecting(input.number())));
        open(image, device -> EraTarget.open(device, OpenOptions.readOnly().expecting(input.number())));
        open(image, device -> ThinTarget.open(device, OpenOptions.readWrite()));
        open(image, device -> CacheTarget.open(device, OpenOptions.readWrite()));
        open(image, device -> EraTarget.open(device, OpenOptions.readWrite()));
        Judge.allows(() -> ThinMetadata.format(image.copy(), 128, ThinTarget.CACHE_BYTES).close());
        Judge.allows(() -> CacheMetadata.format(image.copy(), 2, 64, ThinTarget.CACHE_BYTES).close());
        Judge.allows(() -> EraMetadata.format(image.copy(), 8, ThinTarget.CACHE_BYTES).close());
        Judge.allows(() -> CacheMetadata.clearNeedsCheck(image.copy(), ThinTarget.CACHE_BYTES));
    }

    private static void tool(PatchedDevice image, Function<MetadataFile, Object> check) {
        Judge.allows(() -> {
            try (MetadataFile file = new MetadataFile(image)) {
                check.apply(file);
            }
        });
    }

    private static void open(PatchedDevice image, Function<PatchedDevice, AutoCloseable> opener) {
        Judge.allows(() -> close(opener.apply(image.copy())));
    }

    private static void close(AutoCloseable opened) {
        switch (opened) {
        case ThinMetadata pool -> pool.close();
        case CacheMetadata cache -> cache.close();
        case EraMetadata era -> era.close();
        default -> throw new IllegalStateException(opened.toString());
        }
    }
}
