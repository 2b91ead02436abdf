package io.pdata.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pdata.core.device.MemoryDevice;
import io.pdata.core.space.NoSpaceException;
import io.pdata.core.store.OpenOptions;
import io.pdata.testkit.Model;
import io.pdata.testkit.ModelRun;
import java.util.BitSet;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Cache metadata against plain maps, through commits, roll-backs, crashes, clean shutdowns and changes of size. */
class CacheModelTest {
    private static final int ENOUGH_BLOCKS = 256;
    /** Enough for the structures, not for changing all of them in one transaction. */
    private static final int TOO_FEW_BLOCKS = 32;
    private static final long CACHE_BYTES = 1 << 20;
    private static final int MOST_BLOCKS = 3000;
    private static final int MOST_DISCARDS = 1500;
    /** As many blocks as those discards are, where they are four times as large. */
    private static final int MOST_LOADED = 4 * MOST_DISCARDS;

    private enum Kind {
        INSERT, INSERT_RUN, REMOVE, COMMIT, ABORT, CRASH, SHUTDOWN, RESUME, RESIZE, RESIZE_A_LITTLE, VIEW
    }

    /** What {@code a} and {@code b} are depends on the kind. */
    private record Op(Kind kind, long a, long b) {}

    private record Loaded(long origin, boolean dirty, int hint, boolean hintValid) {}

    /** What the metadata ought to say. */
    private static final class Reference implements Cloneable {
        TreeMap<Long, Long> mappings = new TreeMap<>();
        int size;
        BitSet dirty = new BitSet();
        int[] hints = {};
        CachePolicy policy = CachePolicy.NONE;
        long discardSectors;
        int discardBlocks;
        BitSet discards = new BitSet();
        CacheStats stats = CacheStats.NONE;

        Reference copy() {
            try {
                Reference copy = (Reference) clone();
                copy.mappings = new TreeMap<>(mappings);
                copy.dirty = (BitSet) dirty.clone();
                copy.discards = (BitSet) discards.clone();
                return copy;
            } catch (CloneNotSupportedException e) {
                throw new AssertionError(e);
            }
        }
    }

    private static final class State {
        final MemoryDevice device;
        CacheMetadata metadata;
        Reference now = new Reference();
        Reference committed = now.copy();
        boolean trusted = true;
        boolean cleanOnDisk;
        CacheView view;
        Reference viewed;

        State(int metadataBlocks) {
            device = new MemoryDevice(metadataBlocks * 4096L);
        }
    }

    private record CacheModel(int version, int metadataBlocks, AtomicInteger outOfSpace) implements Model<State, Op> {
        @Override
        public State start() {
            State state = new State(metadataBlocks);
            state.metadata = CacheMetadata.format(state.device, version, 128, CACHE_BYTES);
            return state;
        }

        @Override
        public Op next(SplittableRandom random, State state) {
            Kind kind = switch (random.nextInt(40)) {
            case 0 -> Kind.ABORT;
            case 1 -> Kind.CRASH;
            case 2, 3 -> Kind.SHUTDOWN;
            case 4 -> Kind.RESUME;
            case 5, 6 -> Kind.RESIZE;
            case 7, 8 -> Kind.RESIZE_A_LITTLE;
            case 9, 10, 11 -> Kind.COMMIT;
            case 12 -> Kind.VIEW;
            case 13, 14, 15 -> Kind.INSERT_RUN;
            case 16, 17, 18, 19, 20, 21, 22, 23 -> Kind.REMOVE;
            default -> Kind.INSERT;
            };
            return new Op(kind, random.nextInt(MOST_BLOCKS), random.nextLong(1L << 48));
        }

        @Override
        public void apply(State state, Op op) {
            try {
                doApply(state, op);
            } catch (NoSpaceException e) {
                outOfSpace.incrementAndGet();
                assertThat(e.spaceMap()).isEqualTo("metadata space map");
                abort(state);
                closeView(state);
            }
        }

        private static void abort(State state) {
            state.metadata.abort();
            state.now = state.committed.copy();
            state.trusted = false;
        }

        private void doApply(State state, Op op) {
            switch (op.kind()) {
            case INSERT -> insert(state, op.a(), op.b());
            case INSERT_RUN -> {
                for (int i = 0; i < 100; i++) {
                    insert(state, op.a() + i, op.b() >>> 1 << 1 | i & 1);
                }
            }
            case REMOVE -> remove(state, op.a());
            case COMMIT -> commit(state);
            case ABORT -> abort(state);
            case CRASH -> reopen(state);
            case SHUTDOWN -> shutdown(state, new SplittableRandom(op.b()));
            case RESUME -> {
                if (!state.metadata.changed()) {
                    state.metadata.resume();
                    state.cleanOnDisk = false;
                }
            }
            case RESIZE -> resize(state, (int) op.a());
            case RESIZE_A_LITTLE -> resize(state,
                    Math.clamp(state.now.size + op.b() % 100 - op.a() % 100, 0, MOST_BLOCKS));
            case VIEW -> {
                closeView(state);
                state.view = state.metadata.openView();
                state.viewed = state.committed.copy();
            }
            }
        }

