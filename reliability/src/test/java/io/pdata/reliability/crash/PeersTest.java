package io.pdata.reliability.crash;

import io.pdata.reliability.workload.Workload;
import io.pdata.testkit.PeerTools;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the simulation accepts after a crash, the checks of thin-provisioning-tools accept too; on a sample. */
class PeersTest {
    private static final long SEED = Long.getLong("seed", 1);
    private static final int SAMPLE = 6;
    private static final int CYCLES = 60;

    @TempDir
    private Path folder;

    @BeforeAll
    static void needPeers() {
        PeerTools.need();
    }

    /** Keeps a few of many images, each as likely as any other. */
    private static final class Sample implements Consumer<byte[]> {
        private final SplittableRandom random = new SplittableRandom(SEED);
        private final List<byte[]> kept = new ArrayList<>();
        private int seen;

        @Override
        public void accept(byte[] image) {
            seen++;
            if (kept.size() < SAMPLE) {
                kept.add(image);
            } else if (random.nextInt(seen) < SAMPLE) {
                kept.set(random.nextInt(SAMPLE), image);
            }
        }
    }

    private void judge(String program, Workload<?> small, Workload<?> large) throws IOException {
        Sample sequences = new Sample();
        new ExhaustiveCampaign<>(small, ExhaustiveCampaign.Plan.of(SEED, 1, small.ampleCache()), sequences)
                .run(() -> true);
        Sample lives = new Sample();
        new RandomCampaign<>(large, RandomCampaign.Plan.of(SEED, CYCLES), lives).run(() -> true);
        List<byte[]> images = new ArrayList<>(sequences.kept);
        images.addAll(lives.kept);
        for (byte[] image : images) {
            Path file = Files.write(folder.resolve("image"), image);
            PeerTools.run(PeerTools.RUST, program, file).succeeded();
            // A cache that has grown since its last shutdown has too few hints, which the older one takes amiss.
            List<Object> arguments = program.startsWith("cache") ? List.of("--skip-hints", file) : List.of(file);
            PeerTools.run(PeerTools.CPP, program, arguments.toArray()).succeeded();
        }
    }

    @Test
    void thinCheckAcceptsWhatCrashesLeave() throws IOException {
        judge("thin_check", Subject.THIN.small().getFirst(), Subject.THIN.large().getFirst());
    }

    @Test
    void cacheCheckAcceptsWhatCrashesLeave() throws IOException {
        for (int i = 0; i < Subject.CACHE.small().size(); i++) {
            judge("cache_check", Subject.CACHE.small().get(i), Subject.CACHE.large().get(i));
        }
    }

    @Test
    void eraCheckAcceptsWhatCrashesLeave() throws IOException {
        judge("era_check", Subject.ERA.small().getFirst(), Subject.ERA.large().getFirst());
    }
}
