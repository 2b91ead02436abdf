package io.pdata.reliability.crash;

import io.pdata.reliability.workload.CacheWorkload;
import io.pdata.reliability.workload.EraWorkload;
import io.pdata.reliability.workload.LibraryWorkload;
import io.pdata.reliability.workload.ThinShape;
import io.pdata.reliability.workload.ThinWorkload;
import io.pdata.reliability.workload.Workload;
import java.util.List;
import java.util.Locale;

/** What campaigns are about. */
public enum Subject {
    LIBRARY(List.of(LibraryWorkload.small()), LibraryWorkload.wide(), List.of(LibraryWorkload.large())),
    THIN(List.of(new ThinWorkload(ThinShape.SMALL)), new ThinWorkload(ThinShape.WIDE),
            List.of(new ThinWorkload(ThinShape.LARGE))),
    CACHE(List.of(CacheWorkload.small(1), CacheWorkload.small(2)), null,
            List.of(CacheWorkload.large(1), CacheWorkload.large(2))),
    ERA(List.of(EraWorkload.small()), null, List.of(EraWorkload.large()));

    private final List<Workload<?>> small;
    private final Workload<?> wide;
    private final List<Workload<?>> large;

    Subject(List<Workload<?>> small, Workload<?> wide, List<Workload<?>> large) {
        this.small = small;
        this.wide = wide;
        this.large = large;
    }

    /** As the command line calls it. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Small trees that every step changes the shape of. */
    public List<Workload<?>> small() {
        return small;
    }

    /** One that changes more blocks in a step than the smallest cache holds; null where there is none. */
    public Workload<?> wide() {
        return wide;
    }

    /** For long runs. */
    public List<Workload<?>> large() {
        return large;
    }
}
