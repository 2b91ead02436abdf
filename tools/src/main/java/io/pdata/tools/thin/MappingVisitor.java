package io.pdata.tools.thin;

import io.pdata.core.btree.WalkedNode;
import io.pdata.thin.BlockTime;
import io.pdata.tools.Finding;
import io.pdata.tools.Finding.Kind;
import io.pdata.tools.Findings;
import io.pdata.tools.Severity;
import io.pdata.tools.check.ReferenceCounts;

/**
 * Counts the data blocks that the leaves of mapping trees refer to, and looks for mappings that cannot be. Makes at most
 * one finding of each kind for a leaf. Thread-safe.
 */
final class MappingVisitor {
    private static final String STRUCTURE = "mapping tree";

    private final ReferenceCounts references;
    private final int now;
    private final Findings findings;

    /** @param now the pool's clock: no mapping is younger */
    MappingVisitor(ReferenceCounts references, int now, Findings findings) {
        this.references = references;
        this.now = now;
        this.findings = findings;
    }

    void leaf(WalkedNode leaf) {
        int beyond = 0;
        int future = 0;
        long begin = 0;
        long end = 0;
        for (int i = leaf.entries() - 1; i >= 0; i--) {
            long value = leaf.longValue(i);
            long block = BlockTime.block(value);
            if (Integer.compareUnsigned(BlockTime.time(value), now) > 0) {
                future++;
            }
            if (block >= references.blocks()) {
                beyond++;
            } else if (block == begin - 1) {
                begin = block;
            } else {
                references.inc(begin, end);
                begin = block;
                end = block + 1;
            }
        }
        references.inc(begin, end);
        if (beyond + future > 0) {
            report(leaf, beyond, future);
        }
    }

    private void report(WalkedNode leaf, int beyond, int future) {
        String keys = " of the mappings from " + Long.toUnsignedString(leaf.key(0)) + " on";
        if (beyond > 0) {
            findings.add(Finding.of(Severity.FATAL, Kind.VALUE, STRUCTURE, leaf.block(),
                    beyond + keys + " lead beyond the " + references.blocks() + " data blocks there are"));
        }
        if (future > 0) {
            findings.add(Finding.of(Severity.FATAL, Kind.FUTURE, STRUCTURE, leaf.block(), future + keys
                    + " are from a time after the pool's, " + Integer.toUnsignedString(now)));
        }
    }
}
