package io.pdata.benchmarks.servers;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A server that runs beside this program, and what the operating system knows of it. */
final class ServerProcess implements AutoCloseable {
    private static final long START_SECONDS = 120;
    private static final long END_SECONDS = 30;
    private static final int TICKS_PER_SECOND = 100;
    /** Fields of {@code /proc/PID/stat} behind the program's name, proc(5): utime and stime. */
    private static final int USER_TIME = 11;
    private static final int SYSTEM_TIME = 12;

    private final Process process;
    private final Path log;

    private ServerProcess(Process process, Path log) {
        this.process = process;
        this.log = log;
    }

    /** Starts a server, and waits until its socket is there. What it prints goes to a file beside that. */
    static ServerProcess start(Path socket, List<String> command) throws IOException {
        Files.deleteIfExists(socket);
        Path log = socket.resolveSibling(socket.getFileName() + ".log");
        Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
        ServerProcess server = new ServerProcess(process, log);
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
        while (!Files.exists(socket)) {
            if (!process.isAlive() || System.nanoTime() > deadline) {
                server.close();
                throw new IOException(String.join(" ", command) + ": does not listen: " + Files.readString(log));
            }
            pause();
        }
        return server;
    }

    private static void pause() throws InterruptedIOException {
        try {
            Thread.sleep(10);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        }
    }

    /** Processor time used so far, of all threads, in microseconds; the system counts hundredths of a second. */
    long processorMicros() throws IOException {
        String stat = Files.readString(Path.of("/proc", String.valueOf(process.pid()), "stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        long ticks = Long.parseLong(fields[USER_TIME]) + Long.parseLong(fields[SYSTEM_TIME]);
        return ticks * (1_000_000 / TICKS_PER_SECOND);
    }

    /** The most memory that it has ever used, in KiB. */
    long peakMemoryKib() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc", String.valueOf(process.pid()), "status"))) {
            if (line.startsWith("VmHWM:")) {
                return Long.parseLong(line.replaceAll("[^0-9]", ""));
            }
        }
        throw new IOException("process " + process.pid() + " has no VmHWM; see " + log);
    }

    @Override
    public void close() throws IOException {
        process.destroy();
        try {
            if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IOException("a server did not end; see " + log);
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        }
    }
}
