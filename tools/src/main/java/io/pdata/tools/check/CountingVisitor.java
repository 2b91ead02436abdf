package io.pdata.tools.check;

import io.pdata.core.btree.TreeDamage;
import io.pdata.core.btree.TreeWalker;
import io.pdata.core.btree.WalkedNode;
import io.pdata.tools.Finding;
import java.util.function.Consumer;

/**
 * Counts the references from each node of a tree to its children, makes findings of damage, and passes leaves on. As
 * thread-safe as what it passes leaves on to.
 */
public final class CountingVisitor implements TreeWalker.Visitor {
    private final CheckContext context;
    private final String structure;
    private final Consumer<WalkedNode> leaves;
    private final Consumer<Finding> findings;

    /**
     * @param structure what findings call the tree
     * @param leaves gets each leaf once, from several threads
     */
    public CountingVisitor(CheckContext context, String structure, Consumer<WalkedNode> leaves) {
        this(context, structure, leaves, context.findings()::add);
    }

    /** @param findings gets the damage that is found */
    CountingVisitor(CheckContext context, String structure, Consumer<WalkedNode> leaves, Consumer<Finding> findings) {
        this.context = context;
        this.structure = structure;
        this.leaves = leaves;
        this.findings = findings;
    }

    @Override
    public void internal(WalkedNode node) {
        for (int i = 0; i < node.entries(); i++) {
            context.references().inc(node.longValue(i)); // a child that does not exist is the walker's to report
        }
    }

    @Override
    public void leaf(WalkedNode node) {
        leaves.accept(node);
    }

    @Override
    public void damage(TreeDamage damage) {
        findings.accept(Finding.of(structure, damage));
    }
}
