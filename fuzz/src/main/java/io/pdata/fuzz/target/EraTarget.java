package io.pdata.fuzz.target;

import io.pdata.core.device.PersistentDataException;
import io.pdata.core.store.OpenOptions;
import io.pdata.era.EraMetadata;
import io.pdata.era.EraReader;
import io.pdata.era.EraView;
import io.pdata.fuzz.Target;
import io.pdata.fuzz.image.Images;
import io.pdata.fuzz.image.Input;
import io.pdata.fuzz.image.PatchedDevice;
import io.pdata.tools.Findings;
import io.pdata.tools.MetadataFile;
import io.pdata.tools.Report;
import io.pdata.tools.era.EraCheck;
import io.pdata.tools.era.EraDump;
import java.util.Arrays;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Check, dump and views of era metadata. What checks clean can be dumped and read, and both say the same. */
public final class EraTarget implements Target {
    private static final Pattern ERA = Pattern.compile("<era block=\"(\\d+)\" era=\"(\\d+)\"/>");
    private static final long MOST_BLOCKS = 1 << 20;

    @Override
    public void run(Input input) {
        PatchedDevice image = input.image(Images.era());
        boolean clean = Judge.clean(check(image));
        String[] dumped = new String[1];
        boolean dumps = Judge.allows(clean, "the dump", () -> dumped[0] = dump(image, true));
        Judge.allows(clean, "the physical dump", () -> dump(image, false));
        String[] read = new String[1];
        boolean reads = Judge.allows(clean, "reading", () -> read[0] = read(image));
        if (clean && dumps && reads) {
            Judge.require(eras(dumped[0]).equals(read[0]), "dump and view disagree");
        }
    }

    /** What the check finds; null if it does not find a superblock. */
    static Findings check(PatchedDevice image) {
        try (MetadataFile file = new MetadataFile(image)) {
            return EraCheck.check(file, false, Report.SILENT);
        } catch (PersistentDataException e) {
            return null;
        }
    }

    private static String dump(PatchedDevice image, boolean logical) {
        try (MetadataFile file = new MetadataFile(image)) {
            return Output.of(out -> EraDump.dump(file, logical, () -> out));
        }
    }

    private static String eras(String xml) {
        return ERA.matcher(xml).results().map(found -> found.group(2)).collect(Collectors.joining(" "));
    }

    private static String read(PatchedDevice image) {
        try (EraMetadata era = open(image, OpenOptions.readOnly()); EraView view = era.openView()) {
            EraReader reader = view.reader();
            reader.snapshot().ifPresent(EraTarget::touch);
            touch(reader);
            int[] last = new int[(int) Math.min(MOST_BLOCKS, reader.superblock().blocks())];
            reader.lastWritten(0, last);
            return Arrays.stream(last).mapToObj(Integer::toUnsignedString).collect(Collectors.joining(" "));
        }
    }

    private static void touch(EraReader reader) {
        reader.archivedWritesets().forEach(archived -> reader.contains(archived.writeset(), 1));
        if (reader.superblock().blocks() > 0) {
            reader.lastWritten(reader.superblock().blocks() - 1);
        }
        reader.writtenSince(1, (begin, end) -> Judge.require(begin < end, "an empty run"));
    }

    static EraMetadata open(PatchedDevice image, OpenOptions options) {
        return EraMetadata.open(image, options.withCache(ThinTarget.CACHE_BYTES));
    }
}
