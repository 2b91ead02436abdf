package io.pdata.fuzz;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Starts Jazzer in a JVM of its own, with the class path of this one.
 *
 * <p>A target's folder keeps what has been learnt in {@code corpus}, and each input that found something in
 * {@code findings}; whoever starts again with the same folder goes on where that ended.
 */
public final class Jazzer {
    /** An input that takes longer hangs; most take a few milliseconds. */
    private static final int TIMEOUT_SECONDS = 60;
    private static final int LONGEST_INPUT = 160;
    private static final int MEGABYTES = 3000;

    private Jazzer() {}

    /**
     * Fuzzes a target until it is told to stop, has had enough or has found something.
     *
     * @param folder the target's own
     * @param limit when to stop, as an option of libFuzzer: {@code -max_total_time=SECONDS} or {@code -runs=N}
     * @param seed of the fuzzer's random numbers, 0 for one of the clock
     * @param output where it says what it is doing
     * @return 0 if nothing was found
     */
    public static int fuzz(String target, Path folder, String limit, long seed, Redirect output) {
        try {
            Path corpus = Files.createDirectories(folder.resolve("corpus"));
            Path findings = Files.createDirectories(folder.resolve("findings"));
            int number = 0;
            for (byte[] input : Corpus.of(target)) {
                Files.write(corpus.resolve("shipped-" + number++), input);
            }
            return new ProcessBuilder(command(target, corpus, findings, limit, seed)).redirectErrorStream(true)
                    .redirectOutput(output).start().waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 1;
        }
    }

    private static List<String> command(String target, Path corpus, Path findings, String limit, long seed) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-ea", "-Xmx1g", "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow", "-XX:+EnableDynamicAgentLoading"));
        command.add("-D" + JazzerEntry.TARGET + "=" + target);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), "com.code_intelligence.jazzer.Jazzer"));
        command.addAll(List.of("--target_class=" + JazzerEntry.class.getName(),
                "--instrumentation_includes=io.pdata.core.**:io.pdata.thin.**:io.pdata.cache.**:io.pdata.era.**"
                        + ":io.pdata.tools.**:io.pdata.nbd.**:io.pdata.replication.**",
                "--custom_hook_includes=io.pdata.fuzz.JazzerEntry", "--reproducer_path=" + findings));
        command.addAll(List.of("-max_len=" + LONGEST_INPUT, "-timeout=" + TIMEOUT_SECONDS,
                "-rss_limit_mb=" + MEGABYTES, "-use_value_profile=1", "-print_final_stats=1", "-seed=" + seed, limit,
                "-artifact_prefix=" + findings + "/", corpus.toString()));
        return command;
    }
}
