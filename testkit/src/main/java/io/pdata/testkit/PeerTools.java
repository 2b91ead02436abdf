package io.pdata.testkit;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The reference thin-provisioning-tools as judges, in two versions: {@code interop/lab/peer-tools}. */
public final class PeerTools {
    /** The last release of the first generation, in C++. */
    public static final String CPP = "0.9.0";
    /** A release of the second generation, in Rust. */
    public static final String RUST = "1.1.0";
    public static final List<String> VERSIONS = List.of(CPP, RUST);

    private static final Map<String, String> FOLDERS = new ConcurrentHashMap<>();

    private PeerTools() {}

    /** Whether they are installed. */
    public static boolean ready() {
        return Ready.IT_IS;
    }

    /** Skips the test that calls this, or fails it, where they are missing. */
    public static void need() {
        Judges.need(Ready.IT_IS, "no reference tools: run 'interop/lab/peer-tools setup' as root, on Debian");
    }

    /** Runs one program of one version, such as {@code run(RUST, "thin_check", "meta.img")}. */
    public static Outcome run(String version, String program, Object... arguments) {
        need();
        List<String> command = new ArrayList<>();
        command.add(folder(version).resolve(program).toString());
        for (Object argument : arguments) {
            command.add(argument.toString());
        }
        return Outcome.of(command);
    }

    /** The folder with the programs of one version. */
    public static Path folder(String version) {
        return Path.of(FOLDERS.computeIfAbsent(version, PeerTools::find));
    }

    private static String find(String version) {
        return Outcome.of(List.of(Judges.script("peer-tools").toString(), "path", version)).succeeded().output()
                .strip();
    }

    /** Asked once. */
    private static final class Ready {
        static final boolean IT_IS = Outcome.of(List.of(Judges.script("peer-tools").toString(), "ready")).status() == 0;
    }
}
