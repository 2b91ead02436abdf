package io.pdata.cli.pool;

import io.pdata.core.device.ErrorText;
import io.pdata.core.device.PersistentDataException;
import io.pdata.server.ServerLog;
import java.io.Closeable;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;

/** Has a server run until the process is told to stop, by SIGTERM, SIGINT or SIGHUP, or cannot continue. */
final class UntilTold {
    /** The exit status of a server that cannot continue, and that a supervisor should start again. */
    static final int CANNOT_CONTINUE = 71;

    private UntilTold() {}

    /**
     * From now on a thread that ends with an exception ends the process: without it the server would stay up and not do
     * its work.
     */
    private static void endIfAThreadFails(ServerLog log) {
        Thread.setDefaultUncaughtExceptionHandler((thread, e) -> {
            try {
                log.event(
                        "the server cannot continue, and ends: " + ErrorText.of(e) + " (in " + thread.getName() + ")");
                log.close();
            } finally {
                Runtime.getRuntime().halt(CANNOT_CONTINUE);
            }
        });
    }

    /**
     * From now on, being told to stop closes the server, and ends the process with 0 if that succeeds: the virtual machine
     * would end it with 128 and the signal.
     */
    static void close(Closeable server, ServerLog log) {
        endIfAThreadFails(log);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            log.event("stopping: finishing the requests that are under way");
            int status = PoolMain.OK;
            try {
                server.close();
                log.event("stopped");
            } catch (IOException | PersistentDataException e) {
                log.event("stopping failed: " + ErrorText.of(e));
                status = PoolMain.FAILURE;
            }
            log.close();
            Runtime.getRuntime().halt(status);
        }, "stop"));
    }

    /** Does not return: the process ends when it has been told to. */
    static void await() throws InterruptedException {
        new CountDownLatch(1).await();
    }
}
