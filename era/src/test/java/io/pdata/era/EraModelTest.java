package io.pdata.era;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pdata.core.device.MemoryDevice;
import io.pdata.core.store.OpenOptions;
import io.pdata.testkit.Model;
import io.pdata.testkit.ModelRun;
import java.util.Arrays;
import java.util.BitSet;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Era metadata against one plain array of last eras, with digestion, snapshots, roll-backs and crashes in between. */
class EraModelTest {
    private static final int METADATA_BLOCKS = 640;
    private static final OpenOptions READ_WRITE = OpenOptions.readWrite().withCache(1 << 20).expecting(8);
    private static final int FIRST_SIZE = 3000;
    private static final int MOST_BLOCKS = 40_000;

    private enum Kind {
        MARK, MARK_RUN, COMMIT, ROLL_OVER, DIGEST, TAKE_SNAPSHOT, DROP_SNAPSHOT, ABORT, CRASH, SUSPEND, RESIZE, VIEW
    }

    /** What {@code a} and {@code b} are depends on the kind. */
    private record Op(Kind kind, int a, int b) {}

    /** What the metadata ought to say. */
    private static final class Reference implements Cloneable {
        long era;
        int[] eras = {};
        /** Durably marked in the current era. */
        BitSet marked = new BitSet();
        /** What the metadata snapshot should say; null for none. */
        int[] snapshot;

        Reference copy() {
            try {
                Reference copy = (Reference) clone();
                copy.eras = eras.clone();
                copy.marked = (BitSet) marked.clone();
                return copy;
            } catch (CloneNotSupportedException e) {
                throw new AssertionError(e);
            }
        }
    }

    private static final class State {
        final MemoryDevice device = new MemoryDevice(METADATA_BLOCKS * 4096L);
        EraMetadata metadata;
        Reference now = new Reference();
        Reference committed;
        BitSet unsaved = new BitSet();
        EraView view;
        Reference viewed;

        void commit() {
            now.marked.or(unsaved);
            unsaved.clear();
            committed = now.copy();
        }

        void rollOver() {
            now.era++;
            now.marked.clear();
            unsaved.stream().forEach(block -> now.eras[block] = (int) now.era);
        }

        void resume(int size) {
            metadata.resume(size);
            unsaved.clear();
            now.eras = Arrays.copyOf(now.eras, size);
            rollOver();
            commit();
        }

        void closeView() {
            if (view != null) {
                view.close();
                view = null;
            }
        }

        void reopen() {
            closeView();
            metadata.close();
            metadata = EraMetadata.open(device.reopen(), READ_WRITE);
        }
    }

    private static final class EraModel implements Model<State, Op> {
        @Override
        public State start() {
            State state = new State();
            state.metadata = EraMetadata.format(state.device, 8, 1 << 20);
            state.resume(FIRST_SIZE);
            return state;
        }

        @Override
        public Op next(SplittableRandom random, State state) {
            Kind kind = switch (random.nextInt(40)) {
            case 0 -> Kind.ABORT;
            case 1 -> Kind.CRASH;
            case 2 -> Kind.SUSPEND;
            case 3 -> Kind.RESIZE;
            case 4 -> Kind.VIEW;
            case 5, 6 -> Kind.TAKE_SNAPSHOT;
            case 7, 8 -> Kind.DROP_SNAPSHOT;
            case 9, 10, 11 -> Kind.ROLL_OVER;
            case 12, 13, 14, 15, 16, 17 -> Kind.COMMIT;
            case 18, 19, 20, 21, 22, 23 -> Kind.DIGEST;
            case 24, 25, 26 -> Kind.MARK_RUN;
            default -> Kind.MARK;
            };
            return new Op(kind, random.nextInt(MOST_BLOCKS), random.nextInt(600));
        }

