package io.pdata.reliability.disk;

import io.pdata.core.device.Device;
import io.pdata.core.device.DeviceException;
import io.pdata.reliability.disk.Event.Kind;
import io.pdata.reliability.disk.FaultPlan.Operation;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashSet;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * A disk with a volatile cache, which can fail, lie and rot as a {@link FaultPlan} says, and which records what is done to
 * it: its {@link History} rebuilds what a power cut at any moment could have left.
 *
 * <p>The unit of everything is the sector of 512 bytes: it is written as a whole or not at all, and until the next flush
 * nothing is known about which sectors are on the medium, whatever the order in which they were written.
 *
 * <p>Chance - which sectors a partial write has written, what is left of discarded data - comes from a seed. Thread-safe;
 * deterministic as far as the order of the calls is. Errors: {@link DeviceException}, in the words of
 * {@link io.pdata.core.device.FileDevice}.
 */
public final class SimulatedDisk implements Device {
    public static final int SECTOR_SIZE = 512;

    private static final int STORAGE_UNIT = 4096;

    private final String name;
    private final SplittableRandom random;
    private final History history;
    private final BitSet stored = new BitSet();
    /** Sectors that a flush has given up: as clean as any other, but not on the medium. */
    private final Set<Long> forgotten = new HashSet<>();
    private final Set<Long> unflushed = new HashSet<>();
    private byte[] content;
    private FaultPlan plan = new FaultPlan();
    private long reads;
    private long writes;
    private long flushes;
    private boolean closed;

    /** A disk of zeroes; the size is a multiple of {@link #SECTOR_SIZE}. */
    public SimulatedDisk(long size, long seed) {
        this(new byte[wholeSectors(size)], seed);
    }

    /** A disk with a content, which is copied, and durable. */
    public SimulatedDisk(byte[] image, long seed) {
        wholeSectors(image.length);
        this.name = "simulated disk of seed " + seed;
        this.random = new SplittableRandom(seed);
        this.content = image.clone();
        this.history = new History(image.clone());
    }

    private static int wholeSectors(long size) {
        if (size % SECTOR_SIZE != 0) {
            throw new IllegalArgumentException("a disk of " + size + " bytes: not a multiple of " + SECTOR_SIZE);
        }
        return Math.toIntExact(size);
    }

    /** From now on goes wrong as a plan says. */
    public synchronized void follow(FaultPlan newPlan) {
        plan = newPlan;
    }

    /** What was done since the disk was made. To be read while nobody uses the disk. */
    public History history() {
        return history;
    }

    /** A copy of what reading would return. */
    public synchronized byte[] content() {
        return content.clone();
    }

    /** How many reads there have been, failed ones included. */
    public synchronized long reads() {
        return reads;
    }

    /** How many writes there have been - zeroing, discarding and resizing included - and failed ones. */
    public synchronized long writes() {
        return writes;
    }

    /** How many flushes there have been, failed ones included. */
    public synchronized long flushes() {
        return flushes;
    }

    /** Makes a closed disk usable again; its cache has lost nothing. */
    public synchronized SimulatedDisk reopen() {
        closed = false;
        return this;
    }

