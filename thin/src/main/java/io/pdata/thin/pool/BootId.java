package io.pdata.thin.pool;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;

/** Tells one run of the machine's kernel from another: what was written but not flushed survives the process, not these. */
final class BootId {
    private static final Path LINUX = Path.of("/proc/sys/kernel/random/boot_id");

    private BootId() {}

    /** The running kernel's; where it has none, one that is never seen again, so that nothing is taken for surviving. */
    static UUID current() {
        try {
            return UUID.fromString(Files.readString(LINUX).strip());
        } catch (IOException | IllegalArgumentException e) {
            return UUID.randomUUID(); // no Linux: there is no knowing, so nothing that was not flushed is believed
        }
    }
}
