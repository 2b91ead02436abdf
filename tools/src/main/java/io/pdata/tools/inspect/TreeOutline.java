package io.pdata.tools.inspect;

import io.pdata.core.block.Block;
import io.pdata.core.block.CorruptionException;
import io.pdata.core.btree.NodeValidator;
import io.pdata.core.btree.TreeWalker;
import io.pdata.core.btree.WalkedNode;
import io.pdata.core.device.DeviceException;
import io.pdata.core.transaction.BlockReader;
import java.util.ArrayList;
import java.util.List;

/**
 * The nodes of a tree, each below its parent, as far as there is room; what cannot be read says why. Memory: the lines, of
 * which there are as many as are asked for, and one node for each level.
 */
public final class TreeOutline {
    private final BlockReader blocks;
    private final int most;
    private final List<Line> lines = new ArrayList<>();

    /**
     * A node.
     *
     * @param depth 0 for the root
     * @param block its block
     * @param kind "leaf", "internal", or what is wrong with it
     * @param entries how many it has
     * @param first its lowest key (unsigned), if it has entries
     * @param last its highest
     */
    public record Line(int depth, long block, String kind, int entries, long first, long last) {}

    private TreeOutline(BlockReader blocks, int most) {
        this.blocks = blocks;
        this.most = most;
    }

    /**
     * Goes through a tree from its root on.
     *
     * @param deepest the depth below which nothing is shown; the root has 0
     * @param most how many nodes are shown
     */
    public static List<Line> of(BlockReader blocks, long root, int deepest, int most) {
        TreeOutline outline = new TreeOutline(blocks, most);
        outline.visit(root, 0, Math.min(deepest, TreeWalker.MAX_DEPTH));
        return outline.lines;
    }

    private void visit(long block, int depth, int deepest) {
        if (depth > deepest || lines.size() == most) {
            return;
        }
        for (long child : show(block, depth)) {
            visit(child, depth + 1, deepest);
        }
    }

    private long[] show(long block, int depth) {
        try (Block locked = blocks.readLock(block, NodeValidator.NODE)) {
            WalkedNode node = WalkedNode.of(block, locked.data());
            int n = node.entries();
            lines.add(new Line(depth, block, node.isLeaf() ? "leaf" : "internal", n, n == 0 ? 0 : node.key(0),
                    n == 0 ? 0 : node.key(n - 1)));
            long[] children = new long[node.isLeaf() || node.valueSize() != Long.BYTES ? 0 : n];
            for (int i = 0; i < children.length; i++) {
                children[i] = node.longValue(i);
            }
            return children;
        } catch (CorruptionException | DeviceException e) {
            lines.add(new Line(depth, block, e.getMessage().replaceFirst("^block " + block + " ", ""), 0, 0, 0));
            return new long[0];
        }
    }
}
