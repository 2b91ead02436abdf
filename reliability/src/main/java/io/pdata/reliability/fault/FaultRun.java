package io.pdata.reliability.fault;

import static io.pdata.reliability.workload.Judgement.require;

import io.pdata.core.device.DeviceException;
import io.pdata.core.device.PersistentDataException;
import io.pdata.core.device.ReadOnlyException;
import io.pdata.reliability.disk.CrashPoint;
import io.pdata.reliability.disk.SimulatedDisk;
import io.pdata.reliability.workload.Journal;
import io.pdata.reliability.workload.Move;
import io.pdata.reliability.workload.Session;
import io.pdata.reliability.workload.Step;
import io.pdata.reliability.workload.Workload;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;

/**
 * A list of steps on a disk with one fault, and what has to hold then:
 * <ul>
 * <li>Whoever meets the fault is told which device, which operation and where; nothing but errors of the library's.
 * <li>After a write or a flush has failed nothing is written any more, whether or not the disk would take it; every
 * change is refused, with the reason. The last commit stays readable, before and after a roll-back.
 * <li>After a read has failed, a roll-back makes all well if the disk is.
 * <li>What could not be opened has been closed.
 * <li>On a healthy disk, after a power cut too, the last acknowledged commit is found, or one that had been asked for; it
 * checks clean, and can be used.
 * </ul>
 *
 * @param <C> what describes a content
 */
final class FaultRun<C> {
    private static final int RANDOM_STATES = 2;

    private final FaultCampaign<C> campaign;
    private final Workload<C> workload;
    private final Fault fault;
    private final WatchedDisk disk;
    private final Promise<C> promise;
    private final SplittableRandom random;

    FaultRun(FaultCampaign<C> campaign, Fault fault) {
        this.campaign = campaign;
        this.workload = campaign.workload();
        this.fault = fault;
        this.random = new SplittableRandom(fault.hashCode());
        this.disk = new WatchedDisk(new SimulatedDisk(campaign.image(), campaign.seed()));
        this.promise = new Promise<>(campaign.content());
    }

    /** Returns whether anything has failed. */
    boolean run() {
        disk.disk().follow(fault.plan());
        Session<C> session = open();
        if (session != null) {
            try (session) {
                takeAll(session);
            }
        }
        require(disk.closed(), "the device was left open");
        verify();
        return disk.anyFailed();
    }

    private Session<C> open() {
        try {
            return workload.open(disk, campaign.cacheBytes(), campaign.content(), promise);
        } catch (PersistentDataException e) {
            precise(e);
            return null;
        }
    }

    private void takeAll(Session<C> session) {
        for (Move move : campaign.script()) {
            try {
                move.take(session);
            } catch (PersistentDataException e) {
                precise(e);
                if (!goesOnAfter(session)) {
                    return;
                }
            }
        }
        require(!disk.changeFailed(), "a failed write or flush was not reported");
        look(session, "after all steps");
    }

    private boolean goesOnAfter(Session<C> session) {
        boolean failed = disk.changeFailed();
        long changes = disk.changes();
        if (failed) {
            promise.end();
            refused(() -> session.take(Step.COMMIT, 0), "a second try to commit");
        }
        look(session, "after the failure");
        boolean back = rollBack(session);
        if (failed) {
            refuseAll(session);
            require(disk.changes() == changes, "something was written or flushed after a failure");
            return false;
        }
        boolean goesOn = back && !fault.kind().lasting();
        if (goesOn) {
            campaign.figures().wentOn();
        }
        return goesOn;
    }

    /** The last commit must stay readable as far as the disk can be read, and the cache has room. */
    private void look(Session<C> session, String when) {
        try {
            equal(session.observed(), session.committed(), when);
        } catch (DeviceException e) {
            precise(e);
            if (fault.kind() == Fault.Kind.READ_ONCE) {
                equal(session.observed(), session.committed(), when);
            } else {
                require(fault.kind() == Fault.Kind.READ_EVER || e.getMessage().contains("rolled back"),
                        "%s the last commit cannot be read: %s", when, e);
            }
        }
    }

    private boolean rollBack(Session<C> session) {
        try {
            session.take(Step.ABORT, 0);
        } catch (DeviceException e) {
            require(fault.kind() == Fault.Kind.READ_EVER, "a roll-back failed: %s", e);
            return false;
        }
        if (fault.kind() != Fault.Kind.READ_EVER) {
            equal(session.observed(), session.committed(), "after the roll-back");
        }
        return true;
    }

    private void refuseAll(Session<C> session) {
        for (Step step : workload.steps()) {
            if (step != Step.COMMIT && step != Step.ABORT) {
                long choice = random.nextLong();
                refused(() -> session.take(step, choice), step.toString());
                rollBack(session);
            }
        }
    }

    private void refused(BooleanSupplier change, String what) {
        try {
            require(!change.getAsBoolean(), "%s was possible after a failure", what);
        } catch (ReadOnlyException e) {
            require(e.getMessage().contains(disk.name()) && e.getMessage().contains(" failed: "),
                    "%s was refused without the reason: %s", what, e);
        } catch (DeviceException e) {
            precise(e); // the device was to be enlarged first, or what was to be changed cannot be read
        } catch (IllegalStateException e) {
            require(e.getMessage().contains("roll back"), "%s: %s", what, e);
        }
    }

    private void precise(PersistentDataException e) {
        require(disk.anyFailed(), "an error where nothing has failed: %s", e);
        require(e instanceof DeviceException || e instanceof ReadOnlyException, "an error of the wrong kind: %s", e);
        require(e.getMessage().contains(disk.name()) && e.getMessage().matches(".* at byte \\d+ failed: .*"),
                "an error that does not say what has failed: %s", e);
    }

    private void verify() {
        verify(disk.disk().content());
        if (disk.changeFailed()) {
            CrashPoint cut = disk.disk().history().at(disk.disk().history().length());
            verify(cut.image(cut.nothingKept()));
            for (int i = 0; i < RANDOM_STATES; i++) {
                verify(cut.image(cut.randomState(random)));
            }
        }
    }

    private void verify(byte[] image) {
        campaign.figures().opened();
        C found = campaign.verified(image, this::verifyAnew);
        require(promise.allows(found), "found%n%s%ninstead of one of%n%s", found, promise);
    }

    private C verifyAnew(byte[] image) {
        SimulatedDisk healthy = new SimulatedDisk(image, 0);
        C found = workload.read(healthy);
        clean(healthy, "at once");
        Session<C> session = workload.open(healthy.reopen(), healthy.size(), found, Journal.none());
        try (session) {
            List<Step> steps = workload.steps();
            session.take(steps.get(random.nextInt(steps.size())), random.nextLong());
            session.take(Step.COMMIT, 0);
        }
        equal(workload.read(healthy.reopen()), session.committed(), "after the next transaction");
        clean(healthy, "after the next transaction");
        return found;
    }

    private void clean(SimulatedDisk healthy, String when) {
        List<String> problems = workload.check(healthy.reopen());
        require(problems.isEmpty(), "the check finds %s: %s", when, problems);
    }

    private void equal(C found, C expected, String when) {
        require(found.equals(expected), "%s: found%n%s%nexpected%n%s", when, found, expected);
    }
}
