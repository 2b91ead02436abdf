package io.pdata.reliability.crash;

import io.pdata.reliability.disk.CrashPoint;
import io.pdata.reliability.disk.History;
import io.pdata.reliability.disk.SimulatedDisk;
import io.pdata.reliability.workload.Workload;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Goes through the states that crashes could have left of a disk, and judges each: it must be what had been promised at
 * that moment. Remembers what it has verified. One thread.
 *
 * @param <C> what describes a content
 */
final class CrashJudge<C> {
    /** One in so many images that need no verification is verified all the same. */
    private static final int AUDIT = 256;

    private final Verifier<C> verifier;
    private final VerifiedImages<C> verified = new VerifiedImages<>();
    private final ImageSet distinct = new ImageSet();
    private final CrashImage image = new CrashImage();
    private final Consumer<byte[]> accepted;
    private final Figures figures = new Figures();
    private long recognised;

    /** @param accepted gets each image that has been verified */
    CrashJudge(Workload<C> workload, Consumer<byte[]> accepted) {
        this.verifier = new Verifier<>(workload);
        this.accepted = accepted;
    }

    Figures figures() {
        return figures;
    }

    /**
     * Judges the states of the crash points from {@code first} to {@code last}.
     *
     * @param limit how many states of a point are gone through at most, see {@link CrashPoint#forEachState}
     * @throws AssertionError saying which state is wrong, and why
     */
    void judge(SimulatedDisk disk, Promises<C> promises, int first, int last, long limit, long seed) {
        disk.history().forEachPoint(first, last, point -> {
            figures.crashPoints++;
            image.load(point);
            Set<C> right = Collections.newSetFromMap(new IdentityHashMap<>());
            figures.states += point.forEachState(limit, seed, state -> {
                try {
                    image.become(state);
                    C content = content();
                    if (!right.contains(content)) {
                        promises.judge(point.position(), content);
                        right.add(content);
                    }
                } catch (AssertionError | RuntimeException e) {
                    throw new AssertionError(describe(disk.history(), point, state) + e, e);
                }
            });
        });
    }

    /** Verifies one state of a crash point; returns what it contains. */
    C verify(CrashPoint point, int[] state) {
        image.load(point);
        image.become(state);
        figures.crashPoints++;
        figures.states++;
        return content();
    }

    private C content() {
        if (distinct.add(image.hash())) {
            figures.distinctImages++;
        }
        VerifiedImages.Finding<C> known = verified.find(image);
        if (known != null && ++recognised % AUDIT != 0) {
            return known.content();
        }
        C content = verifier.verify(image);
        figures.verifications++;
        if (known == null) {
            verified.add(image, content);
        } else if (!known.content().equals(content)) {
            throw new IllegalStateException("an image was taken for one that it is not like");
        }
        if (content != null) {
            accepted.accept(image.image());
        }
        return content;
    }

    /** What was done, and what was kept of it. */
    static String describe(History history, CrashPoint point, int[] state) {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < point.position(); i++) {
            lines.add(i + ": " + history.event(i).text());
        }
        List<String> kept = new ArrayList<>();
        List<String> lost = new ArrayList<>();
        for (int i = 0; i < point.sectors().size(); i++) {
            CrashPoint.Sector sector = point.sectors().get(i);
            String text = sector.number() * SimulatedDisk.SECTOR_SIZE / 4096 + "." + sector.number() % 8;
            if (state[i] == 0) {
                lost.add(text);
            } else {
                kept.add(state[i] == sector.versions().size() - 1 ? text : text + " at version " + state[i]);
            }
        }
        return String.format("a crash after the last of these:%n%s%nof the unflushed sectors (block.sector)"
                + " kept: %s%nlost: %s%n", String.join(System.lineSeparator(), lines), kept, lost);
    }
}
