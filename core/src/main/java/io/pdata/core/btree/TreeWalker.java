package io.pdata.core.btree;

import io.pdata.core.block.Block;
import io.pdata.core.block.BlockSet;
import io.pdata.core.block.CorruptionException;
import io.pdata.core.btree.TreeDamage.Kind;
import io.pdata.core.device.DeviceException;
import io.pdata.core.transaction.BlockReader;
import java.util.ArrayList;
import java.util.List;

/**
 * Walks any number of trees with values of one size, with several threads, and looks at each node once however many
 * parents it has; so a thousand clones cost little more than one.
 *
 * <p>A walk goes down layer by layer, and within a layer in the order of the blocks on the device. Then it goes up again:
 * what is known of the children of a node is summed up, once all of them are, and compared with the keys that the node
 * gives as their bounds. That is how a subtree is held against each of its parents without reading it again.
 *
 * <p>A damaged node is reported as a {@link TreeDamage} and left out; the walk goes on with the rest.
 *
 * <p>Invariants: a node is passed to the visitor at most once; nothing in a node is believed before its checksum, number,
 * header and the order of its keys are verified; no layer below {@link #MAX_DEPTH} is entered, and cycles end there or at
 * the first block that was seen before.
 *
 * <p>Memory: 5 bits for each block of the device and {@link NodeTable 29 bytes} at most for each node reached, so about
 * 120 MB for the largest metadata that the format allows; nothing else grows with the input. Time: each leaf is read
 * once, each internal node about twice.
 *
 * <p>Used by one thread at a time; the visitor is called by several. The trees must not change meanwhile: walk a
 * committed state.
 */
public final class TreeWalker {
    /** The most nodes from a root to a leaf that any tree can have. */
    public static final int MAX_DEPTH = BTreeReader.MAX_DEPTH;

    private final BlockReader blocks;
    private final int valueSize;
    private final int threads;
    private final BlockSet roots;
    private final BlockSet visited;
    private final BlockSet unsummed;
    private final NodeTable table;
    private BlockSet frontier;
    private BlockSet below;

    /** What a walk calls for each node. Several threads call at once; what is thrown ends the walk. */
    public interface Visitor {
        /**
         * An internal node, verified. Its children may be of any number, also of none that exists.
         *
         * @param node valid during the call only
         */
        default void internal(WalkedNode node) {}

        /**
         * A leaf, verified.
         *
         * @param node valid during the call only
         */
        default void leaf(WalkedNode node) {}

        /** Something is wrong with a node. The number of calls is not bounded. */
        void damage(TreeDamage damage);
    }

    /**
     * What a walk has found out about a tree or a part of it.
     *
     * @param entries entries in its leaves, those of shared leaves once for each way that leads there; at most 2^32 - 1
     * @param low the lowest key that its top node names, if there are entries
     * @param high the highest key in it, if there are entries
     * @param height 1 for a leaf, 0 if the top node itself could not be used
     * @param errors how many {@linkplain Kind#loses losing} damages are in it
     */
    public record Summary(long entries, long low, long high, int height, int errors) {}

    /**
     * @param valueSize the size of the values in the leaves, in bytes
     * @param threads how many threads to use
     */
    public TreeWalker(BlockReader blocks, int valueSize, int threads) {
        this.blocks = blocks;
        this.valueSize = valueSize;
        this.threads = threads;
        int capacity = Math.toIntExact(blocks.blocks());
        this.roots = new BlockSet(capacity);
        this.visited = new BlockSet(capacity);
        this.unsummed = new BlockSet(capacity);
        this.frontier = new BlockSet(capacity);
        this.below = new BlockSet(capacity);
        this.table = new NodeTable(capacity);
    }

    /**
     * Adds the root of a tree to those that the next {@link #walk} visits; adding it twice makes no difference. By any
     * thread, but not during a walk.
     *
     * @return false if there is no such block
     */
    public boolean addRoot(long root) {
        if (!exists(root)) {
            return false;
        }
        roots.add(root);
        if (visited.add(root)) {
            frontier.add(root);
        }
        return true;
    }

    /** Visits all nodes below the roots added since the last walk, but none that an earlier walk has visited. */
    public void walk(Visitor visitor) {
        try (WalkCrew crew = new WalkCrew(threads)) {
            for (int depth = 0; depth < MAX_DEPTH && !frontier.isEmpty(); depth++) {
                crew.forEach(frontier, block -> visit(block, visitor));
                BlockSet done = frontier;
                frontier = below;
                below = done;
                below.clear();
            }
            crew.forEach(frontier, block -> tooDeep(block, visitor));
            frontier.clear();
            for (int pass = 0; pass < MAX_DEPTH && !unsummed.isEmpty(); pass++) {
                crew.forEach(unsummed, block -> sumUp(block, visitor));
            }
            crew.forEach(unsummed, block -> tooDeep(block, visitor));
            unsummed.clear();
        }
    }

