package io.pdata.core.space;

import java.util.Arrays;
import java.util.BitSet;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongConsumer;
import java.util.function.Supplier;

/**
 * Keeps blocks that the writer has freed from being handed out again while a reader can still reach them.
 *
 * <p>Committed states are numbered by <i>epoch</i>. A reader of epoch {@code e} can reach a block iff the block was
 * allocated by then ({@code born <= e}) and freed later. Invariants:
 * <ul>
 * <li>A block is held iff some reader can reach it. So a long reader costs the blocks it can see, and not, as where only
 * the oldest reader counts, everything that is freed while it lasts.
 * <li>Each held block is in the list of the youngest reader that can reach it, and in no other.
 * <li>With no reader nothing is held, and allocation is exactly the kernel's.
 * </ul>
 *
 * <p>The allocator reports at each commit which blocks that transaction took into use and which it freed, and asks
 * {@link #holds} before it hands one out. Memory, from the first reader on: 8 bytes for each block of the device, and 4
 * for each held one. Thread-safe: readers come and go on any thread.
 */
public final class ReuseGuard {

    /** The readers of one epoch, and what is held for their sake. */
    private static final class Holder {
        final BlockList blocks = new BlockList();
        int readers;
    }

    private final TreeMap<Long, Holder> holders = new TreeMap<>();
    private final BitSet held = new BitSet();
    private final BlockList freed = new BlockList();
    private volatile boolean anyHeld;
    private long epoch;

    /** For each block the epoch it was allocated in; 0, "before anybody looked", if unknown. Null until needed. */
    private long[] born;

    /** Whether a block may not be handed out yet. O(1), and no lock when nothing is held. */
    public boolean holds(long block) {
        if (!anyHeld) {
            return false;
        }
        synchronized (this) {
            return held.get((int) block);
        }
    }

    /** The first block from {@code from} on that is not held. */
    public long nextNotHeld(long from) {
        if (!anyHeld) {
            return from;
        }
        synchronized (this) {
            return held.nextClearBit((int) from);
        }
    }

    /** Said by the allocator before a commit: the transaction has taken into use a block that was free. */
    public synchronized void allocated(long block) {
        if (born != null) {
            if (block >= born.length) {
                born = Arrays.copyOf(born, Math.toIntExact(Math.max(block + 1, born.length * 2L)));
            }
            born[(int) block] = epoch + 1;
        }
    }

    /** Said by the allocator before a commit: the transaction has freed a block that was in use at the last one. */
    public synchronized void freed(long block) {
        freed.add(Math.toIntExact(block));
    }

    /**
     * Said when a commit is durable.
     *
     * @param publish runs so that every reader sees either all of it or nothing
     * @param unreachable gets each block that the transaction has freed and no reader can reach
     */
    public synchronized void committed(Runnable publish, LongConsumer unreachable) {
        Map.Entry<Long, Holder> youngest = holders.lastEntry();
        for (int i = 0; i < freed.size(); i++) {
            int block = freed.get(i);
            if (hand(block, youngest)) {
                held.set(block);
                anyHeld = true;
            } else {
                unreachable.accept(block);
            }
        }
        freed.clear();
        epoch++;
        publish.run();
    }

    /** Said when a transaction is rolled back: what it freed is in use again. */
    public synchronized void rolledBack() {
        freed.clear();
    }

    /**
     * A reader's place.
     *
     * @param epoch the committed state it reads
     * @param state what was captured with it
     */
    public record Entry<T>(long epoch, T state) {}

    /** Begins a reader of the last committed state, as {@code capture} sees it; ends with {@link #leave}. */
    public synchronized <T> Entry<T> enter(Supplier<T> capture) {
        T state = capture.get();
        if (born == null) {
            born = new long[1024];
        }
        holders.computeIfAbsent(epoch, _ -> new Holder()).readers++;
        return new Entry<>(epoch, state);
    }

    /** Ends a reader. What only it could reach may be handed out from now on. O(blocks held for its epoch). */
    public synchronized void leave(long readerEpoch) {
        Holder holder = holders.get(readerEpoch);
        if (--holder.readers > 0) {
            return;
        }
        holders.remove(readerEpoch);
        Map.Entry<Long, Holder> older = holders.lowerEntry(readerEpoch);
        for (int i = 0; i < holder.blocks.size(); i++) {
            int block = holder.blocks.get(i);
            if (!hand(block, older)) {
                held.clear(block);
            }
        }
        anyHeld = !held.isEmpty();
    }

    /** Gives a freed block to the youngest reader that may reach it, if that one can: older ones then cannot either. */
    private boolean hand(int block, Map.Entry<Long, Holder> reader) {
        boolean reachable = reader != null && (block >= born.length || born[block] <= reader.getKey());
        if (reachable) {
            reader.getValue().blocks.add(block);
        }
        return reachable;
    }

    /** How many blocks are held back. */
    public synchronized long heldBlocks() {
        return held.cardinality();
    }

    /** How many readers are active. */
    public synchronized int readers() {
        return holders.values().stream().mapToInt(holder -> holder.readers).sum();
    }

    /** A growing list of block numbers. */
    private static final class BlockList {
        private int[] blocks = new int[16];
        private int size;

        void add(int block) {
            if (size == blocks.length) {
                blocks = Arrays.copyOf(blocks, 2 * size);
            }
            blocks[size++] = block;
        }

        int get(int i) {
            return blocks[i];
        }

        int size() {
            return size;
        }

        void clear() {
            size = 0;
        }
    }
}
