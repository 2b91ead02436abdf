package io.pdata.interop.lvm;

import io.pdata.core.device.FileDevice;
import io.pdata.testkit.LvmLab;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** What guests get that run the installed program: scripts and disks. */
final class Guest {
    private Guest() {}

    /** A script of {@code resources/lvm}. */
    static String script(String name) {
        try (InputStream in = Guest.class.getResourceAsStream("/lvm/" + name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A disk with LVM and the installed program. Skips the test that asks for it, or fails it, where there is no LVM. */
    static Path programs(Path folder) {
        LvmLab.need();
        Path disk = folder.resolve("programs.img");
        LvmLab.disk(Distribution.program(), disk);
        return disk;
    }

    /** A disk with nothing on it. */
    static Path disk(Path folder, String name, long bytes) {
        Path disk = folder.resolve(name);
        FileDevice.create(disk, bytes).close();
        return disk;
    }
}
