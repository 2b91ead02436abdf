package io.pdata.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A real Linux kernel as the judge: {@code interop/lab/kernel-lab}. A boot takes some seconds, so a test puts all that
 * it wants to know into one script. Two guests run at a time, whoever starts them; more wait.
 */
public final class KernelLab {
    private KernelLab() {}

    /** Skips the test that calls this, or fails it, where there is no lab. */
    public static void need() {
        Judges.need(Ready.IT_IS, "no kernel lab: run 'interop/lab/kernel-lab setup' as root, on Debian");
    }

    /**
     * Boots, runs a shell script as root, and shuts down.
     *
     * @param script for busybox's sh
     * @param images {@code /dev/vdb}, {@code /dev/vdc}, ... in this order; what the guest writes stays in them
     * @return the script's exit status, and its output and errors in one; 125 if the guest did not get to the end
     */
    public static Outcome run(String script, Path... images) {
        need();
        try {
            Path file = Files.createTempFile("guest", ".sh");
            try {
                Files.writeString(file, "exec 2>&1\n" + script);
                List<String> command = new ArrayList<>(
                        List.of(Judges.script("kernel-lab").toString(), "run", file.toString()));
                Stream.of(images).map(Path::toString).forEach(command::add);
                return Outcome.of(command);
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Asked once. */
    private static final class Ready {
        static final boolean IT_IS = Outcome.of(List.of(Judges.script("kernel-lab").toString(), "ready")).status() == 0;
    }
}
