package io.pdata.reliability.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.pdata.core.block.Bytes;
import io.pdata.core.device.DeviceException;
import io.pdata.core.device.FileDevice.Access;
import io.pdata.core.device.FileDevice;
import io.pdata.core.device.PersistentDataException;
import io.pdata.reliability.workload.Journal;
import io.pdata.reliability.workload.Move;
import io.pdata.reliability.workload.Session;
import io.pdata.reliability.workload.Step;
import io.pdata.reliability.workload.Workload;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.SplittableRandom;

/**
 * Steps taken on a real file until it cannot take any more, and what has to hold then. Also the main class of a process
 * with a limit on the size of its files.
 *
 * @param <C> what describes a content
 */
final class OutOfRoom<C> {
    private static final int ENOUGH_STEPS = 2000;

    private final Workload<C> workload;
    private final FaultCampaign<C> campaign;
    private final Path file;
    private final Promise<C> promise;

    OutOfRoom(FaultCampaign<C> campaign, Path file) {
        this.workload = campaign.workload();
        this.campaign = campaign;
        this.file = file;
        this.promise = new Promise<>(campaign.content());
    }

    /** Arguments: the workload's name, and the file. */
    public static void main(String[] args) {
        Path file = Path.of(args[1]);
        OutOfRoom<?> run = new OutOfRoom<>(FaultCampaign.of(args[0], 1), file);
        run.untilItFails("File too large");
        run.assertNothingIsLost();
        Path other = file.resolveSibling("other");
        assertThatThrownBy(() -> FileDevice.create(other, run.workload.deviceSize()))
                .isInstanceOf(DeviceException.class).hasMessageContaining(other.toString())
                .hasMessageContaining("File too large");
        assertThat(other).doesNotExist();
    }

    /** Makes the file as small in use as it can be: blocks of zeroes take no room before they are written. */
    void makeSparse() throws IOException {
        byte[] image = campaign.image();
        Files.deleteIfExists(file);
        try (FileDevice device = FileDevice.create(file, image.length)) {
            device.flush();
        }
        ByteBuffer zeroes = ByteBuffer.allocate(Bytes.BLOCK_SIZE);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            for (int at = 0; at < image.length; at += Bytes.BLOCK_SIZE) {
                ByteBuffer block = ByteBuffer.wrap(image, at, Bytes.BLOCK_SIZE);
                if (!block.equals(zeroes)) {
                    channel.write(block, at);
                }
            }
            channel.force(true);
        }
    }

    /**
     * Takes steps until one fails for want of room; from then on the store must refuse to write.
     *
     * @param reason what the operating system says
     */
    void untilItFails(String reason) {
        Session<C> session;
        try {
            session = workload.open(FileDevice.open(file, Access.READ_WRITE), campaign.cacheBytes(), campaign.content(),
                    promise);
        } catch (DeviceException e) {
            assertPrecise(e, reason);
            return;
        }
        try (session) {
            DeviceException failure = catchThrowableOfType(DeviceException.class, () -> takeMany(session));
            assertThat(failure).as("what %d steps end in", ENOUGH_STEPS).isNotNull();
            assertPrecise(failure, reason);
            promise.end();
            for (Step step : workload.steps()) {
                assertThat(session.observed()).isEqualTo(session.committed());
                if (step == Step.ABORT) {
                    session.take(step, 0);
                } else {
                    assertRefused(session, step, reason);
                }
            }
        }
    }

    private void takeMany(Session<C> session) {
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < ENOUGH_STEPS; i++) {
            Move move = Move.random(workload.steps(), random);
            try {
                move.take(session);
            } catch (DeviceException e) {
                if (!ofGrowing(move.step(), e)) {
                    throw e;
                }
                session.take(Step.ABORT, 0);
            }
        }
    }

    /** What is meant to grow is the file, which the store has nothing to do with; a block device cannot. */
    private static boolean ofGrowing(Step step, PersistentDataException e) {
        return step == Step.EXTEND
                && (e.getMessage().contains(": resize at byte") || e.getMessage().contains("size of"));
    }

    private void assertPrecise(DeviceException failure, String reason) {
        assertThat(failure).hasMessageContaining(file.toString()).hasMessageMatching("(?s).* at byte \\d+ failed: .*")
                .hasMessageContaining(reason);
    }

    /** A commit, or a change, of which some make no sense in the state that a failed step has left. */
    private static void assertRefused(Session<?> session, Step step, String reason) {
        try {
            boolean taken = session.take(step, step.ordinal());
            assertThat(taken).as("%s after a failure", step).isFalse();
        } catch (PersistentDataException e) {
            assertThat(ofGrowing(step, e) || e.getMessage().contains(reason)).as("%s", e).isTrue();
        } catch (IllegalStateException e) {
            assertThat(e).hasMessageContaining("roll back");
        }
    }

    /** What was acknowledged last is there, or what was asked for since, and the check finds nothing. */
    void assertNothingIsLost() {
        C found = workload.read(FileDevice.open(file, Access.READ_ONLY));
        assertThat(promise.allows(found)).as("%s%nfound, promised %s", found, promise).isTrue();
        assertThat(workload.check(FileDevice.open(file, Access.READ_ONLY))).isEmpty();
    }

    /** With room again, all goes on. */
    void assertUsable() {
        C found = workload.read(FileDevice.open(file, Access.READ_ONLY));
        FileDevice device = FileDevice.open(file, Access.READ_WRITE);
        C committed;
        try (Session<C> session = workload.open(device, campaign.cacheBytes(), found, Journal.none())) {
            campaign.script().forEach(move -> move.take(session));
            committed = session.committed();
        }
        assertThat(workload.read(FileDevice.open(file, Access.READ_ONLY))).isEqualTo(committed);
        assertThat(workload.check(FileDevice.open(file, Access.READ_ONLY))).isEmpty();
    }
}
