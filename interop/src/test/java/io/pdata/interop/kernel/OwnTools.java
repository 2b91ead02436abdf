package io.pdata.interop.kernel;

import io.pdata.tools.Findings;
import io.pdata.tools.MetadataFile;
import io.pdata.tools.Report;
import io.pdata.tools.cache.CacheCheck;
import io.pdata.tools.era.EraCheck;
import io.pdata.tools.era.EraDump;
import io.pdata.tools.text.TextOut;
import io.pdata.tools.thin.ThinCheck;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Supplier;

/** This project's tools, as tests use those of others. */
final class OwnTools {
    private OwnTools() {}

    static void thinCheck(Path metadata) {
        check(metadata, file -> ThinCheck.check(file, ThinCheck.Options.FULL, Report.SILENT));
    }

    static void cacheCheck(Path metadata) {
        check(metadata, file -> CacheCheck.check(file, CacheCheck.Options.FULL, Report.SILENT));
    }

    static void eraCheck(Path metadata) {
        check(metadata, file -> EraCheck.check(file, false, Report.SILENT));
    }

    /** @param metadataSnapshot whether that is to be dumped, instead of the present state */
    static String thinDump(Path metadata, boolean metadataSnapshot) {
        io.pdata.tools.thin.ThinDump.Options options = new io.pdata.tools.thin.ThinDump.Options(
                io.pdata.tools.thin.ThinDump.Format.XML, metadataSnapshot, false, Set.of());
        return dump(metadata, (file, out) -> io.pdata.tools.thin.ThinDump.dump(file, options, out));
    }

    static String cacheDump(Path metadata) {
        return dump(metadata, io.pdata.tools.cache.CacheDump::dump);
    }

    static String eraDump(Path metadata, boolean logical) {
        return dump(metadata, (file, out) -> EraDump.dump(file, logical, out));
    }

    /** Compares two texts line by line, and says where they begin to differ. */
    static void requireSame(String what, String ours, String theirs) {
        Iterator<String> own = ours.lines().iterator();
        Iterator<String> other = theirs.lines().iterator();
        for (int number = 1; own.hasNext() || other.hasNext(); number++) {
            String ownLine = own.hasNext() ? own.next() : "(end)";
            String otherLine = other.hasNext() ? other.next() : "(end)";
            if (!ownLine.equals(otherLine)) {
                throw new AssertionError("%s, line %d:%nours:   %s%ntheirs: %s".formatted(what, number, ownLine,
                        otherLine));
            }
        }
    }

    private static void check(Path metadata, Function<MetadataFile, Findings> check) {
        try (MetadataFile file = MetadataFile.open(metadata)) {
            Findings findings = check.apply(file);
            if (findings.count() > 0) {
                throw new AssertionError("our check of " + metadata + ": " + findings.all());
            }
        }
    }

    private static String dump(Path metadata, BiConsumer<MetadataFile, Supplier<TextOut>> dump) {
        try (MetadataFile file = MetadataFile.open(metadata)) {
            ByteArrayOutputStream text = new ByteArrayOutputStream();
            dump.accept(file, () -> new TextOut(text));
            return text.toString(StandardCharsets.US_ASCII);
        }
    }
}
