package io.pdata.reliability.pool;

import static io.pdata.reliability.workload.Judgement.require;

import io.pdata.core.device.FileDevice.Access;
import io.pdata.core.device.FileDevice;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.LongStream;

/**
 * Kills a process that has a pool open and serves a client, at a moment that a seed decides; starts it again, and has
 * the client verify that everything it was told is still so. Again and again with the same pool.
 *
 * <p>The client has several requests under way at once, never two for the same sectors. What was not answered may or may
 * not have been done, sector by sector. It flushes now and then, and takes snapshots. In the end the metadata check clean.
 */
public final class PoolKills implements AutoCloseable {
    private static final int UNDER_WAY = 8;
    private static final int MAX_REQUESTS = 1500;
    private static final int MAX_VOLUMES = 12;
    private static final long MAX_DELAY_NANOSECONDS = 20_000_000;
    private static final int PATIENCE_SECONDS = 60;
    private static final int WAIT_MILLISECONDS = 10;
    private static final int BLOCK = 128;
    private static final int PART = BLOCK / 4;
    private static final int PARTS = PoolProcess.VOLUME_SECTORS / PART;
    private static final int WHOLE_BLOCKS = PoolProcess.VOLUME_SECTORS / BLOCK;

    private final Path folder;
    private final long seed;
    /** What each sector of each volume holds, as far as it was answered. */
    private final TreeMap<Long, long[]> known = new TreeMap<>();
    private long nextTag = 1;
    private int nextVolume = 1;
    private long rounds;
    private long answered;
    private long unanswered;

    private Process process;
    private DataOutputStream requests;
    private DataInputStream answers;

    private record Request(int operation, long volume, int first, int count) {
        /** What no other request may touch meanwhile: quarters of blocks, so that several go to one block. */
        LongStream places() {
            return count == 0
                    ? LongStream.empty()
                    : LongStream.rangeClosed(first / PART, (first + count - 1) / PART).map(part -> volume << 32 | part);
        }
    }

    private final Map<Long, Request> underWay = new HashMap<>();
    private final Set<Long> busy = new HashSet<>();
    private final Semaphore free = new Semaphore(UNDER_WAY);

    /** Begins with a new pool in an empty folder. */
    public PoolKills(Path folder, long seed) throws IOException {
        this.folder = folder;
        this.seed = seed;
        PoolProcess.format(folder);
        known.put(0L, new long[PoolProcess.VOLUME_SECTORS]);
        start();
    }

