package io.pdata.tools.check;

import io.pdata.core.array.ArrayBlock;
import io.pdata.core.block.Bytes;
import io.pdata.tools.Finding.Kind;
import io.pdata.tools.Finding;
import io.pdata.tools.Findings;
import io.pdata.tools.Severity;
import java.lang.foreign.MemorySegment;

/**
 * Looks at the last word of a bitset, which has room for more bits than there are: those beyond the end mean nothing, so
 * nobody sets them. Source: format document "persistent-data", section 11.
 */
public final class BitsetEnd implements ArrayCheck.BlockVisitor {
    private final String name;
    private final long bits;
    private final Findings findings;

    /**
     * @param name what findings call the bitset
     * @param bits how many it has
     */
    public BitsetEnd(String name, long bits, Findings findings) {
        this.name = name;
        this.bits = bits;
        this.findings = findings;
    }

    @Override
    public void visit(long first, MemorySegment data, int count) {
        long last = bits / Long.SIZE;
        if (bits % Long.SIZE != 0 && last >= first && last < first + count) {
            long word = data.get(Bytes.U64, ArrayBlock.valueOffset((int) (last - first), Long.BYTES));
            if (word >>> bits != 0) {
                findings.add(Finding.of(Severity.NOTICE, Kind.VALUE, name, "bits are set beyond its " + bits));
            }
        }
    }
}
