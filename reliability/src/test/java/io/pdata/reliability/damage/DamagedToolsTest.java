package io.pdata.reliability.damage;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.reliability.damage.ToolRun.End;
import io.pdata.testkit.PeerTools;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * On damaged metadata the tools do what the reference tools do, or the table of {@code docs/damaged-tools.md} has it.
 * By default for every twentieth kind of damage; with {@code -Dlong.tests=true} for all; with
 * {@code -Dwrite.tables=true} the table is written. {@code -Dpeer.tools=NAME=DIR} adds a column.
 */
class DamagedToolsTest {
    private static final Path DOCUMENT = Path.of(System.getProperty("project.root", ".."))
            .resolve("docs/damaged-tools.md");
    private static final boolean WRITE = Boolean.getBoolean("write.tables");
    private static final int EVERY = WRITE || Boolean.getBoolean("long.tests") ? 1 : 20;
    /** The programs of others mostly wait. */
    private static final int AT_ONCE = 10;
    private static final String SAME = "the same";
    private static final String AS_BEFORE = "as before";

    @TempDir
    private Path folder;

    /** What the tools of each version make of the images before they are damaged. */
    private final Map<List<Object>, ToolRun> before = new ConcurrentHashMap<>();
    private final Map<String, Path> peers = peers();

    private static Map<String, Path> peers() {
        Map<String, Path> peers = new LinkedHashMap<>();
        if (PeerTools.ready()) {
            PeerTools.VERSIONS.forEach(version -> peers.put(version, PeerTools.folder(version)));
        }
        String more = System.getProperty("peer.tools");
        if (more != null) {
            peers.put(more.substring(0, more.indexOf('=')), Path.of(more.substring(more.indexOf('=') + 1)));
        }
        return peers;
    }

    @Test
    void theToolsDoWhatOthersDoOrTheTableSaysSo() throws Exception {
        PeerTools.need();
        List<Damage> all = DamageCatalogue.all();
        List<Damage> kinds = IntStream.range(0, all.size()).filter(i -> i % EVERY == 0).mapToObj(all::get).toList();
        Map<String, Map<String, String>> differences = new ConcurrentSkipListMap<>();
        try (ExecutorService workers = Executors.newFixedThreadPool(AT_ONCE)) {
            List<Future<?>> running = new ArrayList<>();
            kinds.forEach(kind -> running.add(workers.submit(() -> differences.putAll(rows(kind)))));
            for (Future<?> each : running) {
                each.get();
            }
        }
        if (WRITE) {
            write(differences);
        }
        Map<String, Map<String, String>> committed = parse(Files.readString(DOCUMENT));
        committed.keySet().removeIf(row -> kinds.stream().noneMatch(kind -> row.endsWith(" " + kind.name())));
        committed.values().removeIf(cells -> peers.keySet().stream()
                .allMatch(peer -> Set.of("", SAME).contains(cells.getOrDefault(peer, ""))));
        assertThat(differences.keySet()).containsExactlyElementsOf(committed.keySet());
        assertThat(differences).allSatisfy((row, cells) -> assertThat(committed.get(row)).as(row)
                .containsAllEntriesOf(cells));
    }

    /** The rows of a kind: those of the tools that do not do the same. */
    private Map<String, Map<String, String>> rows(Damage kind) {
        Map<String, Map<String, String>> rows = new TreeMap<>();
        Image image = kind.damaged(0).image();
        Path file = file(kind.name().replace('/', '-'), image);
        Path whole = file(image.name() + "-for-" + kind.name().replace('/', '-'), SmallImages.named(image.name()));
        Arrays.stream(ToolJob.values()).filter(job -> job.format() == kind.format()).forEach(job -> {
            Map<String, String> cells = new LinkedHashMap<>();
            ToolRun ours = job.run(null, file);
            ToolRun oursBefore = before(job, "", image.name(), whole);
            cells.put(DamageTable.OURS, word(ours, oursBefore));
            peers.forEach((version, tools) -> {
                if (job.peers().contains(version) || !PeerTools.VERSIONS.contains(version)) {
                    ToolRun theirs = job.run(tools, file);
                    String word = word(theirs, before(job, version, image.name(), whole));
                    cells.put(version, compare(job, ours, cells.get(DamageTable.OURS), theirs, word));
                }
            });
            if (cells.values().stream().skip(1).anyMatch(cell -> !cell.equals(SAME))) {
                rows.put(job.title() + " " + kind.name(), cells);
            }
        });
        return rows;
    }

    private static String compare(ToolJob job, ToolRun ours, String ourWord, ToolRun theirs, String theirWord) {
        if (ours.end() != End.WELL || theirs.end() != End.WELL) {
            return ourWord.equals(theirWord) ? SAME : theirWord;
        }
        return ourWord.equals(AS_BEFORE) && theirWord.equals(AS_BEFORE)
                ? SAME
                : Objects.requireNonNullElse(job.difference(ours, theirs), SAME);
    }

    private ToolRun before(ToolJob job, String version, String image, Path file) {
        return before.computeIfAbsent(List.of(job, version, image),
                _ -> job.run(version.isEmpty() ? null : peers.get(version), file));
    }

    private static String word(ToolRun run, ToolRun before) {
        return switch (run.end()) {
        case WELL -> run.output().equals(before.output()) ? AS_BEFORE : "otherwise";
        case REFUSED -> "refused";
        case CRASHED -> "crashes";
        case HUNG -> "hangs";
        };
    }

    private Path file(String name, Image image) {
        try {
            return Files.write(folder.resolve(name), image.bytes());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private void write(Map<String, Map<String, String>> differences) throws IOException {
        StringBuilder text = new StringBuilder(Files.readString(DOCUMENT));
        text.setLength(text.indexOf("| Tool |"));
        List<String> columns = Stream.concat(Stream.of(DamageTable.OURS), peers.keySet().stream()).toList();
        text.append("| Tool | Kind | ").append(String.join(" | ", columns)).append(" |\n|---|---|")
                .append("---|".repeat(columns.size())).append('\n');
        differences.forEach((row, cells) -> {
            text.append("| ").append(row, 0, row.lastIndexOf(' ')).append(" | ").append(row, row.lastIndexOf(' ') + 1,
                    row.length());
            columns.forEach(column -> text.append(" | ").append(cells.getOrDefault(column, "")));
            text.append(" |\n");
        });
        Files.writeString(DOCUMENT, text);
    }

    private static Map<String, Map<String, String>> parse(String document) {
        Map<String, Map<String, String>> rows = new TreeMap<>();
        List<String> columns = null;
        for (String line : document.lines().filter(line -> line.startsWith("| ")).toList()) {
            List<String> cells = List.of(line.substring(2, line.length() - 2).split(" \\| ", -1));
            if (columns == null) {
                columns = cells;
                continue;
            }
            Map<String, String> row = new LinkedHashMap<>();
            for (int i = 2; i < columns.size(); i++) {
                row.put(columns.get(i), cells.get(i));
            }
            rows.put(cells.get(0) + " " + cells.get(1), row);
        }
        return rows;
    }
}
