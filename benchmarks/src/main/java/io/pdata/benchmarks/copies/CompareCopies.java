package io.pdata.benchmarks.copies;

import io.pdata.benchmarks.ComparisonOptions;
import io.pdata.benchmarks.MadeFolders;
import io.pdata.benchmarks.Spread;
import io.pdata.thin.pool.NamedPool;
import io.pdata.thin.pool.PoolEvents;
import io.pdata.thin.pool.PoolOptions;
import io.pdata.thin.pool.Volume;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Copies one volume in all ways in turn; each round begins with another. Of each four MiB of the volume two cannot be
 * compressed, one can, and one has never been written. Round 0 warms up and does not count. Everything is in the page
 * cache, and what is made is written back before the next copy.
 */
@Command(name = "copies", mixinStandardHelpOptions = true, showDefaultValues = true, description = "Measures send, receive and extract beside dd, cp and qemu-img. Needs GNU time and qemu-utils, and room for five times the volume, which is made free in the end.", footer = {
    "", "Example: benchmarks/copies --data ./volumes --into docs/replication.md"})
public final class CompareCopies implements Callable<Integer> {
    private static final int MIB = 1 << 20;
    private static final int PATTERN = 4;
    private static final int WRITTEN = 3;

    @Mixin
    private ComparisonOptions options;

    @Option(names = "--size", defaultValue = "1024", description = "the size of the volume in MiB")
    private int size;

    /** What one copy took, and the processor time for it. */
    private record Sample(double seconds, double processorSeconds) {}

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new CompareCopies()).execute(arguments));
    }

    @Override
    public Integer call() throws IOException {
        try (MadeFolders made = new MadeFolders(options.data())) {
            Path folder = made.make("copies");
            String pdata = options.program().toString();
            make(folder);
            shell(pdata + " send " + folder.resolve("pool") + " disk@1 -o " + folder.resolve("disk.pds"), folder);
            List<Copy> copies = Copy.all(pdata, folder);
            String table = table(copies, measure(copies, folder));
            System.out.print(table);
            options.document("copies", table);
            return 0;
        }
    }

    /** As logs and configuration files have it. */
    private static byte[] text() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; text.length() < MIB; i++) {
            text.append("line ").append(i).append(": something has happened at ").append(i * 7919L).append('\n');
        }
        return text.toString().getBytes(StandardCharsets.US_ASCII);
    }

    private void make(Path folder) throws IOException {
        SplittableRandom random = new SplittableRandom(1);
        byte[] text = text();
        NamedPool.Geometry geometry = new NamedPool.Geometry((long) (size + PATTERN) * MIB, 16L * MIB, 128);
        NamedPool.create(folder.resolve("other"), geometry, PoolOptions.defaults(), PoolEvents.NONE).close();
        try (NamedPool pool = NamedPool.create(folder.resolve("pool"), geometry, PoolOptions.defaults(),
                PoolEvents.NONE);
                FileChannel image = FileChannel.open(folder.resolve("disk.img"), StandardOpenOption.CREATE_NEW,
                        StandardOpenOption.WRITE);
                Arena arena = Arena.ofConfined()) {
            pool.createVolume("disk", (long) size * MIB);
            MemorySegment piece = arena.allocate((long) WRITTEN * MIB, 4096);
            try (Volume volume = pool.open("disk")) {
                for (long at = 0; at + WRITTEN <= size; at += PATTERN) {
                    for (int i = 0; i < 2 * MIB; i += Long.BYTES) {
                        piece.set(ValueLayout.JAVA_LONG, i, random.nextLong());
                    }
                    MemorySegment.copy(text, 0, piece, ValueLayout.JAVA_BYTE, 2 * MIB, MIB);
                    volume.write(at * MIB, piece);
                    image.write(piece.asByteBuffer(), at * MIB);
                }
                image.write(ByteBuffer.allocate(1), (long) size * MIB - 1);
            }
            pool.createSnapshot("disk@1", "disk", true);
        }
    }

    private Map<String, List<Sample>> measure(List<Copy> copies, Path folder) throws IOException {
        Map<String, List<Sample>> samples = new LinkedHashMap<>();
        copies.forEach(copy -> samples.put(copy.name(), new ArrayList<>()));
        List<Copy> turn = new ArrayList<>(copies);
        for (int round = 0; round <= options.rounds(); round++) {
            for (Copy copy : turn) {
                Sample sample = measure(copy, folder);
                System.err.printf(Locale.ROOT, "round %d, %s: %.2f s, %.2f s of processors%n", round, copy.name(),
                        sample.seconds(), sample.processorSeconds());
                if (round > 0) {
                    samples.get(copy.name()).add(sample);
                }
            }
            Collections.rotate(turn, 1);
        }
        return samples;
    }

    private static Sample measure(Copy copy, Path folder) throws IOException {
        Path times = folder.resolve("times");
        shell("sync", folder);
        long begin = System.nanoTime();
        run(List.of("/usr/bin/time", "-q", "-f", "%U %S", "-o", times.toString(), "sh", "-c", copy.command()), folder);
        double seconds = (System.nanoTime() - begin) / 1e9;
        if (copy.made() != null) {
            Files.delete(copy.made());
        }
        if (copy.after() != null) {
            shell(copy.after(), folder);
        }
        return new Sample(seconds,
                Arrays.stream(Files.readString(times).strip().split(" ")).mapToDouble(Double::parseDouble).sum());
    }

    private static void shell(String command, Path folder) throws IOException {
        run(List.of("sh", "-c", command), folder);
    }

    private static void run(List<String> command, Path folder) throws IOException {
        Path errors = folder.resolve("errors");
        Process process = new ProcessBuilder(command).redirectOutput(Redirect.DISCARD).redirectError(errors.toFile())
                .start();
        try {
            if (process.waitFor() != 0) {
                throw new IOException(String.join(" ", command) + ": " + Files.readString(errors).strip());
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        }
    }

    private String table(List<Copy> copies, Map<String, List<Sample>> samples) {
        StringBuilder text = new StringBuilder(
                "| | MiB/s of data, median (least - most) | processor, s |\n|---|---|---|\n");
        double written = (double) size / PATTERN * WRITTEN;
        for (Copy copy : copies) {
            List<Sample> all = samples.get(copy.name());
            Spread rate = Spread.of(all.stream().mapToDouble(sample -> written / sample.seconds()).toArray());
            Spread processor = Spread.of(all.stream().mapToDouble(Sample::processorSeconds).toArray());
            text.append(
                    String.format(Locale.ROOT, "| %s | **%.0f** (%.0f - %.0f) | %.2f |%n", copy.name(), rate.median(),
                            rate.least(), rate.most(), processor.median()));
        }
        return text.append(String.format(Locale.ROOT,
                "%nA volume of %d MiB, of which %.0f have been written, a third of these compressible; %d rounds.%n",
                size,
                written, options.rounds())).toString();
    }
}
