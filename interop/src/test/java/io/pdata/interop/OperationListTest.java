package io.pdata.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pdata.testkit.Golden;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

class OperationListTest {

    private static OperationList parse(String name, String... lines) {
        return OperationList.parse(name, Path.of("."), List.of(lines));
    }

    private static List<String> operations(OperationList list) {
        return list.operations().stream().map(Operation::toString).toList();
    }

    @Test
    void linesForSeveralBlocksBecomeOneOperationEach() {
        OperationList list = parse("a.ops", "# a pool", "format 64 128", "", "create_thin 1 2", "write 1 7 9",
                "delete 2 1");
        assertThat(list.language()).isEqualTo(Language.THIN);
        assertThat(operations(list)).containsExactly("line 2: format 64 128", "line 4: create_thin 1",
                "line 4: create_thin 2", "line 5: write 1 7", "line 5: write 1 9", "line 6: delete 2",
                "line 6: delete 1");
    }

    @Test
    void fillWritesEveryBlockOfItsProgression() {
        OperationList list = parse("a.ops", "load pool 100", "fill 3 10 3 5", "fill 3 7 2");
        assertThat(operations(list)).containsExactly("line 1: load pool 100", "line 2: write 3 10",
                "line 2: write 3 15", "line 2: write 3 20", "line 3: write 3 7", "line 3: write 3 8");
    }

    @Test
    void aCacheIsKnownByItsLines() {
        OperationList list = parse("a.ops", "format 1024 64 2", "origin 5000", "open", "discard 10 20", "resize 9",
                "shutdown 64 8192 1-2 5-6,9", "close", "image x");
        assertThat(list.language()).isEqualTo(Language.CACHE);
        assertThat(list.operations().get(5).ranges(2)).containsExactly(new Operation.Range(1, 2),
                new Operation.Range(5, 6), new Operation.Range(9, 9));
    }

    @Test
    void anEraDeviceIsKnownByItsLines() {
        OperationList list = parse("a.ops", "format 256 64", "resume 100", "write 1 2", "suspend", "reopen");
        assertThat(list.language()).isEqualTo(Language.ERA);
        assertThat(operations(list)).contains("line 3: write 1", "line 3: write 2");
    }

    @Test
    void theNameDecidesWhereSeveralLanguagesFit() {
        assertThat(parse("era-x.ops", "format 256 128", "image a").language()).isEqualTo(Language.ERA);
        assertThat(parse("thin-x.ops", "format 256 128", "image a").language()).isEqualTo(Language.THIN);
        assertThatThrownBy(() -> parse("x.ops", "format 256 128", "image a")).hasMessageContaining("any of");
    }

    @Test
    void aLineThatMakesNoSenseIsNamed() {
        // A typing error must not make the replayer skip a line, or take the list for another target's.
        assertThatThrownBy(() -> parse("a.ops", "format 64 128", "create_thin 1", "wriet 1 7"))
                .hasMessageContaining("line 3: wriet 1 7");
        assertThatThrownBy(() -> parse("a.ops", "format 64 128", "create_thin 1", "discard 1 7"))
                .hasMessageContaining("line 3: discard 1 7");
    }

    @Test
    void theProjectsOwnRecordingsAreOfTheLanguageTheirNamesSay() {
        List<Path> files = Golden.files(Golden.folder(), ".ops");
        assertThat(files).hasSize(6);
        for (Path file : files) {
            OperationList list = OperationList.read(file);
            assertThat(list.name()).startsWith(list.language().name().toLowerCase(Locale.ROOT));
        }
    }
}