    private void start() throws IOException {
        process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-ea",
                "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto", "--enable-native-access=ALL-UNNAMED",
                "-cp", System.getProperty("java.class.path"), PoolProcess.class.getName(), folder.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT).start();
        requests = new DataOutputStream(new BufferedOutputStream(process.getOutputStream()));
        answers = new DataInputStream(process.getInputStream());
    }

    /**
     * Sends requests until the process is killed, starts another, verifies everything.
     *
     * @throws AssertionError saying what did not hold
     */
    public void round() throws IOException, InterruptedException {
        SplittableRandom random = new SplittableRandom(seed * 1_000_003 + rounds);
        int killAfter = random.nextInt(MAX_REQUESTS);
        long delay = random.nextLong(MAX_DELAY_NANOSECONDS);
        Process victim = process;
        Thread killer = Thread.ofPlatform().unstarted(() -> {
            LockSupport.parkNanos(delay);
            victim.toHandle().destroyForcibly(); // the process itself would also close the pipe, with answers in it
        });
        Thread listener = Thread.ofPlatform().start(this::listen);
        try {
            for (int sent = 0; victim.isAlive(); sent++) {
                if (sent == killAfter) {
                    killer.start();
                }
                if (free.tryAcquire(WAIT_MILLISECONDS, TimeUnit.MILLISECONDS)) {
                    send(random); // into nothing, without an error, once the process has been found dead
                }
            }
        } catch (IOException _) {
            // It does not listen any more: what becomes of it is looked at below.
        }
        require(killer.getState() != Thread.State.NEW, "seed %d, round %d: the process ended by itself", seed, rounds);
        killer.join();
        require(victim.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS), "a killed process lives on");
        listener.join();
        rounds++;
        start();
        verify();
    }

    private synchronized void send(SplittableRandom random) throws IOException {
        long volume = List.copyOf(known.keySet()).get(random.nextInt(known.size()));
        int kind = random.nextInt(100);
        Request request;
        if (kind == 0 && nextVolume < MAX_VOLUMES && busy.isEmpty()) {
            request = new Request(PoolProcess.SNAPSHOT, volume, nextVolume++, 0); // a number is never used again
        } else if (kind < 5) {
            request = new Request(PoolProcess.FLUSH, volume, 0, 0);
        } else if (kind < 15) {
            request = new Request(PoolProcess.DISCARD, volume, random.nextInt(WHOLE_BLOCKS) * BLOCK, BLOCK);
        } else if (kind < 30) {
            request = new Request(PoolProcess.WRITE, volume, random.nextInt(WHOLE_BLOCKS) * BLOCK, BLOCK);
        } else {
            int part = random.nextInt(PARTS);
            int first = random.nextInt(PART);
            request = new Request(PoolProcess.WRITE, volume, part * PART + first, random.nextInt(1, PART - first + 1));
        }
        if (snapshotUnderWay() || request.places().anyMatch(busy::contains)) {
            free.release(); // what is under way there comes first
            return;
        }
        request.places().forEach(busy::add);
        long tag = nextTag++;
        underWay.put(tag, request);
        for (long number : new long[]{tag, request.operation, request.volume, request.first, request.count}) {
            requests.writeLong(number);
        }
        requests.flush();
    }

    private boolean snapshotUnderWay() {
        return underWay.values().stream().anyMatch(request -> request.operation == PoolProcess.SNAPSHOT);
    }

    private void listen() {
        try {
            while (true) {
                answered(answers.readLong());
            }
        } catch (IOException _) {
            free.release(UNDER_WAY); // the end: whoever waits to send is to find that out
        }
    }

    private synchronized void answered(long tag) {
        Request request = underWay.remove(tag);
        answered++;
        apply(request, known, tag);
        request.places().forEach(busy::remove);
        free.release();
    }

    private static void apply(Request request, Map<Long, long[]> volumes, long tag) {
        switch (request.operation) {
        case PoolProcess.WRITE -> Arrays.fill(volumes.get(request.volume), request.first,
                request.first + request.count, tag);
        case PoolProcess.DISCARD -> Arrays.fill(volumes.get(request.volume), request.first,
                request.first + request.count, 0);
        case PoolProcess.SNAPSHOT -> volumes.put((long) request.first, volumes.get(request.volume).clone());
        default -> {
        }
        }
    }

    /** Reads everything; what was under way when the process was killed becomes known by that. */
    private void verify() throws IOException {
        unanswered += underWay.size();
        Map<Long, Map<Integer, Long>> open = new HashMap<>();
        underWay.forEach((tag, request) -> {
            long value = request.operation == PoolProcess.WRITE ? tag : 0;
            for (int i = 0; i < request.count; i++) {
                open.computeIfAbsent(request.volume, _ -> new HashMap<>()).put(request.first + i, value);
            }
        });
        underWay.clear();
        busy.clear();
        free.drainPermits();
        free.release(UNDER_WAY);
        for (long volume : List.copyOf(known.keySet())) {
            long[] found = readAll(volume);
            long[] expected = known.get(volume);
            for (int i = 0; i < found.length; i++) {
                Long other = open.getOrDefault(volume, Map.of()).get(i);
                require(found[i] == expected[i] || other != null && found[i] == other,
                        "round %d, seed %d: sector %d of volume %d holds %d instead of %d%s", rounds, seed, i, volume,
                        found[i], expected[i], other == null ? "" : " or " + other);
            }
            known.put(volume, found);
        }
    }

    private long[] readAll(long volume) throws IOException {
        for (long number : new long[]{0, PoolProcess.READ, volume, 0, PoolProcess.VOLUME_SECTORS}) {
            requests.writeLong(number);
        }
        requests.flush();
        require(answers.readLong() == 0, "an answer to another request");
        long[] sectors = new long[PoolProcess.VOLUME_SECTORS];
        for (int i = 0; i < sectors.length; i++) {
            sectors[i] = answers.readLong();
        }
        return sectors;
    }

    /** Ends the process in order, and checks what it leaves. */
    @Override
    public void close() throws IOException {
        requests.close();
        try {
            require(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS) && process.exitValue() == 0,
                    "the last process did not end well");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            process.destroyForcibly();
        }
        PoolReader.check(FileDevice.open(folder.resolve("metadata"), Access.READ_ONLY), "after all");
        for (String file : List.of("metadata", "data", "log")) {
            Files.delete(folder.resolve(file));
        }
    }

    @Override
    public String toString() {
        return rounds + " processes killed, " + answered + " answered requests found done, " + unanswered
                + " were under way";
    }
}
