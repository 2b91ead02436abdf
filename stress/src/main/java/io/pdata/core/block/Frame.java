package io.pdata.core.block;

import java.lang.foreign.MemorySegment;
import org.openjdk.jcstress.infra.results.II_Result;

/** A frame of the cache by itself, with a short content: two numbers, which are always written to be alike. */
final class Frame {
    static final int OLD = 7;
    static final int NEW = 8;
    private static final int SECOND = 56;
    private static final int LENGTH = 64;

    static final BlockValidator TYPE = new BlockValidator("stress block", 1, 8) {
        @Override
        protected void checkHeader(MemorySegment block, long number) {}
    };

    private Frame() {}

    /** A frame that holds block {@link #OLD}, whose content is its number. */
    static Block holdingOld() {
        Block block = new Block(null, 0, MemorySegment.ofArray(new byte[LENGTH]));
        block.tryExclusive();
        block.identify(OLD, TYPE);
        fill(block, OLD);
        block.releaseExclusive();
        return block;
    }

    static void fill(Block block, int value) {
        block.data().set(Bytes.U32, 0, value);
        block.data().set(Bytes.U32, SECOND, value);
    }

    static int first(Block block) {
        return block.data().get(Bytes.U32, 0);
    }

    static int second(Block block) {
        return block.data().get(Bytes.U32, SECOND);
    }

    /** Reads a block as a lookup does: both numbers, or -1 for both where that was refused or not validated. */
    static void readOptimistically(Block block, int number, II_Result result) {
        long stamp = block.stampFor(number, TYPE);
        int first = stamp == 0 ? -1 : first(block);
        int second = stamp == 0 ? -1 : second(block);
        boolean valid = stamp != 0 && block.validate(stamp);
        result.r1 = valid ? first : -1;
        result.r2 = valid ? second : -1;
    }
}
