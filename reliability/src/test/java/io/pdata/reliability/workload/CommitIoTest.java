package io.pdata.reliability.workload;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.reliability.crash.Subject;
import io.pdata.reliability.disk.Event.Kind;
import io.pdata.reliability.disk.Event;
import io.pdata.reliability.disk.History;
import io.pdata.reliability.disk.SimulatedDisk;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What I/O a commit takes: two flushes, with nothing but the superblock between them; and that nothing else takes any. */
class CommitIoTest {
    private static final int STEPS = 300;

    private static Stream<Workload<?>> small() {
        return Arrays.stream(Subject.values()).flatMap(subject -> subject.small().stream());
    }

    /** Counts acknowledgements. */
    private static final class Counting<C> implements Journal<C> {
        int commits;

        @Override
        public void asked(C content) {}

        @Override
        public void acknowledged(C content) {
            commits++;
        }
    }

    private static List<Kind> kinds(History history, int from) {
        return IntStream.range(from, history.length()).mapToObj(history::event).map(Event::kind).toList();
    }

    @ParameterizedTest
    @MethodSource("small")
    void formattingAndTheFirstCommitTakeTwoFlushesEach(Workload<?> workload) {
        formatAndCommit(workload);
    }

    private static <C> void formatAndCommit(Workload<C> workload) {
        SimulatedDisk disk = new SimulatedDisk(workload.deviceSize(), 1);
        Counting<C> counting = new Counting<>();
        try (Session<C> session = workload.format(disk, workload.ampleCache(), counting)) {
            assertThat(disk.flushes()).isEqualTo(2);
            assertSuperblockAlone(disk.history(), 0);
            workload.prepare(session);
        }
        // A cache is prepared by a shutdown in order; what clears its mark afterwards is one write and one flush.
        long marks = workload instanceof CacheWorkload ? 1 : 0;
        assertThat(disk.flushes()).isEqualTo(2L * (counting.commits - marks) + marks);
    }

    /** All blocks, flush, superblock, flush. */
    private static void assertSuperblockAlone(History history, int from) {
        List<Kind> kinds = kinds(history, from);
        int length = history.length();
        assertThat(kinds.subList(kinds.size() - 3, kinds.size())).containsExactly(Kind.FLUSH, Kind.WRITE, Kind.FLUSH);
        assertThat(kinds.subList(0, kinds.size() - 3)).containsOnly(Kind.WRITE);
        assertThat(history.event(length - 2).position()).isZero();
        assertThat(history.event(length - 2).length()).isEqualTo(4096);
        for (int i = from; i < length - 3; i++) {
            assertThat(history.event(i).position()).as("superblock among the blocks").isPositive();
        }
    }

    @ParameterizedTest
    @MethodSource("small")
    void commitTakesTwoFlushesAndNothingElseAny(Workload<?> workload) {
        run(workload);
    }

    private static <C> void run(Workload<C> workload) {
        SimulatedDisk disk = new SimulatedDisk(workload.deviceSize(), 1);
        Counting<C> counting = new Counting<>();
        SplittableRandom random = new SplittableRandom(1);
        // Growing is I/O of its own, and new blocks have to be read once.
        List<Step> steps = workload.steps().stream().filter(step -> step != Step.EXTEND).toList();
        try (Session<C> session = workload.format(disk, workload.ampleCache(), counting)) {
            workload.prepare(session);
            int taken = 0;
            for (int i = 0; i < STEPS; i++) {
                Step step = steps.get(random.nextInt(steps.size()));
                int before = disk.history().length();
                long reads = disk.reads();
                counting.commits = 0;
                boolean done = session.take(step, random.nextLong());
                if (counting.commits == 0) {
                    assertThat(kinds(disk.history(), before)).as("I/O of %s", step).isEmpty();
                } else if (counting.commits == 1) {
                    assertThat(kinds(disk.history(), before).stream().filter(kind -> kind == Kind.FLUSH))
                            .as("flushes of %s", step).hasSize(2);
                    assertSuperblockAlone(disk.history(), before);
                } else {
                    assertThat(step).isEqualTo(Step.SHUT_DOWN);
                    assertThat(kinds(disk.history(), before).stream().filter(kind -> kind == Kind.FLUSH)).hasSize(3);
                }
                if (step != Step.ABORT) { // which has to read again what it had changed
                    assertThat(disk.reads()).as("reads of %s", step).isEqualTo(reads);
                }
                taken += done ? 1 : 0;
            }
            assertThat(taken).isGreaterThan(STEPS / 4);
        }
    }

    private static Stream<Workload<?>> wide() {
        return Arrays.stream(Subject.values()).map(Subject::wide).filter(workload -> workload != null);
    }

    /** Otherwise the campaigns with a tiny cache would show nothing that those with an ample one do not. */
    @ParameterizedTest
    @MethodSource("wide")
    void withATinyCacheBlocksAreWrittenBeforeTheCommit(Workload<?> workload) {
        insertWithTinyCache(workload);
    }

    private static <C> void insertWithTinyCache(Workload<C> workload) {
        SimulatedDisk disk = new SimulatedDisk(workload.deviceSize(), 1);
        try (Session<C> session = workload.format(disk, 0, Journal.none())) {
            workload.prepare(session);
            int before = disk.history().length();
            session.take(Step.INSERT, 1);
            assertThat(kinds(disk.history(), before)).isNotEmpty().containsOnly(Kind.WRITE);
            for (int i = before; i < disk.history().length(); i++) {
                Event write = disk.history().event(i);
                assertThat(write.position()).as("never the superblock").isPositive();
            }
        }
    }
}
