package io.pdata.cli.pool;

import io.pdata.core.device.PersistentDataException;
import java.io.Closeable;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;

/** Has a server run until the process is told to stop, by SIGTERM, SIGINT or SIGHUP. */
final class UntilTold {
    private UntilTold() {}

    /**
     * From now on, being told to stop closes the server, and ends the process with 0 if that succeeds: the virtual machine
     * would end it with 128 and the signal.
     */
    static void close(Closeable server, Consumer<String> log) {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            log.accept("stopping: finishing the requests that are under way");
            int status = PoolMain.OK;
            try {
                server.close();
                log.accept("stopped");
            } catch (IOException | PersistentDataException e) {
                log.accept("stopping failed: " + e.getMessage());
                status = PoolMain.FAILURE;
            }
            Runtime.getRuntime().halt(status);
        }, "stop"));
    }

    /** Does not return: the process ends when it has been told to. */
    static void await() throws InterruptedException {
        new CountDownLatch(1).await();
    }
}
