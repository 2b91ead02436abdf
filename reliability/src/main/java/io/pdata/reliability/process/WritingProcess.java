package io.pdata.reliability.process;

import io.pdata.core.device.FileDevice.Access;
import io.pdata.core.device.FileDevice;
import io.pdata.reliability.workload.CacheWorkload;
import io.pdata.reliability.workload.EraWorkload;
import io.pdata.reliability.workload.Journal;
import io.pdata.reliability.workload.LibraryWorkload;
import io.pdata.reliability.workload.Move;
import io.pdata.reliability.workload.Session;
import io.pdata.reliability.workload.Step;
import io.pdata.reliability.workload.ThinShape;
import io.pdata.reliability.workload.ThinWorkload;
import io.pdata.reliability.workload.Workload;
import java.nio.file.Path;
import java.util.SplittableRandom;

/**
 * The process that is killed: opens a file, and then changes and commits for ever, as a seed says. Writes a line when it
 * has opened the file, and one after each commit that has been acknowledged. Ends when nobody listens any more.
 */
public final class WritingProcess {
    /** Blocks so few that changes are written before their commit too. */
    static final long CACHE_BYTES = 0;

    private WritingProcess() {}

    /** What can be killed, by its name. */
    static Workload<?> workload(String name) {
        return switch (name) {
        case "thin" -> new ThinWorkload(ThinShape.LARGE);
        case "cache" -> CacheWorkload.large(2);
        case "era" -> EraWorkload.large();
        case "library" -> LibraryWorkload.large();
        default -> throw new IllegalArgumentException("no workload " + name);
        };
    }

    /** The arguments: workload, file, seed. */
    public static void main(String[] args) {
        write(workload(args[0]), Path.of(args[1]), Long.parseLong(args[2]));
    }

    private static <C> void write(Workload<C> workload, Path file, long seed) {
        C content = workload.read(FileDevice.open(file, Access.READ_ONLY));
        FileDevice device = FileDevice.open(file, Access.READ_WRITE);
        try (Session<C> session = workload.open(device, CACHE_BYTES, content, Journal.none())) {
            SplittableRandom random = new SplittableRandom(seed);
            while (!System.out.checkError()) {
                System.out.println();
                advance(workload, session, random);
            }
        }
    }

    /** Takes steps up to the next commit. */
    static <C> void advance(Workload<C> workload, Session<C> session, SplittableRandom random) {
        boolean committed = false;
        while (!committed) {
            Move move = Move.random(workload.steps(), random);
            committed = move.take(session) && move.step() == Step.COMMIT;
        }
    }
}
