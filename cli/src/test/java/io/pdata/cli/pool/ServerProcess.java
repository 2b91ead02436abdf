package io.pdata.cli.pool;

import io.pdata.cli.Main;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** {@code pdata serve}, or another command that serves, in a process of its own, which ends with this object. */
public final class ServerProcess implements AutoCloseable {
    private final Process process;
    private final Path errors;
    private final List<String> announced = new ArrayList<>();

    /**
     * Starts a server; returns when it has said how to connect, or has ended.
     *
     * @param folder where it is started
     * @param arguments those of {@code serve}
     */
    public ServerProcess(Path folder, String... arguments) throws IOException {
        this(folder, "serve", "  nbd-client ", List.of(arguments));
    }

    /** Starts {@code pdata extract --listen} as the constructor starts {@code serve}. */
    static ServerProcess ofExtract(Path folder, String... arguments) throws IOException {
        return new ServerProcess(folder, "extract", "  nbdcopy ", List.of(arguments));
    }

    /** @param end how the line begins after which it is ready */
    private ServerProcess(Path folder, String name, String end, List<String> arguments) throws IOException {
        List<String> all = new ArrayList<>(List.of(name));
        all.addAll(arguments);
        List<String> command = command(all.toArray(String[]::new));
        errors = Files.createTempFile(folder, "serve", ".err");
        process = new ProcessBuilder(command).directory(folder.toFile()).redirectError(errors.toFile()).start();
        BufferedReader out = new BufferedReader(
                new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        String line = out.readLine();
        while (line != null) {
            announced.add(line);
            if (line.startsWith(end)) {
                return;
            }
            line = out.readLine();
        }
    }

    /** The command line of the program, with arguments. */
    static List<String> command(String... arguments) {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:+UseSerialGC",
                        "--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path"),
                        Main.class.getName()));
        command.addAll(List.of(arguments));
        return command;
    }

    /** What it has printed on standard output. */
    public List<String> announced() {
        return announced;
    }

    /** What it has printed on standard error. */
    public String log() throws IOException {
        return Files.readString(errors);
    }

    long pid() {
        return process.pid();
    }

    /** Sends SIGTERM; returns the exit status. */
    public int terminate() throws InterruptedException {
        process.destroy();
        return process.waitFor();
    }

    /** Sends SIGKILL. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
