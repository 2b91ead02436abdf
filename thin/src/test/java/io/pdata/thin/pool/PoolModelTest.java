package io.pdata.thin.pool;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.core.block.Bytes;
import io.pdata.core.device.MemoryDevice;
import io.pdata.core.space.NoSpaceException;
import io.pdata.testkit.Model;
import io.pdata.testkit.ModelRun;
import io.pdata.thin.Recount;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/**
 * A pool against plain arrays of what each sector ought to hold, through flushes, killed processes and power cuts. The
 * devices of this test keep all that was written: what a power cut takes away here is what was not committed.
 */
class PoolModelTest {
    private static final int SECTOR = 512;
    private static final int BLOCK_SECTORS = 128;
    private static final int VOLUME_BLOCKS = 6;
    private static final int VOLUME_SECTORS = VOLUME_BLOCKS * BLOCK_SECTORS + 40;
    private static final int VOLUMES = 5;
    private static final int METADATA_BLOCKS = 300;

    sealed interface Operation {}
    record Create(int volume) implements Operation {}
    record Snapshot(int volume, int origin) implements Operation {}
    record Delete(int volume) implements Operation {}
    record Write(int volume, int sector, int count, int tag) implements Operation {}
    record Discard(int volume, int sector, int count) implements Operation {}
    record Zero(int volume, int sector, int count) implements Operation {}
    record Flush(int volume) implements Operation {}
    record Reopen() implements Operation {}
    record Kill() implements Operation {}
    record PowerCut() implements Operation {}

    /** What the sectors of a volume hold, and for those changed since the last flush what they have held since then. */
    private static final class Content {
        final int[] now = new int[VOLUME_SECTORS];
        final Map<Integer, List<Integer>> unflushed = new TreeMap<>();

        Content copy() {
            Content copy = new Content();
            System.arraycopy(now, 0, copy.now, 0, VOLUME_SECTORS);
            return copy;
        }

        void set(int sector, int tag) {
            unflushed.computeIfAbsent(sector, _ -> new ArrayList<>(List.of(now[sector]))).add(tag);
            now[sector] = tag;
        }
    }

    private static final class State {
        MemoryDevice metadata = new MemoryDevice("metadata", METADATA_BLOCKS * 4096L);
        MemoryDevice data;
        MemoryDevice log = new MemoryDevice("log", IntentLog.SIZE);
        UUID boot = new UUID(1, 1);
        ThinPool pool;
        final Volume[] volumes = new Volume[VOLUMES];
        final Content[] contents = new Content[VOLUMES];

        State(int dataBlocks) {
            data = new MemoryDevice("data", dataBlocks * BLOCK_SECTORS * (long) SECTOR);
            ThinPool.format(metadata, data, log, BLOCK_SECTORS, options(), PoolEvents.NONE).close();
            open();
        }

        static PoolOptions options() {
            return PoolOptions.defaults().withCache(0).withErrorIfNoSpace(true).withCommitPeriod(Duration.ZERO);
        }

        void open() {
            pool = ThinPool.open(metadata.reopen(), data.reopen(), log.reopen(), boot, options(), PoolEvents.NONE);
            for (int i = 0; i < VOLUMES; i++) {
                volumes[i] = contents[i] == null ? null : pool.openVolume(i, VOLUME_SECTORS * (long) SECTOR, null);
            }
        }

        /** Goes on with what is on the devices at this moment, as if the process had stopped in the middle. */
        void stopAndGoOn() {
            MemoryDevice[] left = {metadata.copy(), data.copy(), log.copy()};
            pool.close();
            metadata = left[0];
            data = left[1];
            log = left[2];
            open();
        }

        void allFlushed() {
            for (Content content : contents) {
                if (content != null) {
                    content.unflushed.clear();
                }
            }
        }

        int sector(int volume, int sector) {
            MemorySegment read = MemorySegment.ofArray(new byte[SECTOR]);
            volumes[volume].read(sector * (long) SECTOR, read);
            int tag = read.get(Bytes.U32, 0);
            for (int i = 4; i < SECTOR; i += 4) {
                assertThat(read.get(Bytes.U32, i)).as("all of a sector is of one write").isEqualTo(tag);
            }
            return tag;
        }
    }

    private record PoolModel(int dataBlocks) implements Model<State, Operation> {
        @Override
        public State start() {
            return new State(dataBlocks);
        }

        @Override
        public Operation next(SplittableRandom random, State state) {
            int volume = random.nextInt(VOLUMES);
            int sector = random.nextInt(VOLUME_SECTORS);
            int count = random.nextInt(1, Math.min(1 + (1 << random.nextInt(10)), VOLUME_SECTORS - sector + 1));
            return switch (random.nextInt(24)) {
            case 0, 1 -> new Create(volume);
            case 2, 3 -> new Snapshot(volume, random.nextInt(VOLUMES));
            case 4 -> new Delete(volume);
            case 5, 6, 7 -> new Discard(volume, sector, count);
            case 8 -> new Zero(volume, sector, count);
            case 9, 10 -> new Flush(volume);
            case 11 -> new Reopen();
            case 12 -> new Kill();
            case 13 -> new PowerCut();
            default -> new Write(volume, sector, count, random.nextInt(1, 1 << 20));
            };
        }

