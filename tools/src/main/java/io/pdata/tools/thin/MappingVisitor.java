package io.pdata.tools.thin;

import io.pdata.core.btree.WalkedNode;
import io.pdata.thin.BlockTime;
import io.pdata.tools.Finding.Kind;
import io.pdata.tools.Finding;
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
        long[] blocks = leaf.longValues();
        long end = references.blocks();
        int known = 0;
        int future = 0;
        for (long value : blocks) {
            long block = BlockTime.block(value);
            if (block < end) {
                blocks[known++] = block;
            }
            if (Integer.compareUnsigned(BlockTime.time(value), now) > 0) {
                future++;
            }
        }
        references.inc(blocks, known);
        int beyond = leaf.entries() - known;
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