    /** Inverts bits of a byte where it is stored, in the cache and on the medium. */
    public synchronized void rot(long position, int mask) {
        Objects.checkIndex(position, (long) content.length);
        content[(int) position] ^= (byte) mask;
        history.add(new Event(Kind.ROT, position, mask, new long[0], new byte[0][]));
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public synchronized long size() {
        return content.length;
    }

    @Override
    public boolean readOnly() {
        return false;
    }

    @Override
    public synchronized void read(long position, MemorySegment target) {
        check(position, target.byteSize());
        reads++;
        if (plan.fails(Operation.READ, plan.next(Operation.READ))) {
            throw failed("read", position, "simulated error");
        }
        MemorySegment.copy(MemorySegment.ofArray(content), position, target, 0, target.byteSize());
        plan.flips().forEach((at, mask) -> {
            if (at >= position && at < position + target.byteSize()) {
                byte read = target.get(ValueLayout.JAVA_BYTE, at - position);
                target.set(ValueLayout.JAVA_BYTE, at - position, (byte) (read ^ mask));
            }
        });
    }

    @Override
    public synchronized void write(long position, MemorySegment source) {
        check(position, source.byteSize());
        change(Kind.WRITE, position, source.toArray(ValueLayout.JAVA_BYTE));
    }

    @Override
    public synchronized void zero(long position, long length) {
        check(position, length);
        change(Kind.ZERO, position, new byte[Math.toIntExact(length)]);
    }

    /** Some sectors read as zeroes afterwards, others as before. */
    @Override
    public synchronized void discard(long position, long length) {
        check(position, length);
        byte[] left = Arrays.copyOfRange(content, (int) position, (int) (position + length));
        for (int from = 0; from < left.length;) {
            int to = Math.min(left.length, from + SECTOR_SIZE - (int) ((position + from) % SECTOR_SIZE));
            if (random.nextBoolean()) {
                Arrays.fill(left, from, to, (byte) 0);
            }
            from = to;
        }
        change(Kind.DISCARD, position, left);
    }

    @Override
    public synchronized void resize(long size, boolean reserve) {
        check(0, 0);
        writes++;
        if (plan.fails(Operation.WRITE, plan.next(Operation.WRITE))) {
            throw failed("resize", size, "simulated error");
        }
        if (reserve && !plan.fits(size)) {
            throw failed("resize", size, "no space left on device");
        }
        int newLength = wholeSectors(size);
        int kept = Math.min(newLength, content.length);
        byte[] before = Arrays.copyOfRange(content, kept, content.length);
        Arrays.fill(content, kept, content.length, (byte) 0);
        history.add(changed(Kind.RESIZE, size, 0, kept, before));
        content = Arrays.copyOf(content, newLength);
    }

    @Override
    public synchronized void flush() {
        check(0, 0);
        flushes++;
        long n = plan.next(Operation.FLUSH);
        if (plan.fails(Operation.FLUSH, n)) {
            if (plan.losesFlushed()) {
                forgotten.addAll(unflushed);
                unflushed.clear();
            }
            history.add(Event.of(plan.losesFlushed() ? Kind.LOSING_FLUSH : Kind.FAILED_FLUSH));
            throw failed("flush", 0, "simulated error");
        }
        if (plan.ignoresFlush(n)) {
            history.add(Event.of(Kind.IGNORED_FLUSH));
        } else {
            unflushed.clear();
            history.add(Event.of(Kind.FLUSH));
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
    }

    private void change(Kind kind, long position, byte[] data) {
        writes++;
        long n = plan.next(Operation.WRITE);
        boolean fails = plan.fails(Operation.WRITE, n);
        if (fails && !plan.writesPartially()) {
            throw failed(kind.name().toLowerCase(Locale.ROOT), position, "simulated error");
        }
        if (!fails && plan.losesWrite(n)) {
            return;
        }
        long destination = plan.destination(n, position);
        check(destination, data.length);
        reserve(kind, destination, data.length);
        int first = (int) destination / SECTOR_SIZE * SECTOR_SIZE;
        byte[] before = Arrays.copyOfRange(content, first,
                Math.ceilDiv((int) destination + data.length, SECTOR_SIZE) * SECTOR_SIZE);
        System.arraycopy(data, 0, content, (int) destination, data.length);
        if (fails) {
            restoreSome(first, before);
        }
        history.add(changed(kind, destination, data.length, first, before));
        if (fails) {
            throw failed(kind.name().toLowerCase(Locale.ROOT), position, "simulated error");
        }
    }

    /** Undoes the change of some sectors, by chance: those that a failed write did not come to. */
    private void restoreSome(int first, byte[] before) {
        for (int at = 0; at < before.length; at += SECTOR_SIZE) {
            if (random.nextBoolean()) {
                System.arraycopy(before, at, content, first + at, SECTOR_SIZE);
            }
        }
    }

    private void reserve(Kind kind, long position, int length) {
        if (length == 0 || kind == Kind.DISCARD) {
            return;
        }
        int first = (int) (position / STORAGE_UNIT);
        int end = (int) ((position + length - 1) / STORAGE_UNIT) + 1;
        int more = end - first - stored.get(first, end).cardinality();
        if (more > 0 && !plan.fits((long) (stored.cardinality() + more) * STORAGE_UNIT)) {
            throw failed(kind.name().toLowerCase(Locale.ROOT), position, "no space left on device");
        }
        stored.set(first, end);
    }

    /** The event of a change of whole sectors: only those that differ, or that have to be written again. */
    private Event changed(Kind kind, long position, long length, int first, byte[] before) {
        long[] sectors = new long[before.length / SECTOR_SIZE];
        byte[][] contents = new byte[sectors.length][];
        int count = 0;
        for (int at = 0; at < before.length; at += SECTOR_SIZE) {
            int begin = first + at;
            long sector = begin / SECTOR_SIZE;
            boolean same = Arrays.equals(content, begin, begin + SECTOR_SIZE, before, at, at + SECTOR_SIZE);
            if (forgotten.remove(sector) || !same) {
                unflushed.add(sector);
                sectors[count] = sector;
                contents[count++] = Arrays.copyOfRange(content, begin, begin + SECTOR_SIZE);
            }
        }
        return new Event(kind, position, length, Arrays.copyOf(sectors, count), Arrays.copyOf(contents, count));
    }

    private DeviceException failed(String operation, long position, String reason) {
        return new DeviceException(name + ": " + operation + " at byte " + position + " failed: " + reason);
    }

    private void check(long position, long length) {
        if (closed) {
            throw new DeviceException(name + " is closed");
        }
        Objects.checkFromIndexSize(position, length, (long) content.length);
    }
}
