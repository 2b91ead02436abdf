package io.pdata.fuzz;

import com.sun.management.ThreadMXBean;
import io.pdata.fuzz.image.Images;
import io.pdata.fuzz.image.Input;
import io.pdata.fuzz.target.ArrayTarget;
import io.pdata.fuzz.target.BTreeTarget;
import io.pdata.fuzz.target.CacheTarget;
import io.pdata.fuzz.target.CacheTransactionTarget;
import io.pdata.fuzz.target.EraTarget;
import io.pdata.fuzz.target.EraTransactionTarget;
import io.pdata.fuzz.target.NbdTarget;
import io.pdata.fuzz.target.PackTarget;
import io.pdata.fuzz.target.ReceiveTarget;
import io.pdata.fuzz.target.RestoreTarget;
import io.pdata.fuzz.target.SpaceMapTarget;
import io.pdata.fuzz.target.SuperblockTarget;
import io.pdata.fuzz.target.ThinTarget;
import io.pdata.fuzz.target.ThinTransactionTarget;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** All targets by name, and the bounds that hold for each of them. */
public final class Targets {
    /** The name that stands for all targets in turn. */
    public static final String ALL = "all";

    /** More than any target needs for images as small as these. */
    private static final long MOST_BYTES = 512L << 20;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final Map<String, Target> TARGETS = targets();

    private Targets() {}

    private static Map<String, Target> targets() {
        Map<String, Target> targets = new LinkedHashMap<>();
        targets.put("superblock", new SuperblockTarget());
        targets.put("thin", new ThinTarget());
        targets.put("cache", new CacheTarget());
        targets.put("era", new EraTarget());
        targets.put("thin-transaction", new ThinTransactionTarget());
        targets.put("cache-transaction", new CacheTransactionTarget());
        targets.put("era-transaction", new EraTransactionTarget());
        targets.put("btree", new BTreeTarget());
        targets.put("array", new ArrayTarget());
        targets.put("space-map", new SpaceMapTarget());
        targets.put("nbd", new NbdTarget());
        targets.put("restore", new RestoreTarget());
        targets.put("pack", new PackTarget());
        targets.put("receive", new ReceiveTarget());
        return Collections.unmodifiableMap(targets);
    }

    /** The names of all targets. */
    public static List<String> names() {
        return List.copyOf(TARGETS.keySet());
    }

    /** Makes what inputs of a target, or of all, damage or are given to. */
    static void prepare(String name) {
        Images.all();
        if (name.equals(ALL)) {
            TARGETS.values().forEach(Target::prepare);
        } else {
            TARGETS.get(name).prepare();
        }
    }

    /**
     * Runs one input.
     *
     * @param name of a target, or {@link #ALL}: then the first byte of the input says which
     * @throws AssertionError if something does not hold; any other unchecked exception or error is a finding too
     */
    public static void run(String name, byte[] input) {
        if (name.equals(ALL)) {
            if (input.length > 0) {
                String chosen = names().get((input[0] & 0xff) % TARGETS.size());
                run(chosen, Arrays.copyOfRange(input, 1, input.length));
            }
            return;
        }
        prepare(name);
        long before = THREADS.getTotalThreadAllocatedBytes();
        TARGETS.get(name).run(new Input(input));
        long allocated = THREADS.getTotalThreadAllocatedBytes() - before;
        if (allocated > MOST_BYTES) {
            throw new AssertionError(allocated + " bytes allocated for an image this small");
        }
    }
}
