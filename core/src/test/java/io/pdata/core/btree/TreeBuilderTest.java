package io.pdata.core.btree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pdata.core.block.Block;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TreeBuilderTest {
    /** So that keys pass from positive to negative longs, which ascends. */
    private static final long FIRST = Long.MAX_VALUE - 100;

    private final TreeLab lab = new TreeLab(2000);

    @AfterEach
    void close() {
        lab.close();
    }

    private TreeRoot build(int entries) {
        TreeBuilder builder = new TreeBuilder(lab.transactions, ValueType.plain(8));
        for (int i = 0; i < entries; i++) {
            builder.addLong(FIRST + 3L * i, i);
        }
        return builder.finish();
    }

    /** Leaves are written first, from block 1 on. */
    private List<Integer> leafSizes() {
        List<Integer> sizes = new ArrayList<>();
        for (long block = 1; lab.spaceMap.count(block) > 0; block++) {
            try (Block node = lab.transactions.readLock(block, NodeValidator.NODE)) {
                if (!Node.isLeaf(node.data())) {
                    break;
                }
                sizes.add(Node.entries(node.data()));
            }
        }
        return sizes;
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"0 | 0", "1 | 1", "252 | 252", "253 | 126, 127", "504 | 252, 252",
        "505 | 252, 126, 127", "756 | 252, 252, 252", "757 | 252, 252, 126, 127"})
    void leavesAreFullButForTheLastTwo(int entries, String sizes) {
        build(entries);
        assertThat(leafSizes()).containsExactlyElementsOf(
                Arrays.stream(sizes.split(", ")).map(Integer::valueOf).toList());
    }

    /** 64000 entries make 254 leaves, one node and a bit above them, and a root. */
    @ParameterizedTest
    @CsvSource({"0", "1", "253", "10000", "63504", "64000", "200000"})
    void whatIsBuiltIsATree(int entries) {
        TreeRoot root = build(entries);
        lab.checkAll(List.of(root), 1, 8, TreeLab.LeafValues.IGNORE);
        BTree btree = new BTree(lab.transactions, 1, ValueType.plain(8));
        try (Cursor cursor = btree.cursor(root.block())) {
            for (int i = 0; i < entries; i++) {
                assertThat(cursor.key()).isEqualTo(FIRST + 3L * i);
                assertThat(cursor.longValue()).isEqualTo(i);
                cursor.next();
            }
            assertThat(cursor.valid()).isFalse();
        }
        for (int i = 0; i < 1000; i++) {
            btree.insertLong(root, FIRST + 7L * i, 1);
        }
        lab.checkAll(List.of(root), 1, 8, TreeLab.LeafValues.IGNORE);
        btree.delete(root.block());
        lab.checkAll(List.of(), 1, 8, TreeLab.LeafValues.IGNORE);
    }

    @Test
    void keysThatDoNotAscendAreRefused() {
        TreeBuilder builder = new TreeBuilder(lab.transactions, ValueType.plain(8));
        builder.addLong(-1, 0);
        assertThatThrownBy(() -> builder.addLong(7, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> builder.addLong(-1, 0)).isInstanceOf(IllegalArgumentException.class);
    }

    /** Leaves that several trees have: as the trees see them, and how many of them see each. */
    private final class Sharing implements SharedLeaves {
        final Map<Long, Integer> references = new TreeMap<>();
        int copies;

        @Override
        public void share(long leaf) {
            references.merge(leaf, 1, Integer::sum);
            lab.transactions.inc(leaf);
        }

        @Override
        public void unshare(long leaf) {
            references.merge(leaf, -1, Integer::sum);
            lab.transactions.dec(leaf);
        }

        @Override
        public void copy(long leaf, Consumer<MemorySegment> reader) {
            copies++;
            try (Block block = lab.transactions.readLock(leaf, NodeValidator.NODE)) {
                reader.accept(block.data());
            }
        }
    }

    private TreeBuilder sharingBuilder(Sharing sharing) {
        return new TreeBuilder((type, content) -> {
            try (Block block = lab.transactions.newBlock(type)) {
                content.accept(block.data());
                return block.number();
            }
        }, sharing, 8);
    }

    /** Whether a run's leaves are shared or copied: before and after it stand so many entries, and it has so many. */
    @ParameterizedTest
    @CsvSource({"0, 252, 0, 1, 0", "0, 100, 0, 0, 1", "126, 252, 0, 1, 0", "126, 252, 126, 1, 0", "125, 252, 0, 0, 1",
        "125, 600, 0, 2, 1", "0, 252, 125, 0, 1", "0, 600, 125, 2, 1", "125, 252, 125, 0, 1", "0, 0, 5, 0, 0",
        "1000, 600, 1000, 3, 0", "125, 600, 125, 1, 2"})
    void runsAreSharedUnlessANeighbourWouldBeNearlyEmpty(int before, int inRun, int after, int shared, int copies) {
        Sharing sharing = new Sharing();
        TreeBuilder run = sharingBuilder(sharing);
        for (int i = 0; i < inRun; i++) {
            run.addLong(10_000 + i, i);
        }
        LeafRun leaves = run.finishRun();
        TreeBuilder tree = sharingBuilder(sharing);
        for (int i = 0; i < before; i++) {
            tree.addLong(i, i);
        }
        tree.addRun(leaves);
        for (int i = 0; i < after; i++) {
            tree.addLong(20_000 + i, i);
        }
        TreeRoot root = tree.finish();
        assertThat(sharing.references.values().stream().mapToInt(Integer::intValue).sum()).isEqualTo(shared);
        assertThat(sharing.copies).isEqualTo(copies);
        for (int i = 0; i < leaves.leaves(); i++) {
            lab.transactions.dec(leaves.block(i));
        }
        lab.checkAll(List.of(root), 1, 8, TreeLab.LeafValues.IGNORE);
        int found = 0;
        try (Cursor cursor = new BTree(lab.transactions, 1, ValueType.plain(8)).cursor(root.block())) {
            for (; cursor.valid(); cursor.next()) {
                found++;
            }
        }
        assertThat(found).isEqualTo(before + inRun + after);
    }

    @Test
    void runsThatDoNotAscendAreRefused() {
        Sharing sharing = new Sharing();
        TreeBuilder run = sharingBuilder(sharing);
        run.addLong(5, 0);
        LeafRun leaves = run.finishRun();
        TreeBuilder tree = sharingBuilder(sharing);
        tree.addRun(leaves);
        assertThat(tree.ascendsTo(5)).isFalse();
        assertThatThrownBy(() -> tree.addRun(leaves)).isInstanceOf(IllegalArgumentException.class);
    }
}
