package io.pdata.testkit;

import java.nio.file.Path;
import java.util.List;

/** Debian's LVM for guests of {@link KernelLab}: {@code interop/lab/lvm}. */
public final class LvmLab {
    private LvmLab() {}

    /** Skips the test that calls this, or fails it, where it is missing. */
    public static void need() {
        KernelLab.need();
        Judges.need(Ready.IT_IS, "no LVM for guests: run 'interop/lab/lvm setup' as root, on Debian");
    }

    /** Makes a disk image with LVM, and with a program that is in a folder as {@code build/dist} makes it. */
    public static void disk(Path program, Path image) {
        need();
        Outcome.of(List.of(Judges.script("lvm").toString(), "disk", program.toString(), image.toString())).succeeded();
    }

    /** Asked once. */
    private static final class Ready {
        static final boolean IT_IS = Outcome.of(List.of(Judges.script("lvm").toString(), "ready")).status() == 0;
    }
}
