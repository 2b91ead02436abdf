package io.pdata.thin;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.core.space.NoSpaceException;
import io.pdata.testkit.Model;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A pool and what it ought to contain: devices and snapshots, written, discarded and deleted in any order, with commits,
 * roll-backs, crashes, views and a metadata snapshot in between, on a device small enough to fill up.
 */
final class ThinModel implements Model<ThinModelState, ThinModel.Step> {
    private static final int DEVICES = 12;
    private static final int BLOCKS = 3000;

    enum Kind {
        CREATE, SNAPSHOT, DELETE, WRITE, FILL, DISCARD, COMMIT, ABORT, REOPEN, CRASH, OPEN_VIEW, CLOSE_VIEW, RESERVE,
        RELEASE, GROW_DATA, GROW_METADATA
    }

    /**
     * One operation.
     *
     * @param device of which device
     * @param other of which other: the origin of a snapshot
     * @param block from which virtual block on
     * @param count how many
     */
    record Step(Kind kind, int device, int other, int block, int count) {}

    /** How often each kind comes, in the order of the kinds. */
    private static final List<Integer> WEIGHTS = List.of(6, 10, 5, 40, 8, 8, 20, 3, 2, 3, 4, 4, 2, 2, 1, 1);

    private final long metadataBlocks;
    private final long dataBlocks;
    private final int growth;

    /** @param growth how much larger an operation may make the pool, in per cent of what it asks for */
    ThinModel(long metadataBlocks, long dataBlocks, int growth) {
        this.growth = growth;
        this.metadataBlocks = metadataBlocks;
        this.dataBlocks = dataBlocks;
    }

    @Override
    public ThinModelState start() {
        return new ThinModelState(metadataBlocks, dataBlocks);
    }

    @Override
    public Step next(SplittableRandom random, ThinModelState state) {
        int at = random.nextInt(WEIGHTS.stream().mapToInt(Integer::intValue).sum());
        int kind = 0;
        while (at >= WEIGHTS.get(kind)) {
            at -= WEIGHTS.get(kind++);
        }
        return new Step(Kind.values()[kind], random.nextInt(DEVICES), random.nextInt(DEVICES), random.nextInt(BLOCKS),
                1 + random.nextInt(random.nextInt(1, 300)));
    }

    @Override
    public void apply(ThinModelState state, Step step) {
        try {
            perform(state, step);
        } catch (NoSpaceException e) {
            state.rollBack();
        }
    }

    private void perform(ThinModelState state, Step step) {
        switch (step.kind()) {
        case CREATE -> state.create(step.device());
        case SNAPSHOT -> state.snapshot(step.device(), step.other());
        case DELETE -> state.delete(step.device());
        case WRITE -> state.write(step.device(), step.block());
        case FILL -> state.fill(step.device(), step.block(), step.count());
        case DISCARD -> state.discard(step.device(), step.block(), step.block() + 4L * step.count());
        case COMMIT -> state.commit();
        case ABORT -> state.rollBack();
        case REOPEN -> state.reopen();
        case CRASH -> state.crash();
        case OPEN_VIEW -> state.openView();
        case CLOSE_VIEW -> state.closeView();
        case RESERVE -> state.reserve();
        case RELEASE -> state.release();
        case GROW_DATA -> state.growData((long) step.count() * growth / 100);
        case GROW_METADATA -> state.growMetadata((long) step.count() * growth / 100);
        }
    }

    @Override
    public void check(ThinModelState state) {
        state.checkContent();
        state.commitOrRollBack();
        Recount.verify(state.device());
        assertThat(state.pool().changed()).isFalse();
    }

    @Override
    public void end(ThinModelState state) {
        state.close();
    }
}
