package io.pdata.interop.lvm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.module.Configuration;
import java.lang.module.ModuleFinder;
import java.lang.module.ResolvedModule;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The program as it is installed: what {@code build/dist} makes of the modules that these tests run with. */
final class Distribution {
    private static final Path ROOT = Path.of(System.getProperty("project.root", "..")).toAbsolutePath().normalize();

    private Distribution() {}

    /** What a program printed, and its exit status. */
    record Result(int status, String output) {}

    /** Made in one place and moved to another, once for all tests. */
    private static final class Made {
        static final Path PROGRAM = program();

        private static Path program() {
            try {
                Path folder = Files.createTempDirectory("pdata");
                Runtime.getRuntime()
                        .addShutdownHook(new Thread(() -> run(Map.of(), Path.of("rm"), "-rf", folder.toString())));
                make(folder.resolve("made/pdata"));
                return Files.move(folder.resolve("made/pdata"), folder.resolve("pdata"));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** The folder in which it is. */
    static Path program() {
        return Made.PROGRAM;
    }

    private static void make(Path folder) {
        Result made = run(Map.of("JAVA_HOME", System.getProperty("java.home")), ROOT.resolve("build/dist"), "--modules",
                modulePath(), folder.toString());
        assertThat(made.status()).as(made.output()).isZero();
    }

    /** The module of the command line and all that it needs, of those on the class path. */
    private static String modulePath() {
        Path[] entries = Stream.of(System.getProperty("java.class.path").split(File.pathSeparator)).map(Path::of)
                .filter(path -> path.toFile().isFile() || path.resolve("module-info.class").toFile().isFile())
                .toArray(Path[]::new);
        Configuration modules = ModuleLayer.boot().configuration().resolve(ModuleFinder.of(entries), ModuleFinder.of(),
                Set.of("io.pdata.cli"));
        return modules.modules().stream().map(ResolvedModule::reference)
                .map(reference -> Path.of(reference.location().orElseThrow()).toString())
                .collect(Collectors.joining(File.pathSeparator));
    }

    /** Runs a program of it, or any other. */
    static Result run(Map<String, String> environment, Path program, String... arguments) {
        List<String> command = new ArrayList<>(List.of(program.toString()));
        command.addAll(List.of(arguments));
        try {
            ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
            builder.environment().putAll(environment);
            Process process = builder.start();
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return new Result(process.waitFor(), output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }
}