        private void insert(State state, long block, long origin) {
            if (block >= state.now.size) {
                assertThatThrownBy(() -> state.metadata.insertMapping(block, origin))
                        .isInstanceOf(IndexOutOfBoundsException.class);
                return;
            }
            state.metadata.insertMapping(block, origin);
            state.now.mappings.put(block, origin);
            changed(state, block);
        }

        private void remove(State state, long block) {
            if (block < state.now.size) {
                state.metadata.removeMapping(block);
                state.now.mappings.remove(block);
                changed(state, block);
            }
        }

        private void changed(State state, long block) {
            state.trusted = false;
            if (version == 1) {
                state.now.dirty.clear((int) block);
            }
        }

        private static void commit(State state) {
            state.metadata.commit();
            state.committed = state.now.copy();
            state.cleanOnDisk = false;
        }

        private static void reopen(State state) {
            closeView(state);
            state.metadata.close();
            state.metadata = CacheMetadata.open(state.device.reopen(),
                    OpenOptions.readWrite().withCache(CACHE_BYTES).expecting(128));
            state.now = state.committed.copy();
            state.trusted = state.cleanOnDisk;
            state.cleanOnDisk = false;
        }

        private static void shutdown(State state, SplittableRandom random) {
            Reference now = state.now;
            now.dirty = randomBits(random, MOST_BLOCKS, 5);
            now.discardSectors = 128L << random.nextInt(3);
            now.discardBlocks = random.nextInt(MOST_DISCARDS);
            now.discards = randomRuns(random, now.discardBlocks);
            now.stats = new CacheStats(random.nextInt(99), random.nextInt(99), random.nextInt(99), random.nextInt(99));
            int seed = random.nextInt();
            boolean hinted = random.nextInt(4) > 0;
            CachePolicy policy = hinted ? CachePolicy.SMQ : new CachePolicy("cleaner", 2, 0, 0, 0);
            state.metadata.cleanShutdown(new ShutdownState(block -> now.dirty.get((int) block), now.discardSectors,
                    now.discardBlocks, block -> now.discards.get((int) block), now.stats, policy,
                    block -> seed + (int) block));
            if (hinted) {
                now.policy = policy;
                now.hints = new int[now.size];
                for (int i = 0; i < now.size; i++) {
                    now.hints[i] = seed + i;
                }
            } else {
                now.policy = new CachePolicy("cleaner", 2, 0, 0, now.policy.hintSize());
            }
            for (int i = now.dirty.nextSetBit(0); i >= 0; i = now.dirty.nextSetBit(i + 1)) {
                now.dirty.set(i, now.mappings.containsKey((long) i));
            }
            state.committed = now.copy();
            state.trusted = true;
            state.cleanOnDisk = true;
        }

        private void resize(State state, int size) {
            Reference now = state.now;
            boolean dirty = now.mappings.tailMap((long) size).keySet().stream()
                    .anyMatch(block -> !state.trusted || now.dirty.get(Math.toIntExact(block)));
            if (dirty) {
                assertThatThrownBy(() -> state.metadata.resize(size)).isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("dirty");
                return;
            }
            state.metadata.resize(size);
            now.mappings.tailMap((long) size).clear();
            now.size = size;
            // Only whole words of a bitset are dropped; in an array nothing is kept.
            int kept = version == 1 ? size : (size + 63) / 64 * 64;
            now.dirty.clear(kept, Math.max(kept, now.dirty.length()));
        }

        @Override
        public void check(State state) {
            compare(state.metadata.reader(), state.now, state.trusted);
            CacheAudit.verify(state.device);
            assertThat(state.metadata.committed().cleanShutdown()).isEqualTo(state.cleanOnDisk);
            if (state.view != null) {
                compare(state.view.reader(), state.viewed, state.view.superblock().cleanShutdown());
            }
        }

        @Override
        public void end(State state) {
            closeView(state);
            state.metadata.close();
        }

        private static void closeView(State state) {
            if (state.view != null) {
                state.view.close();
                state.view = null;
            }
        }

