package io.pdata.interop.tools;

import io.pdata.testkit.Golden;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;

/** The metadata that tools are compared on: the golden images, and those of some seeds, many with {@code -Dlong.tests=true}. */
final class Metadata {
    private static final boolean LONG = Boolean.getBoolean("long.tests");
    private static final int SEEDS = LONG ? 1000 : 3;
    private static final long FIRST_SEED = Long.getLong("interop.seed", 20_250_601);

    private Metadata() {}

    /** Shows golden images of a kind, in files. */
    static void golden(String prefix, Path folder, BiConsumer<String, Path> visitor) {
        for (Path packed : Golden.files(Golden.folder(), ".img.xz")) {
            String name = packed.getFileName().toString().replace(".img.xz", "");
            if (name.startsWith(prefix) && (LONG || !name.contains("-exact-"))) {
                visitor.accept(name, Golden.unpack(name, folder.resolve(name)));
            }
        }
    }

    /** Gets made metadata. */
    interface SeedVisitor {
        void visit(String name, Path file, RandomPool.Content content);
    }

    /** Shows pools of some seeds. A failure names the seed. */
    static void random(Path folder, SeedVisitor visitor) {
        List<Long> seeds = new ArrayList<>();
        for (int i = 0; i < SEEDS; i++) {
            seeds.add(FIRST_SEED + i);
        }
        for (long seed : seeds) {
            Path file = folder.resolve("seed-" + seed);
            RandomPool.Content content = RandomPool.make(file, seed);
            visitor.visit("-Dinterop.seed=" + seed, file, content);
        }
    }
}
