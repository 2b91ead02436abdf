package io.pdata.tools;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.tools.thin.ThinDump;
import io.pdata.tools.thin.ThinDump.Format;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Dumps are those of the reference tools, byte for byte. */
class GoldenDumpTest {

    private static final String XML = "thin_dump 1.1.0 (xml)";
    private static final String HUMAN_READABLE = "thin_dump -f human_readable 1.1.0";
    private static final String SNAPSHOT = "thin_dump -m 1.1.0";

    static Stream<String> thinXmlDumps() {
        return Recorded.imagesWith("thin-", XML);
    }

    static Stream<String> thinHumanReadableDumps() {
        return Recorded.imagesWith("thin-", HUMAN_READABLE);
    }

    static Stream<String> thinSnapshotDumps() {
        return Recorded.imagesWith("thin-", SNAPSHOT);
    }

    @ParameterizedTest
    @MethodSource("thinXmlDumps")
    void thinXml(String name) {
        compare(name, XML, dump(name, ThinDump.Options.XML));
    }

    @ParameterizedTest
    @MethodSource("thinHumanReadableDumps")
    void thinHumanReadable(String name) {
        compare(name, HUMAN_READABLE,
                dump(name, new ThinDump.Options(Format.HUMAN_READABLE, false, false, Set.of())));
    }

    @ParameterizedTest
    @MethodSource("thinSnapshotDumps")
    void thinMetadataSnapshot(String name) {
        compare(name, SNAPSHOT, dump(name, new ThinDump.Options(Format.XML, true, false, Set.of())));
    }

    @Test
    void thinXmlEndsWithoutNewline() {
        assertThat(dump("thin-fresh", ThinDump.Options.XML)).endsWith("</superblock>");
    }

    private static void compare(String name, String command, String dumped) {
        assertThat(dumped.stripTrailing()).isEqualTo(Recorded.output(name, command).orElseThrow());
    }

    private static String dump(String name, ThinDump.Options options) {
        try (MetadataFile file = Recorded.open(name)) {
            return Recorded.written(out -> ThinDump.dump(file, options, () -> out));
        }
    }
}