        private static void compare(CacheReader reader, Reference expected, boolean trusted) {
            assertThat(reader.trusted()).as("trusted").isEqualTo(trusted);
            assertThat(reader.superblock().cacheBlocks()).isEqualTo(expected.size);
            assertThat(reader.superblock().stats()).isEqualTo(expected.stats);
            assertThat(reader.superblock().policy()).isEqualTo(expected.policy);
            TreeMap<Long, Long> mappings = new TreeMap<>();
            BitSet dirty = new BitSet();
            reader.storedMappings((block, origin, isDirty) -> {
                mappings.put(block, origin);
                dirty.set((int) block, isDirty);
            });
            assertThat(mappings).isEqualTo(expected.mappings);
            BitSet expectedDirty = new BitSet();
            expected.mappings.keySet()
                    .forEach(block -> expectedDirty.set(block.intValue(), expected.dirty.get(block.intValue())));
            assertThat(dirty).as("stored dirty bits").isEqualTo(expectedDirty);
            compareLoaded(reader, expected, trusted);
            compareDiscards(reader, expected, trusted);
        }

        private static void compareLoaded(CacheReader reader, Reference expected, boolean trusted) {
            boolean hinted = trusted && expected.policy.equals(CachePolicy.SMQ);
            TreeMap<Long, Loaded> wanted = new TreeMap<>();
            expected.mappings.forEach((block, origin) -> {
                boolean hintValid = hinted && block < expected.hints.length;
                wanted.put(block, new Loaded(origin, !trusted || expected.dirty.get(block.intValue()),
                        hintValid ? expected.hints[block.intValue()] : 0, hintValid));
            });
            TreeMap<Long, Loaded> loaded = new TreeMap<>();
            reader.loadMappings(CachePolicy.SMQ, (block, origin, isDirty, hint, hintValid) -> loaded.put(block,
                    new Loaded(origin, isDirty, hint, hintValid)));
            assertThat(loaded.equals(wanted)).as(() -> "expected " + wanted + ", loaded " + loaded).isTrue();
            assertThat(reader.allClean(0, expected.size)).isEqualTo(wanted.values().stream().noneMatch(Loaded::dirty));
            reader.loadMappings(new CachePolicy("other", 2, 0, 0, 4),
                    (block, origin, isDirty, hint, hintValid) -> assertThat(hintValid).isFalse());
        }

        private static void compareDiscards(CacheReader reader, Reference expected, boolean trusted) {
            for (long sectors : new long[]{128, 192, 512}) {
                BitSet loaded = new BitSet();
                reader.loadDiscards(sectors, MOST_LOADED, (begin, end) -> loaded.set((int) begin, (int) end));
                BitSet wanted = new BitSet();
                for (int block = 0; trusted && block < MOST_LOADED; block++) {
                    wanted.set(block, covered(expected, block * sectors, (block + 1) * sectors));
                }
                assertThat(loaded).as("discards in blocks of %d", sectors).isEqualTo(wanted);
            }
        }

        /** Whether every sector in {@code [begin, end)} is discarded. */
        private static boolean covered(Reference expected, long begin, long end) {
            if (expected.discardSectors == 0) {
                return false;
            }
            int first = (int) (begin / expected.discardSectors);
            int last = (int) ((end - 1) / expected.discardSectors);
            return expected.discards.nextClearBit(first) > last;
        }

        private static BitSet randomBits(SplittableRandom random, int size, int oneIn) {
            BitSet bits = new BitSet();
            for (int i = 0; i < size; i++) {
                bits.set(i, random.nextInt(oneIn) == 0);
            }
            return bits;
        }

        private static BitSet randomRuns(SplittableRandom random, int size) {
            BitSet bits = new BitSet();
            for (int i = 0; i < size; i += 1 + random.nextInt(300)) {
                int end = Math.min(size, i + random.nextInt(200));
                bits.set(i, end);
                i = end;
            }
            return bits;
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void agreesWithPlainMaps(int version) {
        AtomicInteger outOfSpace = new AtomicInteger();
        new ModelRun<>("cache metadata version " + version, new CacheModel(version, ENOUGH_BLOCKS, outOfSpace))
                .seeds(5).operations(400).checkEvery(10).run();
        assertThat(outOfSpace).hasValue(0);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void runningOutOfSpaceAnywhereLeavesTheLastCommit(int version) {
        AtomicInteger outOfSpace = new AtomicInteger();
        new ModelRun<>("small cache metadata version " + version, new CacheModel(version, TOO_FEW_BLOCKS, outOfSpace))
                .seeds(5).operations(400).checkEvery(10).run();
        assertThat(outOfSpace).hasPositiveValue();
    }
}
