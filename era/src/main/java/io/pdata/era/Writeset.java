package io.pdata.era;

import io.pdata.core.block.Bytes;
import java.lang.foreign.MemorySegment;

/**
 * Which blocks were written in one era: a bitset. Also the layout of its record, 12 bytes packed. Source: format
 * document "era", section 2.
 *
 * @param bits how many blocks there were when the era began
 * @param root the bitset's root, 0 for no writeset
 */
public record Writeset(long bits, long root) {
    public static final int SIZE = 12;
    public static final Writeset NONE = new Writeset(0, 0);

    private static final int BITS = 0;
    private static final int ROOT = 4;

    public static Writeset read(MemorySegment block, long offset) {
        return new Writeset(Integer.toUnsignedLong(block.get(Bytes.U32, offset + BITS)),
                block.get(Bytes.U64, offset + ROOT));
    }

    public void write(MemorySegment block, long offset) {
        block.set(Bytes.U32, offset + BITS, (int) bits);
        block.set(Bytes.U64, offset + ROOT, root);
    }

    public boolean exists() {
        return root != 0;
    }
}
