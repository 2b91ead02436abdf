package io.pdata.tools.check;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Counts references to blocks, for any number of blocks and threads, in little memory.
 *
 * <p>Blocks are counted in chunks of {@value #CHUNK}. A chunk takes no memory before its first block is referred to;
 * then it takes 2 bits for each block as long as no count in it exceeds 3, after that 8, 16 or 32 bits as the largest
 * count needs. So the memory is at most a quarter of a byte for each block where nothing is shared more than three
 * times, and never more than 4 bytes; the directory takes 8 bytes for each chunk in stretches of 13 million blocks that
 * are used at all.
 *
 * <p>Thread-safe: each change locks one chunk. What is read while others still count is some recent value.
 */
public final class ReferenceCounts {
    /** Blocks in a chunk; five make a bitmap of 16320, and it is a multiple of {@link #PACKED}. */
    static final int CHUNK = 3264;
    /** How many counts {@link #packed} returns. */
    public static final int PACKED = 32;
    /** Larger counts are not distinguished. */
    public static final long MAX_COUNT = 0xFFFF_FFFFL;

    private static final int PAGE = 4096;
    private static final long LOW_BITS = 0x5555_5555_5555_5555L;

    private final long blocks;
    private final AtomicReferenceArray<AtomicReferenceArray<Chunk>> pages;

    /** Counts of {@code blocks} blocks, all 0; at most 2^44 blocks. */
    public ReferenceCounts(long blocks) {
        this.blocks = blocks;
        this.pages = new AtomicReferenceArray<>(Math.toIntExact(blocks / CHUNK / PAGE + 1));
    }

    /** A copy that counts for itself. Nothing may be counted while it is made. */
    public ReferenceCounts copy() {
        ReferenceCounts copy = new ReferenceCounts(blocks);
        for (int p = 0; p < pages.length(); p++) {
            AtomicReferenceArray<Chunk> page = pages.get(p);
            if (page != null) {
                AtomicReferenceArray<Chunk> pageCopy = new AtomicReferenceArray<>(PAGE);
                for (int i = 0; i < PAGE; i++) {
                    Chunk chunk = page.get(i);
                    pageCopy.set(i, chunk == null ? null : chunk.copy());
                }
                copy.pages.set(p, pageCopy);
            }
        }
        return copy;
    }

    /** How many blocks are counted. */
    public long blocks() {
        return blocks;
    }

    /** Adds one reference; a block that is not counted is passed over, and false returned. */
    public boolean inc(long block) {
        if (block < 0 || block >= blocks) {
            return false;
        }
        int i = (int) (block % CHUNK);
        chunk(block / CHUNK).inc(i, i + 1);
        return true;
    }

    /**
     * Adds one reference to each of the first {@code n} of {@code list}, all of which must be counted. Locks a chunk
     * once for all neighbours in the list that are in it.
     */
    public void inc(long[] list, int n) {
        for (int i = 0; i < n;) {
            long chunk = list[i] / CHUNK;
            i = chunk(chunk).inc(list, i, n, chunk * CHUNK);
        }
    }

    /** Adds one reference to each block from {@code begin} to before {@code end}, all of which must be counted. */
    public void incAll(long begin, long end) {
        for (long at = begin; at < end;) {
            long chunk = at / CHUNK;
            long stop = Math.min(end, (chunk + 1) * CHUNK);
            chunk(chunk).inc((int) (at - chunk * CHUNK), (int) (stop - chunk * CHUNK));
            at = stop;
        }
    }

    /** Takes away one reference of a block that has one. */
    public void dec(long block) {
        chunk(block / CHUNK).dec((int) (block % CHUNK));
    }

    /** How many references a block has. */
    public long get(long block) {
        Chunk chunk = chunkIfAny(block / CHUNK);
        return chunk == null ? 0 : chunk.get((int) (block % CHUNK));
    }

    /**
     * The counts of {@value #PACKED} blocks from {@code first} on, a multiple of {@value #PACKED}: two bits each, the
     * first block's lowest, with 3 for 3 and more.
     */
    public long packed(long first) {
        Chunk chunk = chunkIfAny(first / CHUNK);
        return chunk == null ? 0 : chunk.packed((int) (first % CHUNK));
    }

    /**
     * The counts of {@code n} times {@value #PACKED} blocks from {@code first} on, as {@link #packed(long)} has them,
     * in as many places of an array. Looks for each chunk once.
     */
    public void packed(long first, long[] into, int n) {
        for (int i = 0; i < n;) {
            long block = first + (long) i * PACKED;
            Chunk chunk = chunkIfAny(block / CHUNK);
            int at = (int) (block % CHUNK);
            int many = Math.min(n - i, (CHUNK - at) / PACKED);
            if (chunk == null) {
                Arrays.fill(into, i, i + many, 0);
            } else {
                chunk.packed(at, into, i, many);
            }
            i += many;
        }
    }

    private Chunk chunkIfAny(long index) {
        AtomicReferenceArray<Chunk> page = pages.get((int) (index / PAGE));
        return page == null ? null : page.get((int) (index % PAGE));
    }

    private Chunk chunk(long index) {
        Chunk chunk = chunkIfAny(index);
        if (chunk != null) {
            return chunk;
        }
        int p = (int) (index / PAGE);
        AtomicReferenceArray<Chunk> page = pages.get(p);
        if (page == null) {
            AtomicReferenceArray<Chunk> made = new AtomicReferenceArray<>(PAGE);
            AtomicReferenceArray<Chunk> other = pages.compareAndExchange(p, null, made);
            page = other == null ? made : other;
        }
        Chunk made = new Chunk();
        Chunk other = page.compareAndExchange((int) (index % PAGE), null, made);
        return other == null ? made : other;
    }

    /** The counts of one chunk, {@code bits} bits each: 2, 8, 16 or 32. */
    private static final class Chunk {
        private long[] words = new long[CHUNK * 2 / Long.SIZE];
        private int bits = 2;

        synchronized Chunk copy() {
            Chunk copy = new Chunk();
            copy.words = words.clone();
            copy.bits = bits;
            return copy;
        }

        synchronized long get(int i) {
            return value(words, bits, i);
        }

        synchronized long packed(int first) {
            if (bits == 2) {
                return words[first / PACKED];
            }
            long packed = 0;
            for (int i = 0; i < PACKED; i++) {
                packed |= Math.min(3, value(words, bits, first + i)) << 2 * i;
            }
            return packed;
        }

        synchronized void packed(int first, long[] into, int at, int n) {
            if (bits == 2) {
                System.arraycopy(words, first / PACKED, into, at, n);
                return;
            }
            for (int i = 0; i < n; i++) {
                into[at + i] = packed(first + i * PACKED);
            }
        }

        /** Counts from {@code list[from]} on as long as blocks are in this chunk; returns where that ends. */
        synchronized int inc(long[] list, int from, int n, long base) {
            int i = from;
            while (i < n) {
                long block = list[i] - base;
                if (block < 0 || block >= CHUNK) {
                    break;
                }
                incOne((int) block);
                i++;
            }
            return i;
        }

        /** Most counts have room; that case comes first, and needs no call. */
        private void incOne(int block) {
            int shift = 2 * (block % PACKED);
            int w = block / PACKED;
            if (bits == 2 && (words[w] >>> shift & 3) != 3) {
                words[w] += 1L << shift;
            } else {
                add(block, block + 1);
            }
        }

        synchronized void inc(int from, int to) {
            add(from, to);
        }

        private void add(int from, int to) {
            int i = from;
            while (i < to && bits == 2) {
                i = incWord(i, to);
            }
            for (; i < to; i++) {
                incWide(i);
            }
        }

        /** Adds one to all counts up to the end of a word at once, unless one of them has no room: then widens. */
        private int incWord(int from, int to) {
            int w = from / PACKED;
            int end = Math.min(to, (w + 1) * PACKED);
            long ones = LOW_BITS >>> Long.SIZE - 2 * (end - from) << 2 * (from % PACKED);
            if ((words[w] & words[w] >>> 1 & ones) != 0) {
                widen();
                return from;
            }
            words[w] += ones;
            return end;
        }

        synchronized void dec(int i) {
            if (value(words, bits, i) == 0) {
                throw new IllegalStateException("there is no reference to take away");
            }
            int perWord = Long.SIZE / bits;
            words[i / perWord] -= 1L << i % perWord * bits;
        }

        private void incWide(int i) {
            long count = value(words, bits, i);
            if (count == MAX_COUNT) {
                return;
            }
            if (count + 1 >>> bits != 0) {
                widen();
            }
            int perWord = Long.SIZE / bits;
            words[i / perWord] += 1L << i % perWord * bits;
        }

        private void widen() {
            int wider = bits == 2 ? 8 : bits * 2;
            long[] copy = new long[CHUNK * wider / Long.SIZE];
            int perWord = Long.SIZE / wider;
            for (int i = 0; i < CHUNK; i++) {
                copy[i / perWord] |= value(words, bits, i) << i % perWord * wider;
            }
            words = copy;
            bits = wider;
        }

        private static long value(long[] words, int bits, int i) {
            int perWord = Long.SIZE / bits;
            return words[i / perWord] >>> i % perWord * bits & (1L << bits) - 1;
        }
    }
}
