package io.pdata.core.btree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pdata.core.space.NoSpaceException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Out of space after every possible number of allocations: all locks are released, the last commit is untouched. */
class NoSpaceTest {
    private static final int ENTRIES = 30_000;

    private final TreeLab lab = new TreeLab(3000);
    private final BTree btree = new BTree(lab.transactions, 2, ValueType.plain(8));
    private TreeRoot root = btree.empty();
    private int[] committed;

    @BeforeEach
    void commitATreeOfTwoLevels() {
        for (int i = 0; i < ENTRIES; i++) {
            btree.insertLong(root, new long[]{i % 3, i / 3}, i);
        }
        lab.commit();
        committed = lab.spaceMap.counts.clone();
    }

    @AfterEach
    void close() {
        lab.close();
    }

    /** Returns how many allocations the operation takes. */
    private int exhaust(Consumer<TreeRoot> operation) {
        for (int allowed = 0;; allowed++) {
            TreeRoot working = new TreeRoot(root.block());
            lab.spaceMap.allocationsLeft = allowed;
            try {
                operation.accept(working);
                lab.rollBack();
                return allowed;
            } catch (NoSpaceException e) {
                lab.rollBack();
            } finally {
                lab.spaceMap.allocationsLeft = Long.MAX_VALUE;
            }
            assertThat(lab.spaceMap.counts).isEqualTo(committed);
            lab.checkAll(List.of(root), 2, 8, TreeLab.LeafValues.IGNORE);
        }
    }

    @Test
    void inTheMiddleOfAnInsertThatSplits() {
        int allocations = exhaust(tree -> {
            for (int i = 0; i < 300; i++) {
                btree.insertLong(tree, new long[]{1, 1_000_000 + i}, i);
            }
        });
        assertThat(allocations).isGreaterThan(4);
    }

    @Test
    void inTheMiddleOfAnInsertThatMakesATree() {
        assertThat(exhaust(tree -> btree.insertLong(tree, new long[]{77, 1}, 1))).isEqualTo(2);
    }

    @Test
    void inTheMiddleOfARemovalThatRebalances() {
        int allocations = exhaust(tree -> btree.remove(tree, new long[]{1, 5000}));
        assertThat(allocations).as("top, root, and three leaves").isEqualTo(5);
    }

    @Test
    void inTheMiddleOfARangeRemoval() {
        int allocations = exhaust(tree -> btree.removeLeaves(tree, new long[]{1, 5000}, 6000));
        assertThat(allocations).isGreaterThan(5);
    }

    @Test
    void whenSplittingTwoNodesIntoThree() {
        List<Long> keys = new ArrayList<>();
        for (int i = 0; i < 2000; i++) {
            keys.add(Math.floorMod(i * 7919L, 10_007L) + (1L << 40));
        }
        int allocations = exhaust(tree -> keys.forEach(key -> btree.insertLong(tree, new long[]{2, key}, 1)));
        assertThat(allocations).isGreaterThan(10);
    }

    @Test
    void theErrorNamesTheSpaceMap() {
        lab.spaceMap.allocationsLeft = 0;
        assertThatThrownBy(() -> btree.empty()).isInstanceOf(NoSpaceException.class).hasMessageContaining(
                lab.spaceMap.name());
    }
}