    /** What the walk has found below a root, or below any other node that it has visited. */
    public Summary summary(long block) {
        if (!exists(block)) {
            return new Summary(0, 0, 0, 0, 1);
        }
        int b = (int) block;
        return new Summary(table.entries(b), table.low(b), table.high(b), Math.max(0, table.height(b)),
                table.errors(b));
    }

    /**
     * Counts an error of the visitor's own in a leaf, so that the summaries of all trees that it belongs to have it. To be
     * called by {@link Visitor#leaf}, for the leaf that it has got.
     */
    public void distrust(WalkedNode leaf) {
        table.addErrors((int) leaf.block(), 1);
    }

    private boolean exists(long block) {
        return block >= 0 && block < visited.capacity();
    }

    private void visit(int block, Visitor visitor) {
        Block locked = lock(block, visitor);
        if (locked == null) {
            return;
        }
        try (locked) {
            WalkedNode node = WalkedNode.of(block, locked.data());
            boolean leaf = node.isLeaf();
            if (!sound(node, leaf, visitor)) {
                return;
            }
            noteOddities(node, visitor);
            if (leaf) {
                visitor.leaf(node);
                int last = node.entries() - 1;
                table.set(block, 1, last < 0 ? 0 : node.key(0), last < 0 ? 0 : node.key(last), node.entries());
            } else {
                visitor.internal(node);
                unsummed.add(block);
                claimChildren(node);
            }
        }
    }

    private Block lock(int block, Visitor visitor) {
        try {
            return blocks.readLock(block, NodeValidator.NODE);
        } catch (CorruptionException e) {
            ruin(block, visitor, Kind.UNREADABLE, e.problem());
        } catch (DeviceException e) {
            ruin(block, visitor, Kind.UNREADABLE, e.getMessage());
        }
        return null;
    }

    /** Whether the entries of a node can be believed. */
    private boolean sound(WalkedNode node, boolean leaf, Visitor visitor) {
        int block = (int) node.block();
        int expected = leaf ? valueSize : NodeLayout.POINTER_SIZE;
        int wrong = node.firstNotAscending();
        if (node.valueSize() != expected) {
            ruin(block, visitor, Kind.WRONG_VALUE_SIZE,
                    "values of " + node.valueSize() + " bytes instead of " + expected);
        } else if (Node.maxEntries(node.data()) < NodeLayout.FEWEST_ENTRIES) {
            ruin(block, visitor, Kind.NO_ROOM,
                    "max_entries is " + Node.maxEntries(node.data()) + ", below " + NodeLayout.FEWEST_ENTRIES);
        } else if (node.entries() == 0 && !leaf) {
            ruin(block, visitor, Kind.NO_CHILDREN, "an internal node without entries");
        } else if (wrong > 0) {
            ruin(block, visitor, Kind.KEYS_OUT_OF_ORDER, "key " + wrong + " is "
                    + Long.toUnsignedString(node.key(wrong)) + " after " + Long.toUnsignedString(node.key(wrong - 1)));
        } else {
            return true;
        }
        return false;
    }

    private void noteOddities(WalkedNode node, Visitor visitor) {
        int block = (int) node.block();
        int capacity = Node.maxEntries(node.data());
        if (capacity % NodeLayout.FEWEST_ENTRIES != 0) {
            report(visitor, Kind.ODD_CAPACITY, path(block), "room for " + capacity + " entries, not a multiple of 3");
        }
        if (node.entries() < capacity / 3 && !roots.contains(block)) {
            report(visitor, Kind.UNDERFULL, path(block), node.entries() + " entries where " + capacity + " fit");
        }
    }

    private void claimChildren(WalkedNode node) {
        for (int i = 0; i < node.entries(); i++) {
            long child = node.longValue(i);
            if (exists(child) && visited.add(child)) {
                table.setParent((int) child, (int) node.block());
                below.add(child);
            }
        }
    }

    /** Completes an internal node if all its children are complete; otherwise it has to wait for the next pass. */
    private void sumUp(int block, Visitor visitor) {
        try (Block locked = blocks.readLock(block, NodeValidator.NODE)) {
            WalkedNode node = WalkedNode.of(block, locked.data());
            for (int i = 0; i < node.entries(); i++) {
                long child = node.longValue(i);
                if (exists(child) && table.height((int) child) == NodeTable.UNKNOWN) {
                    return;
                }
            }
            unsummed.remove(block);
            new Sum(block, node, visitor).complete();
        } catch (CorruptionException | DeviceException e) {
            unsummed.remove(block);
            ruin(block, visitor, Kind.UNREADABLE, "could not be read a second time: " + e.getMessage());
        }
    }

