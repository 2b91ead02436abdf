package io.pdata.reliability.fault;

import io.pdata.reliability.disk.SimulatedDisk;
import io.pdata.reliability.fault.Fault.Kind;
import io.pdata.reliability.workload.CacheWorkload;
import io.pdata.reliability.workload.EraWorkload;
import io.pdata.reliability.workload.Journal;
import io.pdata.reliability.workload.LibraryWorkload;
import io.pdata.reliability.workload.Move;
import io.pdata.reliability.workload.Session;
import io.pdata.reliability.workload.Step;
import io.pdata.reliability.workload.ThinShape;
import io.pdata.reliability.workload.ThinWorkload;
import io.pdata.reliability.workload.Workload;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Function;

/**
 * A list of steps, chosen by a seed, again and again: with the first, the second, ... read failing, then each write, then
 * each flush, until a run comes to its end before its fault does.
 *
 * @param <C> what describes a content
 */
public final class FaultCampaign<C> {
    /** What there is to fail. */
    public static final List<String> NAMES = List.of("library", "thin", "cache1", "cache2", "era", "library-wide",
            "thin-wide");

    private static final int STEPS = 12;

    private final Workload<C> workload;
    private final long cacheBytes;
    private final long seed;
    private final byte[] image;
    private final C content;
    private final List<Move> script = new ArrayList<>();
    private final FaultFigures figures = new FaultFigures();
    private final Map<String, C> verified = new HashMap<>();

    private FaultCampaign(Workload<C> workload, long cacheBytes, long seed) {
        this.workload = workload;
        this.cacheBytes = cacheBytes;
        this.seed = seed;
        SimulatedDisk disk = new SimulatedDisk(workload.deviceSize(), seed);
        try (Session<C> session = workload.format(disk, workload.ampleCache(), Journal.none())) {
            workload.prepare(session);
        }
        image = disk.content();
        content = workload.read(disk.reopen());
        SplittableRandom random = new SplittableRandom(new SplittableRandom(seed).nextLong());
        for (int i = 0; i < STEPS; i++) {
            script.add(Move.random(workload.steps(), random));
        }
        script.add(new Move(Step.COMMIT, 0));
    }

    /**
     * The campaign with one of the workloads: the smallest cache for those that outgrow it, an ample one for the others.
     *
     * @param name one of {@link #NAMES}
     */
    public static FaultCampaign<?> of(String name, long seed) {
        return switch (name) {
        case "library" -> ample(LibraryWorkload.small(), seed);
        case "thin" -> ample(new ThinWorkload(ThinShape.SMALL), seed);
        case "cache1" -> ample(CacheWorkload.small(1), seed);
        case "cache2" -> ample(CacheWorkload.small(2), seed);
        case "era" -> ample(EraWorkload.small(), seed);
        case "library-wide" -> new FaultCampaign<>(LibraryWorkload.wide(), 0, seed);
        case "thin-wide" -> new FaultCampaign<>(new ThinWorkload(ThinShape.WIDE), 0, seed);
        default -> throw new IllegalArgumentException("no workload " + name + "; there are " + NAMES);
        };
    }

    private static <T> FaultCampaign<T> ample(Workload<T> workload, long seed) {
        return new FaultCampaign<>(workload, workload.ampleCache(), seed);
    }

    Workload<C> workload() {
        return workload;
    }

    long cacheBytes() {
        return cacheBytes;
    }

    long seed() {
        return seed;
    }

    byte[] image() {
        return image;
    }

    C content() {
        return content;
    }

    List<Move> script() {
        return script;
    }

    /** What an image contains that is verified unless one like it has been. */
    C verified(byte[] candidate, Function<byte[], C> verify) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(candidate);
            return verified.computeIfAbsent(HexFormat.of().formatHex(digest), _ -> verify.apply(candidate));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    FaultFigures figures() {
        return figures;
    }

    /**
     * Runs all faults.
     *
     * @param stride every so many operations only; 1 for every one
     * @return what has been done
     * @throws AssertionError saying with which fault what did not hold
     */
    public FaultFigures run(int stride) {
        for (Kind kind : Kind.values()) {
            for (long n = 1; failing(new Fault(kind, n)); n += stride) {
                figures.ran(kind);
            }
        }
        return figures;
    }

    private boolean failing(Fault fault) {
        try {
            return new FaultRun<>(this, fault).run();
        } catch (RuntimeException | AssertionError e) {
            throw new AssertionError(workload.name() + ", seed " + seed + ", " + fault + ", steps " + script + ": " + e,
                    e);
        }
    }
}
