package io.pdata.core.btree;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * What a {@link TreeWalker} remembers of the nodes it has seen: 25 bytes each, taken in chunks as nodes turn up, and 4
 * more for each node of a chunk with errors.
 *
 * <p>Invariant: a node's other fields are written before its height, by one thread, and read by others only after they
 * have seen a height that is not {@link #UNKNOWN}.
 */
final class NodeTable {
    /** Height of a node that has not been summed up yet. */
    static final int UNKNOWN = 0;
    /** Height of a node that could not be used. */
    static final int DAMAGED = -1;

    private static final int CHUNK = 512;
    private static final VarHandle HEIGHT = MethodHandles.arrayElementVarHandle(byte[].class);

    private static final class Chunk {
        final long[] low = new long[CHUNK];
        final long[] high = new long[CHUNK];
        final int[] entries = new int[CHUNK];
        final int[] parent = new int[CHUNK];
        final byte[] height = new byte[CHUNK];
        volatile int[] errors;
    }

    private final AtomicReferenceArray<Chunk> chunks;

    NodeTable(int blocks) {
        chunks = new AtomicReferenceArray<>(blocks / CHUNK + 1);
    }

    private Chunk chunk(int block) {
        Chunk chunk = chunks.get(block / CHUNK);
        if (chunk == null) {
            Chunk made = new Chunk();
            Chunk other = chunks.compareAndExchange(block / CHUNK, null, made);
            chunk = other == null ? made : other;
        }
        return chunk;
    }

    /** Where a node was first reached from; seen by other threads from the next layer on. */
    void setParent(int block, int parent) {
        chunk(block).parent[block % CHUNK] = parent + 1;
    }

    /** The node this one was first reached from, or -1 for a root. */
    int parent(int block) {
        return chunk(block).parent[block % CHUNK] - 1;
    }

    /** 1 for a leaf, one more for each level above, {@link #UNKNOWN} or {@link #DAMAGED}. */
    int height(int block) {
        return (byte) HEIGHT.getAcquire(chunk(block).height, block % CHUNK);
    }

    /** The lowest key, or what a parent gave as its bound; meaningless if there are no entries. */
    long low(int block) {
        return chunk(block).low[block % CHUNK];
    }

    long high(int block) {
        return chunk(block).high[block % CHUNK];
    }

    /** Entries in the leaves below; stays at 2^32 - 1 once it is there. */
    long entries(int block) {
        return Integer.toUnsignedLong(chunk(block).entries[block % CHUNK]);
    }

    int errors(int block) {
        int[] errors = chunk(block).errors;
        return errors == null ? 0 : errors[block % CHUNK];
    }

    /** Adds to the errors counted in and below a node; called by the one thread that is working on it. */
    void addErrors(int block, int more) {
        if (more == 0) {
            return;
        }
        Chunk chunk = chunk(block);
        synchronized (chunk) {
            if (chunk.errors == null) {
                chunk.errors = new int[CHUNK];
            }
        }
        chunk.errors[block % CHUNK] = (int) Math.min(Integer.MAX_VALUE, (long) chunk.errors[block % CHUNK] + more);
    }

    /** Completes what is known of a node. */
    void set(int block, int height, long low, long high, long entries) {
        Chunk chunk = chunk(block);
        int i = block % CHUNK;
        chunk.low[i] = low;
        chunk.high[i] = high;
        chunk.entries[i] = (int) Math.min(0xFFFF_FFFFL, entries);
        HEIGHT.setRelease(chunk.height, i, (byte) height);
    }
}
