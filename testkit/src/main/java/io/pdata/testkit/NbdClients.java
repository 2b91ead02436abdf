package io.pdata.testkit;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Clients of the NBD protocol that others have written: libnbd's, QEMU's, fio. */
public final class NbdClients {
    private NbdClients() {}

    /** Skips the test that calls this, or fails it, where a program is missing. */
    public static void need(String program) {
        boolean there = List.of(System.getenv("PATH").split(File.pathSeparator)).stream()
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
        Judges.need(there, "no " + program + ": run 'interop/lab/nbd-clients setup' as root, on Debian");
    }

    /** Runs a script in the shell of libnbd: with the system's own Python, which is what Debian's package is for. */
    public static Outcome shell(String... arguments) {
        Judges.need(Shell.IS_THERE, "no nbdsh: run 'interop/lab/nbd-clients setup' as root, on Debian");
        List<String> command = new ArrayList<>(List.of(Shell.PYTHON, "-m", "nbd"));
        command.addAll(List.of(arguments));
        return Outcome.of(command);
    }

    /** Asked once. */
    private static final class Shell {
        static final String PYTHON = "/usr/bin/python3";
        static final boolean IS_THERE = Files.isExecutable(Path.of(PYTHON))
                && Outcome.of(List.of(PYTHON, "-c", "import nbd")).status() == 0;
    }

    /** Runs a client, such as {@code run("nbdinfo", uri)}. */
    public static Outcome run(String program, Object... arguments) {
        need(program);
        List<String> command = new ArrayList<>(List.of(program));
        for (Object argument : arguments) {
            command.add(argument.toString());
        }
        return Outcome.of(command);
    }
}
