package io.pdata.reliability.damage;

import io.pdata.core.device.PersistentDataException;
import io.pdata.reliability.damage.Damage.Case;
import io.pdata.reliability.damage.Peer.Result;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;

/** What our check and those of others make of each kind of damage, as text: the body of {@code docs/damage.md}. */
final class DamageTable {
    /** Each kind is done to so many images, with the seeds from 0 on. */
    static final int SEEDS = 2;
    /** The column of our own verdict. */
    static final String OURS = "ours";
    /** The programs mostly wait, so there can be many. */
    private static final int AT_ONCE = 24;

    /** The cells of a row by the names of the columns. */
    private final Map<String, Map<String, String>> rows;

    private DamageTable(Map<String, Map<String, String>> rows) {
        this.rows = rows;
    }

    /** The rows: the names of the columns and the verdicts, by kind. */
    Map<String, Map<String, String>> rows() {
        return rows;
    }

    /** Has all kinds judged. */
    static DamageTable of(List<Damage> kinds, List<Peer> peers) {
        Map<String, Map<String, String>> rows = Collections.synchronizedMap(new LinkedHashMap<>());
        kinds.forEach(kind -> rows.put(kind.name(), new LinkedHashMap<>()));
        try (ExecutorService workers = Executors.newFixedThreadPool(AT_ONCE)) {
            List<Future<?>> running = new ArrayList<>();
            for (Damage kind : kinds) {
                running.add(workers.submit(() -> rows.get(kind.name()).putAll(judge(kind, peers))));
            }
            for (Future<?> row : running) {
                row.get();
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
        return new DamageTable(rows);
    }

    private static Map<String, String> judge(Damage kind, List<Peer> peers) {
        List<Verdict> ours = new ArrayList<>();
        Map<Peer, List<Result>> theirs = new LinkedHashMap<>();
        for (long seed = 0; seed < SEEDS; seed++) {
            Case damaged = kind.damaged(seed);
            ours.add(verdict(damaged));
            if (!peers.isEmpty()) {
                withFile(damaged.image(), file -> peers.forEach(peer -> theirs
                        .computeIfAbsent(peer, _ -> new ArrayList<>()).add(peer.check(kind.format(), file))));
            }
        }
        Map<String, String> row = new LinkedHashMap<>();
        row.put(OURS, ours.stream().distinct().map(Verdict::text).collect(Collectors.joining(", ")));
        theirs.forEach((peer, results) -> row.put(peer.name(), text(results)));
        return row;
    }

    /** What our check makes of a damaged image. */
    static Verdict verdict(Case damaged) {
        try {
            return Verdict.of(damaged.damage().format().use().check(damaged.image().device()));
        } catch (PersistentDataException e) {
            return Verdict.REFUSED;
        }
    }

    private static String text(List<Result> results) {
        long found = results.stream().filter(result -> result == Result.FOUND).count();
        String text = found == results.size() ? "found" : found == 0 ? "-" : found + " of " + results.size();
        if (results.contains(Result.CRASHED)) {
            text = found == 0 ? "crashes" : text + ", crashes";
        }
        return results.contains(Result.HUNG) ? text + ", hangs" : text;
    }

    private interface FileUser {
        void use(Path file);
    }

    private static void withFile(Image image, FileUser user) {
        try {
            Path file = Files.createTempFile("damaged", ".img");
            try {
                Files.write(file, image.bytes());
                user.use(file);
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What the checks of others make of the images before they are damaged. */
    static Map<String, Result> undamaged(List<Peer> peers) {
        Map<String, Result> results = new LinkedHashMap<>();
        for (Image image : SmallImages.all()) {
            withFile(image, file -> peers.forEach(
                    peer -> results.put(image.name() + " " + peer.name(), peer.check(image.format(), file))));
        }
        return results;
    }

    /** The table in Markdown. */
    String markdown(List<Damage> kinds, List<Peer> peers) {
        StringBuilder text = new StringBuilder();
        List<String> columns = new ArrayList<>(List.of(OURS));
        peers.forEach(peer -> columns.add(peer.name()));
        text.append("| Kind | What is wrong | ").append(String.join(" | ", columns)).append(" |\n");
        text.append("|---|---|").append("---|".repeat(columns.size())).append('\n');
        for (Damage kind : kinds) {
            text.append("| ").append(kind.name()).append(" | ").append(kind.description());
            columns.forEach(column -> text.append(" | ").append(rows.get(kind.name()).get(column)));
            text.append(" |\n");
        }
        return text.toString();
    }

    /** Reads a table that was written so. */
    static DamageTable parse(String markdown) {
        Map<String, Map<String, String>> rows = new LinkedHashMap<>();
        List<String> columns = List.of();
        for (String line : markdown.lines().filter(line -> line.startsWith("| ")).toList()) {
            List<String> cells = List.of(line.substring(2, line.length() - 2).split(" \\| ", -1));
            if (columns.isEmpty()) {
                columns = cells;
                continue;
            }
            Map<String, String> row = new LinkedHashMap<>();
            for (int i = 2; i < columns.size(); i++) {
                row.put(columns.get(i), cells.get(i));
            }
            rows.put(cells.getFirst(), row);
        }
        return new DamageTable(rows);
    }
}
