package io.pdata.fuzz.image;

import io.pdata.testkit.Golden;
import java.util.List;
import java.util.stream.Stream;

/**
 * The images that inputs damage. An input names one by its place in a list, so new ones are added at the end.
 *
 * <p>Each list begins with one small image of our own: the fewer blocks, the more of what a fuzzer does hits something.
 */
public final class Images {
    private static final class Thin {
        static final List<BaseImage> ALL = list(SmallImages.thin(), "thin-snaps-2", "thin-needs-check", "thin-fresh");
    }

    private static final class Cache {
        static final List<BaseImage> ALL = list(SmallImages.cache(), "cache-v1-clean", "cache-v2-clean",
                "cache-v1-unclean");
    }

    private static final class Era {
        static final List<BaseImage> ALL = list(SmallImages.era(), "era-exact-3", "era-exact-5", "era-exact-1");
    }

    private static final class All {
        static final List<BaseImage> ALL = Stream.of(Thin.ALL, Cache.ALL, Era.ALL).flatMap(List::stream).toList();
    }

    private Images() {}

    public static List<BaseImage> thin() {
        return Thin.ALL;
    }

    public static List<BaseImage> cache() {
        return Cache.ALL;
    }

    public static List<BaseImage> era() {
        return Era.ALL;
    }

    public static List<BaseImage> all() {
        return All.ALL;
    }

    private static List<BaseImage> list(BaseImage own, String... golden) {
        return Stream.concat(Stream.of(own),
                Stream.of(golden).map(name -> new BaseImage(name, Golden.image(name)))).toList();
    }
}
