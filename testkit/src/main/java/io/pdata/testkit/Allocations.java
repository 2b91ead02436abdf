package io.pdata.testkit;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/** How much the calling thread has allocated on the heap, for tests of hot paths that must not. */
public final class Allocations {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private Allocations() {}

    /** Bytes allocated by the calling thread since it began. */
    public static long bytesOfThisThread() {
        return THREADS.getCurrentThreadAllocatedBytes();
    }
}
