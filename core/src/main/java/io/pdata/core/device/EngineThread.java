package io.pdata.core.device;

import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A thread that the library owns. Nobody outside has a reference to interrupt it by, so it may do channel I/O in place
 * where any other thread has to hand it over (an interrupt during channel I/O closes the channel).
 */
public final class EngineThread extends Thread {

    private EngineThread(Runnable work, String name) {
        super(work, name);
        setDaemon(true);
    }

    /** Makes daemon threads named {@code pdata-PURPOSE-N}. */
    public static ThreadFactory factory(String purpose) {
        AtomicInteger counter = new AtomicInteger();
        return work -> new EngineThread(work, "pdata-" + purpose + "-" + counter.incrementAndGet());
    }
}
