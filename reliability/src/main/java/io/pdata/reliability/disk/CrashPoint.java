package io.pdata.reliability.disk;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/**
 * What a power cut at one moment can leave of a disk: every sector that was changed since it was durable is independently
 * as it was then, as it was written last, or anything in between.
 *
 * <p>Each such <i>state</i> is a choice: for each {@linkplain #sectors sector} the number of one of its versions, and, if
 * the size was changed too, the number of a size as the last element.
 */
public final class CrashPoint {
    private static final int SECTORS_PER_BLOCK = 8;
    private static final long MANY = Long.MAX_VALUE;

    private final int position;
    private final byte[] durable;
    private final List<Long> sizes;
    private final List<Sector> sectors;

    /**
     * A sector that was changed since it was durable.
     *
     * @param number in units of {@link SimulatedDisk#SECTOR_SIZE}
     * @param versions what it may contain: first the durable content, last what was written last
     */
    public record Sector(long number, List<byte[]> versions) {}

    CrashPoint(int position, byte[] durable, List<Long> sizes, List<Sector> sectors) {
        this.position = position;
        this.durable = durable;
        this.sizes = sizes;
        this.sectors = sectors;
    }

    /** How many events had happened. */
    public int position() {
        return position;
    }

    /** The content if all is lost that can be lost; may be longer than the disk. Not to be changed. */
    public byte[] durable() {
        return durable;
    }

    /** The sectors that were changed, in the order in which that happened first. */
    public List<Sector> sectors() {
        return sectors;
    }

    /** The sizes that the disk may have, the durable one first. */
    public List<Long> sizes() {
        return sizes;
    }

    /** How many states there are; {@link Long#MAX_VALUE} for more than that. */
    public long states() {
        long product = 1;
        for (int versions : radices()) {
            if (product > MANY / versions) {
                return MANY;
            }
            product *= versions;
        }
        return product;
    }

    private int[] radices() {
        int[] radices = new int[sectors.size() + (sizes.size() > 1 ? 1 : 0)];
        Arrays.fill(radices, sizes.size());
        for (int i = 0; i < sectors.size(); i++) {
            radices[i] = sectors.get(i).versions().size();
        }
        return radices;
    }

    /** The content of the disk in one state. */
    public byte[] image(int[] state) {
        long size = sizes.size() > 1 ? sizes.get(state[sectors.size()]) : sizes.getFirst();
        byte[] image = Arrays.copyOf(durable, Math.toIntExact(size));
        for (int i = 0; i < sectors.size(); i++) {
            long at = sectors.get(i).number() * SimulatedDisk.SECTOR_SIZE;
            if (at < size) {
                byte[] content = sectors.get(i).versions().get(state[i]);
                System.arraycopy(content, 0, image, (int) at, (int) Math.min(content.length, size - at));
            }
        }
        return image;
    }

    /** The state in which nothing that could be lost has been kept. */
    public int[] nothingKept() {
        return new int[radices().length];
    }

    /** The state in which everything has been kept. */
    public int[] allKept() {
        int[] state = radices();
        for (int i = 0; i < state.length; i++) {
            state[i]--;
        }
        return state;
    }

    /**
     * One of the states, by chance: nearly everything lost, nearly everything kept and all between is equally likely; in
     * half of them blocks of 4096 bytes are torn, in the other half kept or lost as a whole.
     */
    public int[] randomState(SplittableRandom random) {
        int[] latest = allKept();
        int[] state = new int[latest.length];
        double share = random.nextDouble();
        boolean torn = random.nextBoolean();
        Map<Long, Boolean> kept = new LinkedHashMap<>();
        for (int i = 0; i < state.length; i++) {
            long unit = torn || i >= sectors.size() ? -i : 1 + sectors.get(i).number() / SECTORS_PER_BLOCK;
            if (kept.computeIfAbsent(unit, _ -> random.nextDouble() < share)) {
                state[i] = torn && latest[i] > 1 ? 1 + random.nextInt(latest[i]) : latest[i];
            }
        }
        return state;
    }

    /**
     * Visits states: all of them if there are at most {@code limit}; otherwise nothing and all kept, each sector and each
     * block of 4096 bytes alone lost and alone kept, each prefix of the sectors in the order in which they were written,
     * and as many random ones as it takes to make {@code limit}, if those were fewer.
     *
     * @param visitor gets an array that it must not keep
     * @return how many have been visited
     */
    public long forEachState(long limit, long seed, Consumer<int[]> visitor) {
        long states = states();
        if (states <= limit) {
            forAll(visitor);
            return states;
        }
        long visited = forTypical(visitor);
        SplittableRandom random = new SplittableRandom(seed);
        for (; visited < limit; visited++) {
            visitor.accept(randomState(random));
        }
        return visited;
    }

    private void forAll(Consumer<int[]> visitor) {
        int[] radices = radices();
        int[] state = new int[radices.length];
        int digit;
        do {
            visitor.accept(state);
            for (digit = 0; digit < state.length && ++state[digit] == radices[digit]; digit++) {
                state[digit] = 0;
            }
        } while (digit < state.length);
    }

    private long forTypical(Consumer<int[]> visitor) {
        int[] all = allKept();
        int[] none = nothingKept();
        long visited = 0;
        int[] prefix = none.clone();
        visitor.accept(prefix);
        for (int i = 0; i < prefix.length; i++) {
            prefix[i] = all[i];
            visitor.accept(prefix);
        }
        visited += prefix.length + 1;
        for (List<Integer> unit : units()) {
            visitor.accept(mixed(all, none, unit));
            visitor.accept(mixed(none, all, unit));
            visited += 2;
        }
        return visited;
    }

    private static int[] mixed(int[] most, int[] some, List<Integer> unit) {
        int[] state = most.clone();
        unit.forEach(i -> state[i] = some[i]);
        return state;
    }

    /** Each sector, each block of several changed sectors, and the size. */
    private List<List<Integer>> units() {
        List<List<Integer>> units = new ArrayList<>();
        Map<Long, List<Integer>> blocks = new LinkedHashMap<>();
        for (int i = 0; i < radices().length; i++) {
            units.add(List.of(i));
            if (i < sectors.size()) {
                blocks.computeIfAbsent(sectors.get(i).number() / SECTORS_PER_BLOCK, _ -> new ArrayList<>()).add(i);
            }
        }
        blocks.values().stream().filter(block -> block.size() > 1).forEach(units::add);
        return units;
    }
}
