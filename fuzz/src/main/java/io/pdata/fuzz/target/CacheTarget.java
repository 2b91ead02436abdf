package io.pdata.fuzz.target;

import io.pdata.cache.CacheMetadata;
import io.pdata.cache.CachePolicy;
import io.pdata.cache.CacheReader;
import io.pdata.cache.CacheView;
import io.pdata.core.device.PersistentDataException;
import io.pdata.core.store.OpenOptions;
import io.pdata.fuzz.Target;
import io.pdata.fuzz.image.Images;
import io.pdata.fuzz.image.Input;
import io.pdata.fuzz.image.PatchedDevice;
import io.pdata.tools.Findings;
import io.pdata.tools.MetadataFile;
import io.pdata.tools.Report;
import io.pdata.tools.cache.CacheCheck;
import io.pdata.tools.cache.CacheDump;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Check, dump and views of cache metadata. What checks clean can be dumped and read, and both say the same. */
public final class CacheTarget implements Target {
    private static final Pattern MAPPING = Pattern
            .compile("<mapping cache_block=\"(\\d+)\" origin_block=\"(\\d+)\" dirty=\"(\\w+)\"/>");

    @Override
    public void run(Input input) {
        PatchedDevice image = input.image(Images.cache());
        boolean clean = Judge.clean(check(image));
        String[] dumped = new String[1];
        boolean dumps = Judge.allows(clean, "the dump", () -> dumped[0] = dump(image));
        String[] read = new String[1];
        boolean reads = Judge.allows(clean, "reading", () -> read[0] = read(image));
        if (clean && dumps && reads) {
            Judge.require(mappings(dumped[0]).equals(read[0]), "dump and view disagree");
        }
    }

    /** What the check finds; null if it does not find a superblock. */
    static Findings check(PatchedDevice image) {
        try (MetadataFile file = new MetadataFile(image)) {
            return CacheCheck.check(file, CacheCheck.Options.FULL, Report.SILENT);
        } catch (PersistentDataException e) {
            return null;
        }
    }

    private static String dump(PatchedDevice image) {
        try (MetadataFile file = new MetadataFile(image)) {
            return Output.of(out -> CacheDump.dump(file, () -> out));
        }
    }

    private static String mappings(String xml) {
        return MAPPING.matcher(xml).results()
                .map(found -> List.of(found.group(1), found.group(2), found.group(3)).toString())
                .collect(Collectors.joining());
    }

    private static String read(PatchedDevice image) {
        StringBuilder text = new StringBuilder();
        try (CacheMetadata cache = open(image, OpenOptions.readOnly()); CacheView view = cache.openView()) {
            CacheReader reader = view.reader();
            reader.storedMappings((block, origin, dirty) -> text.append(List.of(block, origin, dirty)));
            reader.storedHints((_, _) -> {});
            reader.storedDiscards((begin, end) -> Judge.require(begin < end, "an empty run of discards"));
            reader.loadMappings(CachePolicy.SMQ, (_, _, _, _, _) -> {});
            reader.loadDiscards(96, 1 << 20,
                    (begin, end) -> Judge.require(0 <= begin && begin < end && end <= 1 << 20, "a run of no discards"));
            for (long block = 0; block < Math.min(4, cache.cacheBlocks()); block++) {
                reader.origin(block);
            }
        }
        return text.toString();
    }

    static CacheMetadata open(PatchedDevice image, OpenOptions options) {
        return CacheMetadata.open(image, options.withCache(ThinTarget.CACHE_BYTES));
    }
}
