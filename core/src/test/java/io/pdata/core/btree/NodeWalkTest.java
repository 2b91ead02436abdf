package io.pdata.core.btree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pdata.core.block.CorruptionException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class NodeWalkTest {
    private static final int ENTRIES = 100_000;

    private final TreeLab lab = new TreeLab(2000);
    private NodeWalk walk;
    private long root;

    @BeforeEach
    void fill() {
        TreeBuilder builder = new TreeBuilder(lab.transactions, ValueType.plain(8));
        for (int i = 0; i < ENTRIES; i++) {
            builder.addLong(2L * i, i);
        }
        root = builder.finish().block();
        walk = new NodeWalk(lab.transactions, 8);
    }

    @AfterEach
    void close() {
        lab.close();
    }

    @Test
    void allLeavesInTheOrderOfTheirKeys() {
        List<Long> keys = new ArrayList<>();
        walk.leaves(root, _ -> true, leaf -> {
            for (int i = 0; i < leaf.entries(); i++) {
                keys.add(leaf.key(i));
            }
        });
        assertThat(keys).hasSize(ENTRIES).isSorted();
    }

    @Test
    void nothingBelowARefusedNodeIsLookedAt() {
        List<Long> asked = new ArrayList<>();
        Set<Long> shown = new HashSet<>();
        walk.leaves(root, block -> asked.add(block) && block == root, leaf -> shown.add(leaf.block()));
        assertThat(shown).isEmpty();
        long levelBelow = asked.size() - 1;
        assertThat(levelBelow).as("children of the root").isBetween(2L, 252L);
        asked.clear();
        walk.leaves(root, block -> asked.add(block) && asked.size() != 2, leaf -> shown.add(leaf.block()));
        assertThat(asked).as("all but what is below the first child").hasSizeGreaterThan(50);
        long[] first = {0};
        walk.leaves(asked.get(1), _ -> true, leaf -> first[0] += shown.contains(leaf.block()) ? 1 : 0);
        assertThat(first[0]).isZero();
    }

    @Test
    void aPathIsTheWayOfALookup() {
        List<Long> path = new ArrayList<>();
        assertThat(walk.allOnPath(root, 2L * (ENTRIES - 1), path::add)).isTrue();
        assertThat(path).hasSize(3).startsWith(root);
        assertThat(walk.allOnPath(root, 0, block -> block == root)).isFalse();
        List<Long> other = new ArrayList<>();
        walk.allOnPath(root, 0, other::add);
        assertThat(other.getLast()).isNotEqualTo(path.getLast());
    }

    @Test
    void aWayMayBeAsLongAsTheLimitSays() {
        long block = lab.plant(NodeLayout.LEAF, new long[]{5}, new long[]{55});
        for (int nodes = 1; nodes < BTreeReader.MAX_DEPTH; nodes++) {
            block = lab.plant(NodeLayout.INTERNAL, new long[]{5}, new long[]{block});
        }
        long deepest = block;
        int[] leaves = {0};
        walk.leaves(deepest, _ -> true, _ -> leaves[0]++);
        assertThat(leaves[0]).isEqualTo(1);
        assertThat(walk.allOnPath(deepest, 5, _ -> true)).isTrue();
        long tooDeep = lab.plant(NodeLayout.INTERNAL, new long[]{5}, new long[]{deepest});
        assertThatThrownBy(() -> walk.leaves(tooDeep, _ -> true, _ -> {})).isInstanceOf(CorruptionException.class)
                .hasMessageContaining("deeper than any tree can be");
        assertThatThrownBy(() -> walk.allOnPath(tooDeep, 5, _ -> true)).isInstanceOf(CorruptionException.class)
                .hasMessageContaining("deeper than any tree can be");
    }
}
