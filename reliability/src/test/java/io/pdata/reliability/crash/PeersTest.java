package io.pdata.reliability.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.cache.CacheMetadata;
import io.pdata.cache.CacheView;
import io.pdata.core.device.MemoryDevice;
import io.pdata.core.store.OpenOptions;
import io.pdata.reliability.workload.Workload;
import io.pdata.testkit.PeerTools;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.LongStream;
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

        private final Predicate<byte[]> wanted;

        Sample(Predicate<byte[]> wanted) {
            this.wanted = wanted;
        }

        @Override
        public void accept(byte[] image) {
            if (!wanted.test(image)) {
                return;
            }
            seen++;
            if (kept.size() < SAMPLE) {
                kept.add(image);
            } else if (random.nextInt(seen) < SAMPLE) {
                kept.set(random.nextInt(SAMPLE), image);
            }
        }
    }

    private void judge(String program, Workload<?> small, Workload<?> large, Predicate<byte[]> wanted)
            throws IOException {
        Sample sequences = new Sample(wanted);
        new ExhaustiveCampaign<>(small, ExhaustiveCampaign.Plan.of(SEED, 1, small.ampleCache()), sequences)
                .run(() -> true);
        Sample lives = new Sample(wanted);
        new RandomCampaign<>(large, RandomCampaign.Plan.of(SEED, CYCLES), lives).run(() -> true);
        List<byte[]> images = new ArrayList<>(sequences.kept);
        images.addAll(lives.kept);
        assertThat(images).hasSize(2 * SAMPLE);
        for (byte[] image : images) {
            Path file = Files.write(folder.resolve("image"), image);
            PeerTools.run(PeerTools.RUST, program, file).succeeded();
            // A cache that has grown since its last shutdown has too few hints, which the older one takes amiss.
            List<Object> arguments = program.startsWith("cache") ? List.of("--skip-hints", file) : List.of(file);
            PeerTools.run(PeerTools.CPP, program, arguments.toArray()).succeeded();
        }
    }

    /**
     * Whether no dirty bit is left of a mapping that has gone. In a cache in use there may be some - the kernel leaves them
     * too - and nobody believes them; but 1.1.0 calls that damage.
     */
    private static boolean dirtyBitsAreOfMappings(byte[] image) {
        MemoryDevice device = new MemoryDevice(image.length);
        device.write(0, MemorySegment.ofArray(image));
        try (CacheMetadata metadata = CacheMetadata.open(device, OpenOptions.readOnly().withCache(image.length));
                CacheView view = metadata.openView()) {
            return LongStream.range(0, view.superblock().cacheBlocks())
                    .allMatch(block -> view.reader().origin(block) >= 0 || !view.reader().storedDirty(block));
        }
    }

    @Test
    void thinCheckAcceptsWhatCrashesLeave() throws IOException {
        judge("thin_check", Subject.THIN.small().getFirst(), Subject.THIN.large().getFirst(), _ -> true);
    }

    @Test
    void cacheCheckAcceptsWhatCrashesLeave() throws IOException {
        for (int i = 0; i < Subject.CACHE.small().size(); i++) {
            judge("cache_check", Subject.CACHE.small().get(i), Subject.CACHE.large().get(i),
                    PeersTest::dirtyBitsAreOfMappings);
        }
    }

    @Test
    void eraCheckAcceptsWhatCrashesLeave() throws IOException {
        judge("era_check", Subject.ERA.small().getFirst(), Subject.ERA.large().getFirst(), _ -> true);
    }
}
