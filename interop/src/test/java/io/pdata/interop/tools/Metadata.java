package io.pdata.interop.tools;

import io.pdata.interop.Seeds;
import io.pdata.testkit.Golden;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.BiConsumer;

/** The metadata that tools are compared on: the golden images, and those of some seeds, many with {@code -Dlong.tests=true}. */
final class Metadata {
    private static final int SEEDS = Seeds.rounds(3, 1000);

    private Metadata() {}

    /** Shows golden images of a kind, in files. */
    static void golden(String prefix, Path folder, BiConsumer<String, Path> visitor) {
        for (Path packed : Golden.files(Golden.folder(), ".img.xz")) {
            String name = packed.getFileName().toString().replace(".img.xz", "");
            if (name.startsWith(prefix) && (Boolean.getBoolean("long.tests") || !name.contains("-exact-"))) {
                visitor.accept(name, Golden.unpack(name, folder.resolve(name)));
            }
        }
    }

    private static void delete(Path file) {
        try {
            Files.delete(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Gets made metadata. */
    interface SeedVisitor {
        void visit(String name, Path file, RandomPool.Content content);
    }

    /** Shows pools of some seeds. A failure names the seed. */
    static void random(Path folder, SeedVisitor visitor) {
        for (long seed = Seeds.first(); seed < Seeds.first() + SEEDS; seed++) {
            Path file = folder.resolve("seed-" + seed);
            RandomPool.Content content = RandomPool.make(file, seed);
            visitor.visit("-Dinterop.seed=" + seed, file, content);
            delete(file);
        }
    }
}
