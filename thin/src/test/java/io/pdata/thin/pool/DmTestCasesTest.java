package io.pdata.thin.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The table in {@code docs/dm-test-cases.md} and the tests say the same. */
class DmTestCasesTest {
    private static final Pattern ROW = Pattern.compile("\\| ([a-z].*) \\| (.*) \\|");
    private static final Pattern NAMED = Pattern.compile("`([A-Z]\\w*Test)(?:\\.(\\w+))?`");
    private static final Pattern METHOD = Pattern.compile("@(?:ParameterizedTest|Test)\\b[^{;]*?\\bvoid (\\w+)\\(",
            Pattern.DOTALL);

    private static Path root() {
        Path folder = Path.of("").toAbsolutePath();
        while (!Files.exists(folder.resolve("docs/dm-test-cases.md"))) {
            folder = folder.getParent();
        }
        return folder;
    }

    /** The test methods of all classes of tests, by the simple names of the classes. */
    private static Map<String, Set<String>> tests() throws IOException {
        Map<String, Set<String>> tests = new TreeMap<>();
        List<Path> modules;
        try (Stream<Path> folders = Files.list(root())) {
            modules = folders.map(folder -> folder.resolve("src/test/java")).filter(Files::isDirectory).toList();
        }
        for (Path module : modules) {
            try (Stream<Path> files = Files.walk(module)) {
                for (Path file : files.filter(path -> path.toString().endsWith("Test.java")).toList()) {
                    Set<String> methods = new TreeSet<>();
                    METHOD.matcher(Files.readString(file)).results().forEach(found -> methods.add(found.group(1)));
                    tests.put(file.getFileName().toString().replace(".java", ""), methods);
                }
            }
        }
        return tests;
    }

    private static List<Matcher> rows() throws IOException {
        List<Matcher> rows = new ArrayList<>();
        for (String line : Files.readAllLines(root().resolve("docs/dm-test-cases.md"))) {
            Matcher row = ROW.matcher(line);
            if (row.matches()) {
                rows.add(row);
            }
        }
        return rows;
    }

    @Test
    void everyTestInTheTableExists() throws IOException {
        Map<String, Set<String>> tests = tests();
        List<String> missing = new ArrayList<>();
        for (Matcher row : rows()) {
            NAMED.matcher(row.group(2)).results().forEach(named -> {
                Set<String> methods = tests.get(named.group(1));
                if (methods == null || named.group(2) != null && !methods.contains(named.group(2))) {
                    missing.add(named.group());
                }
            });
        }
        assertThat(missing).isEmpty();
        assertThat(rows()).as("cases").hasSizeGreaterThan(140);
    }

    @Test
    void everyRowHasATestOrAReason() throws IOException {
        for (Matcher row : rows()) {
            assertThat(row.group(2)).as(row.group(1))
                    .matches(reason -> NAMED.matcher(reason).find()
                            || reason.matches("(kernel|benchmark|tools|target)\\b.*"));
        }
    }

    /** A test under a case's own name has that case in its row, but for those that the suites do not have. */
    @Test
    void everyTestUnderTheNameOfACaseIsInTheTable() throws IOException {
        Set<String> named = new TreeSet<>();
        for (Matcher row : rows()) {
            NAMED.matcher(row.group(2)).results().map(found -> found.group(1) + "." + found.group(2))
                    .forEach(named::add);
        }
        Set<String> there = new TreeSet<>();
        tests().forEach((test, methods) -> {
            if (test.startsWith("Dm") && !test.equals("DmTestCasesTest")) {
                methods.forEach(method -> there.add(test + "." + method));
            }
        });
        assertThat(there).hasSizeGreaterThan(100).isSubsetOf(named);
    }
}