        @Override
        public void apply(State state, Operation operation) {
            switch (operation) {
            case Create create when state.contents[create.volume] == null -> {
                state.pool.createVolume(create.volume);
                opened(state, create.volume, new Content());
            }
            case Snapshot s when state.contents[s.volume] == null && state.contents[s.origin] != null -> {
                state.pool.createSnapshot(s.volume, s.origin);
                opened(state, s.volume, state.contents[s.origin].copy());
            }
            case Delete(int volume) when state.contents[volume] != null -> {
                state.volumes[volume].close();
                state.pool.deleteVolume(volume);
                state.contents[volume] = null;
                state.allFlushed();
            }
            case Write w when state.contents[w.volume] != null -> write(state, w);
            case Discard d when state.contents[d.volume] != null -> discard(state, d);
            case Zero z when state.contents[z.volume] != null -> {
                try {
                    state.volumes[z.volume].zero(z.sector * (long) SECTOR, z.count * (long) SECTOR);
                } catch (NoSpaceException e) {
                    adopt(state, z.volume, z.sector, z.count, 0);
                    return;
                }
                for (int i = z.sector; i < z.sector + z.count; i++) {
                    state.contents[z.volume].set(i, 0);
                }
            }
            case Flush flush when state.contents[flush.volume] != null -> {
                state.volumes[flush.volume].flush();
                state.allFlushed();
            }
            case Reopen() -> {
                state.pool.close();
                state.open();
                state.allFlushed();
            }
            case Kill() -> {
                state.stopAndGoOn();
                state.allFlushed();
            }
            case PowerCut() -> powerCut(state);
            default -> {
            }
            }
        }

        private void opened(State state, int volume, Content content) {
            state.allFlushed(); // the request has committed
            state.contents[volume] = content;
            state.volumes[volume] = state.pool.openVolume(volume, VOLUME_SECTORS * (long) SECTOR, null);
        }

        private void write(State state, Write write) {
            MemorySegment bytes = MemorySegment.ofArray(new byte[write.count * SECTOR]);
            for (int i = 0; i < write.count * SECTOR; i += 4) {
                bytes.set(Bytes.U32, i, write.tag);
            }
            try {
                state.volumes[write.volume].write(write.sector * (long) SECTOR, bytes);
                for (int i = write.sector; i < write.sector + write.count; i++) {
                    state.contents[write.volume].set(i, write.tag);
                }
            } catch (NoSpaceException e) {
                adopt(state, write.volume, write.sector, write.count, write.tag);
            }
        }

        /** A write or zeroing that ran out of space has changed some blocks and not others. */
        private void adopt(State state, int volume, int first, int count, int tag) {
            for (int i = first; i < first + count; i++) {
                int found = state.sector(volume, i);
                assertThat(found).isIn(tag, state.contents[volume].now[i]);
                state.contents[volume].set(i, found);
            }
        }

        private void discard(State state, Discard discard) {
            state.volumes[discard.volume].discard(discard.sector * (long) SECTOR, discard.count * (long) SECTOR);
            int first = Math.ceilDiv(discard.sector, BLOCK_SECTORS) * BLOCK_SECTORS;
            int end = (discard.sector + discard.count) / BLOCK_SECTORS * BLOCK_SECTORS;
            for (int i = first; i < end; i++) {
                state.contents[discard.volume].set(i, 0);
            }
        }

        private void powerCut(State state) {
            state.boot = new UUID(2, state.boot.getLeastSignificantBits() + 1);
            state.stopAndGoOn();
            for (int volume = 0; volume < VOLUMES; volume++) {
                Content content = state.contents[volume];
                if (content != null) {
                    int which = volume;
                    content.unflushed.forEach((sector, values) -> {
                        int found = state.sector(which, sector);
                        assertThat(values).as("sector %d of volume %d", sector, which).contains(found);
                        content.now[sector] = found;
                    });
                    content.unflushed.clear();
                }
            }
        }

        @Override
        public void check(State state) {
            for (int volume = 0; volume < VOLUMES; volume++) {
                if (state.contents[volume] != null) {
                    for (int sector = 0; sector < VOLUME_SECTORS; sector++) {
                        assertThat(state.sector(volume, sector)).as("sector %d of volume %d", sector, volume)
                                .isEqualTo(state.contents[volume].now[sector]);
                    }
                }
            }
            for (int volume = 0; volume < VOLUMES; volume++) {
                if (state.contents[volume] != null) {
                    describedAsItIs(state.volumes[volume], state.contents[volume]);
                }
            }
            state.pool.status(); // commits
            state.allFlushed();
            Recount.verify(state.metadata);
            assertThat(state.pool.status().mode()).isIn(PoolMode.WRITE, PoolMode.OUT_OF_DATA_SPACE);
        }

        private void describedAsItIs(Volume volume, Content content) {
            long[] at = {0};
            volume.describe(0, volume.size(), (length, extent) -> {
                for (long sector = at[0] / SECTOR; sector < (at[0] + length) / SECTOR; sector++) {
                    assertThat(extent == Volume.Extent.UNMAPPED && content.now[(int) sector] != 0)
                            .as("sector %d holds something, and is said to be unmapped", sector).isFalse();
                }
                at[0] += length;
                return true;
            });
            assertThat(at[0]).isEqualTo(volume.size());
        }

        @Override
        public void end(State state) {
            state.pool.close();
        }
    }

    @Test
    void volumesHoldWhatWasWrittenThroughKillsAndPowerCuts() {
        new ModelRun<>("thin pool", new PoolModel(60)).seeds(12).operations(300).checkEvery(25).run();
    }

    @Test
    void aFullPoolHoldsWhatWasWritten() {
        new ModelRun<>("full thin pool", new PoolModel(9)).seeds(12).operations(300).checkEvery(25).run();
    }
}
