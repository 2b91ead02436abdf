package io.pdata.reliability.crash;

import io.pdata.core.block.Bytes;
import io.pdata.core.device.Device;
import io.pdata.reliability.disk.CrashPoint;
import io.pdata.reliability.disk.SimulatedDisk;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Objects;

/**
 * One buffer for all the states of a crash point, one after the other, as a device: what is written to it is forgotten with
 * {@link #forgetChanges}. Knows the hash of each block, and which blocks were read before they were written.
 *
 * <p>Reading and writing by any thread, all else by one.
 */
final class CrashImage implements Device {
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long ODD = 0x9E37_79B9_7F4A_7C15L;

    private byte[] base = new byte[0];
    private long baseSize;
    private CrashPoint point;
    private int[] state;
    private long[] hashes = new long[0];
    private boolean[] stale = new boolean[0];

    private long size;
    private byte[][] overlay = new byte[0][];
    private final BitSet seen = new BitSet();

    /** Becomes the state of a crash point in which nothing was kept. */
    void load(CrashPoint newPoint) {
        point = newPoint;
        state = newPoint.nothingKept();
        byte[] durable = newPoint.durable();
        if (base.length != durable.length) {
            base = new byte[durable.length];
            hashes = new long[base.length / Bytes.BLOCK_SIZE];
            stale = new boolean[hashes.length];
        }
        System.arraycopy(durable, 0, base, 0, base.length);
        Arrays.fill(stale, true);
        baseSize = newPoint.sizes().getFirst();
        forgetChanges();
    }

    /** Becomes another state of the same crash point. */
    void become(int[] wanted) {
        for (int i = 0; i < point.sectors().size(); i++) {
            if (state[i] != wanted[i]) {
                state[i] = wanted[i];
                CrashPoint.Sector sector = point.sectors().get(i);
                int at = (int) (sector.number() * SimulatedDisk.SECTOR_SIZE);
                System.arraycopy(sector.versions().get(wanted[i]), 0, base, at, SimulatedDisk.SECTOR_SIZE);
                stale[at / Bytes.BLOCK_SIZE] = true;
            }
        }
        if (point.sizes().size() > 1) {
            baseSize = point.sizes().get(wanted[wanted.length - 1]);
        }
        forgetChanges();
    }

    /** Undoes all writes since {@link #become}; nothing counts as read any more. */
    void forgetChanges() {
        size = baseSize;
        overlay = new byte[hashes.length][];
        seen.clear();
    }

    /** The content as the crash left it. */
    byte[] image() {
        return Arrays.copyOf(base, (int) baseSize);
    }

    /** How many blocks the crash left. */
    int blocks() {
        return (int) (baseSize / Bytes.BLOCK_SIZE);
    }

    /** The blocks of the crash's image that were read before they were written. */
    int[] blocksSeen() {
        return seen.stream().toArray();
    }

    /** A hash of what the crash left of a block. */
    long hash(int block) {
        if (stale[block]) {
            hashes[block] = hash(base, block * Bytes.BLOCK_SIZE);
            stale[block] = false;
        }
        return hashes[block];
    }

    /** A hash of the whole image. O(blocks) */
    long hash() {
        long sum = baseSize;
        for (int block = 0; block < blocks(); block++) {
            sum += mix(hash(block) + block * ODD);
        }
        return sum;
    }

    private static long hash(byte[] bytes, int from) {
        long a = 1;
        long b = 2;
        for (int at = from; at < from + Bytes.BLOCK_SIZE; at += 2 * Long.BYTES) {
            a = (a ^ (long) LONG.get(bytes, at)) * ODD;
            b = (b ^ (long) LONG.get(bytes, at + Long.BYTES)) * ODD;
            a ^= a >>> 32;
            b ^= b >>> 32;
        }
        return mix(a) + 31 * mix(b);
    }

    private static long mix(long value) {
        long mixed = (value ^ value >>> 30) * 0xBF58_476D_1CE4_E5B9L;
        mixed = (mixed ^ mixed >>> 27) * 0x94D0_49BB_1331_11EBL;
        return mixed ^ mixed >>> 31;
    }

    @Override
    public String name() {
        return "what the crash left";
    }

    @Override
    public synchronized long size() {
        return size;
    }

    @Override
    public boolean inMemory() {
        return true;
    }

    @Override
    public boolean readOnly() {
        return false;
    }

    @Override
    public synchronized void read(long position, MemorySegment target) {
        Objects.checkFromIndexSize(position, target.byteSize(), size);
        forEachPiece(position, target.byteSize(), (block, at, done, length) -> {
            byte[] written = overlay[block];
            if (written == null) {
                seen.set(block);
            }
            MemorySegment.copy(MemorySegment.ofArray(written == null ? base : written),
                    written == null ? (long) block * Bytes.BLOCK_SIZE + at : at, target, done, length);
        });
    }

    @Override
    public synchronized void write(long position, MemorySegment source) {
        Objects.checkFromIndexSize(position, source.byteSize(), size);
        forEachPiece(position, source.byteSize(), (block, at, done, length) -> {
            if (overlay[block] == null) {
                if (length < Bytes.BLOCK_SIZE) {
                    seen.set(block); // what is left of it may be read later
                }
                int from = block * Bytes.BLOCK_SIZE;
                overlay[block] = Arrays.copyOfRange(base, from, from + Bytes.BLOCK_SIZE);
            }
            MemorySegment.copy(source, done, MemorySegment.ofArray(overlay[block]), at, length);
        });
    }

    private interface Piece {
        void accept(int block, int at, long done, int length);
    }

    private static void forEachPiece(long position, long length, Piece piece) {
        for (long done = 0; done < length;) {
            int at = (int) ((position + done) % Bytes.BLOCK_SIZE);
            int n = (int) Math.min(Bytes.BLOCK_SIZE - at, length - done);
            piece.accept((int) ((position + done) / Bytes.BLOCK_SIZE), at, done, n);
            done += n;
        }
    }

    @Override
    public void flush() {
        // there are no crashes here
    }

    @Override
    public void discard(long position, long length) {
        zero(position, length);
    }

    @Override
    public void zero(long position, long length) {
        write(position, MemorySegment.ofArray(new byte[(int) length]));
    }

    @Override
    public synchronized void resize(long newSize, boolean reserve) {
        int blocks = (int) (newSize / Bytes.BLOCK_SIZE);
        int before = (int) (size / Bytes.BLOCK_SIZE);
        overlay = Arrays.copyOf(overlay, Math.max(blocks, overlay.length));
        for (int block = before; block < blocks; block++) {
            overlay[block] = new byte[Bytes.BLOCK_SIZE];
        }
        size = newSize;
    }

    /** Does nothing: the next may look at the same image. */
    @Override
    public void close() {
        // kept
    }
}
