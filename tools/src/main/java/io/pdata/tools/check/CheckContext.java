package io.pdata.tools.check;

import io.pdata.core.btree.TreeWalker;
import io.pdata.core.transaction.BlockReader;
import io.pdata.tools.Finding;
import io.pdata.tools.Findings;
import io.pdata.tools.Severity;

/**
 * What all parts of one check share.
 *
 * @param blocks the metadata
 * @param references how often each metadata block is referred to, as far as has been seen
 * @param findings what is wrong
 * @param threads how many threads to use
 */
public record CheckContext(BlockReader blocks, ReferenceCounts references, Findings findings, int threads) {

    /** A context that counts all blocks that there are. */
    public static CheckContext of(BlockReader blocks, Findings findings) {
        return new CheckContext(blocks, new ReferenceCounts(blocks.blocks()), findings, defaultThreads());
    }

    /** Enough to keep a disk busy, and no more than the processors can feed. */
    private static int defaultThreads() {
        return Math.clamp(Runtime.getRuntime().availableProcessors(), 2, 8);
    }

    /** A walker for trees with values of one size; whoever adds a root to it has to count that reference. */
    public TreeWalker walker(int valueSize) {
        return new TreeWalker(blocks, valueSize, threads);
    }

    /** Counts a reference to the root of a tree, and adds it to a walker's. */
    public void addRoot(TreeWalker walker, String structure, long root) {
        references.inc(root);
        if (!walker.addRoot(root)) {
            findings.add(Finding.of(Severity.FATAL, Finding.Kind.DAMAGE, structure,
                    "its root is said to be block " + Long.toUnsignedString(root) + ", of " + blocks.blocks()));
        }
    }
}