    /** Puts together what is known of a node's children. */
    private final class Sum {
        private final int block;
        private final WalkedNode node;
        private final Visitor visitor;
        private long total;
        private long high;
        private int height;
        private int errors;

        Sum(int block, WalkedNode node, Visitor visitor) {
            this.block = block;
            this.node = node;
            this.visitor = visitor;
        }

        void complete() {
            for (int i = 0; i < node.entries(); i++) {
                long child = node.longValue(i);
                if (!exists(child)) {
                    errors++;
                    report(visitor, Kind.BAD_POINTER, pathTo(child),
                            "points to a block beyond the " + visited.capacity() + " there are");
                } else {
                    errors = (int) Math.min(Integer.MAX_VALUE, (long) errors + table.errors((int) child));
                    if (table.height((int) child) != NodeTable.DAMAGED) {
                        add((int) child, i);
                    }
                }
            }
            table.addErrors(block, errors);
            table.set(block, height + 1, node.key(0), high, total);
        }

        private void add(int child, int slot) {
            if (height == 0) {
                height = table.height(child);
            } else if (height != table.height(child)) {
                errors++;
                report(visitor, Kind.UNEQUAL_DEPTH, pathTo(child), "its leaves are " + (table.height(child) - 1)
                        + " levels below it, those of the nodes before it " + (height - 1));
            }
            total += table.entries(child);
            if (table.entries(child) == 0) {
                return;
            }
            high = table.high(child);
            long bound = node.key(slot);
            if (Long.compareUnsigned(table.low(child), bound) < 0) {
                outOfBounds(child, "lowest key " + Long.toUnsignedString(table.low(child))
                        + " is below the parent's " + Long.toUnsignedString(bound));
            } else if (slot + 1 < node.entries() && Long.compareUnsigned(high, node.key(slot + 1)) >= 0) {
                outOfBounds(child, "highest key " + Long.toUnsignedString(high) + " reaches the next node's "
                        + Long.toUnsignedString(node.key(slot + 1)));
            }
        }

        private void outOfBounds(int child, String problem) {
            errors++;
            report(visitor, Kind.KEYS_OUT_OF_BOUNDS, pathTo(child), problem);
        }

        private List<Long> pathTo(long child) {
            List<Long> path = path(block);
            path.add(child);
            return path;
        }
    }

    private void tooDeep(int block, Visitor visitor) {
        ruin(block, visitor, Kind.TOO_DEEP, "leads into a cycle, or more than " + MAX_DEPTH + " levels down");
    }

    private void ruin(int block, Visitor visitor, Kind kind, String problem) {
        table.addErrors(block, 1);
        table.set(block, NodeTable.DAMAGED, 0, 0, 0);
        report(visitor, kind, path(block), problem);
    }

    private void report(Visitor visitor, Kind kind, List<Long> path, String problem) {
        long[] range = keysOf(path);
        visitor.damage(new TreeDamage(kind, path.getLast(), List.copyOf(path), range[0], range[1], problem));
    }

    /** The way by which a node was first reached. */
    private List<Long> path(int block) {
        List<Long> path = new ArrayList<>();
        for (int b = block; b >= 0 && path.size() <= MAX_DEPTH; b = roots.contains(b) ? -1 : table.parent(b)) {
            path.addFirst((long) b);
        }
        return path;
    }

    /** The keys that the nodes on a path leave to its end: the first, and the first beyond (0: none). */
    private long[] keysOf(List<Long> path) {
        long[] range = new long[2];
        for (int i = 0; i + 1 < path.size(); i++) {
            try (Block locked = blocks.readLock(path.get(i), NodeValidator.NODE)) {
                narrow(range, WalkedNode.of(path.get(i), locked.data()), path.get(i + 1));
            } catch (CorruptionException | DeviceException e) {
                return range; // what is known so far holds; that this node is damaged is reported where it is visited
            }
        }
        return range;
    }

    private static void narrow(long[] range, WalkedNode node, long child) {
        for (int i = 0; i < node.entries(); i++) {
            if (node.longValue(i) == child) {
                range[0] = node.key(i);
                if (i + 1 < node.entries()) {
                    range[1] = node.key(i + 1);
                }
                return;
            }
        }
    }
}