        @Override
        public void apply(State state, Op op) {
            EraMetadata metadata = state.metadata;
            switch (op.kind()) {
            case MARK -> mark(state, op.a() % state.now.eras.length);
            case MARK_RUN -> {
                for (int block = op.a(); block < Math.min(op.a() + 200, state.now.eras.length); block++) {
                    mark(state, block);
                }
            }
            case COMMIT -> {
                metadata.commit();
                state.commit();
            }
            case ROLL_OVER -> {
                metadata.rollOver();
                state.rollOver();
            }
            case DIGEST -> {
                boolean more = metadata.startDigestion();
                for (int i = 0; more && i < op.b(); i++) {
                    more = metadata.digestStep();
                }
            }
            case TAKE_SNAPSHOT -> takeSnapshot(state);
            case DROP_SNAPSHOT -> dropSnapshot(state);
            case ABORT -> {
                metadata.abort();
                state.now = state.committed.copy();
                state.unsaved.clear();
            }
            case CRASH -> {
                state.reopen();
                state.now = state.committed.copy();
                state.resume(state.now.eras.length);
            }
            case SUSPEND, RESIZE -> suspend(state, op);
            case VIEW -> {
                state.closeView();
                state.view = metadata.openView();
                state.viewed = state.committed.copy();
            }
            }
        }

        private static void mark(State state, int block) {
            if (!state.metadata.isMarked(block)) {
                state.metadata.mark(block);
                state.unsaved.set(block);
                state.now.eras[block] = (int) state.now.era;
            }
        }

        private static void takeSnapshot(State state) {
            if (state.now.snapshot != null) {
                assertThatThrownBy(state.metadata::takeSnapshot).isInstanceOf(IllegalStateException.class);
                return;
            }
            int[] before = state.now.eras.clone();
            state.metadata.takeSnapshot();
            state.rollOver();
            state.commit();
            state.now.snapshot = before;
        }

        private static void dropSnapshot(State state) {
            if (state.now.snapshot == null) {
                assertThatThrownBy(state.metadata::dropSnapshot).isInstanceOf(IllegalStateException.class);
                return;
            }
            state.metadata.dropSnapshot();
            state.now.snapshot = null;
        }

        private static void suspend(State state, Op op) {
            int size = op.kind() == Kind.RESIZE ? 1 + op.a() : state.now.eras.length;
            state.metadata.suspend();
            assertThat(state.metadata.isMarked(0)).isFalse();
            if (size < state.now.eras.length) {
                // What an archived writeset says of blocks that are dropped would come back with new ones.
                state.metadata.digest();
                state.metadata.commit();
            }
            if (op.b() % 2 == 0) {
                state.reopen();
            }
            state.resume(size);
        }

        @Override
        public void check(State state) {
            EraMetadata metadata = state.metadata;
            assertThat(metadata.currentEra()).isEqualTo(state.now.era);
            compare(metadata.reader(), state.now);
            EraAudit.verify(state.device);
            BitSet marked = new BitSet();
            for (int block = 0; block < state.now.eras.length; block++) {
                marked.set(block, metadata.isMarked(block));
            }
            assertThat(marked).isEqualTo(state.now.marked);
            if (state.view != null) {
                compare(state.view.reader(), state.viewed);
            }
        }

        private static void compare(EraReader reader, Reference expected) {
            int[] found = new int[expected.eras.length];
            reader.lastWritten(0, found);
            assertThat(found).isEqualTo(expected.eras);
            int middle = found.length / 2;
            assertThat(reader.lastWritten(middle)).isEqualTo(expected.eras[middle]);
            BitSet recent = new BitSet();
            long since = expected.era - 2;
            reader.writtenSince(since, (begin, end) -> recent.set((int) begin, (int) end));
            BitSet expectedRecent = new BitSet();
            for (int block = 0; block < found.length; block++) {
                expectedRecent.set(block, found[block] != 0 && found[block] >= since);
            }
            assertThat(recent).isEqualTo(expectedRecent);
            assertThat(reader.snapshot().isPresent()).isEqualTo(expected.snapshot != null);
            reader.snapshot().ifPresent(snapshot -> {
                int[] kept = new int[expected.snapshot.length];
                snapshot.lastWritten(0, kept);
                assertThat(kept).as("eras in the metadata snapshot").isEqualTo(expected.snapshot);
            });
        }

        @Override
        public void end(State state) {
            state.closeView();
            state.metadata.close();
        }
    }

    @Test
    void agreesWithAPlainArrayOfEras() {
        new ModelRun<>("era metadata", new EraModel()).seeds(6).operations(400).checkEvery(20).run();
    }
}
