package io.pdata.reliability.workload;

import io.pdata.era.EraMetadata;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/** Drives era metadata. */
final class EraSession extends ModelSession<EraContent> {
    private static final int ERAS_KEPT = 16;

    private final EraWorkload workload;
    private final EraMetadata metadata;
    private final List<Integer> lastWritten = new ArrayList<>();
    /** Marked since the last commit: such blocks are taken along into the next era. */
    private final Set<Integer> unsaved = new HashSet<>();
    private long currentEra;
    private EraContent snapshot;
    /** Whether an era has been begun since the size was changed, so that blocks can be marked; now, and if rolled back. */
    private boolean begun;
    private boolean begunAtCommit;

    EraSession(EraWorkload workload, EraMetadata metadata, EraContent content, Journal<EraContent> journal) {
        super(content, journal);
        this.workload = workload;
        this.metadata = metadata;
        become(content);
    }

    private void become(EraContent content) {
        lastWritten.clear();
        lastWritten.addAll(content.lastWritten());
        unsaved.clear();
        currentEra = content.currentEra();
        snapshot = content.snapshot();
    }

    @Override
    public EraContent content() {
        return new EraContent(currentEra, List.copyOf(lastWritten), snapshot);
    }

    @Override
    public EraContent observed() {
        return EraContent.read(metadata);
    }

    /** Takes the device into use: its size, and a new era; each a commit. */
    void resume(int blocks) {
        resize(blocks);
        commit();
        rollOver();
        commit();
    }

    @Override
    void commit() {
        committing(content(), metadata::commit);
        unsaved.clear();
        begunAtCommit = begun;
    }

    @Override
    void abort() {
        metadata.abort();
        become(committed());
        begun = begunAtCommit;
    }

    @Override
    boolean change(Step step, SplittableRandom random) {
        return changed(switch (step) {
        case INSERT -> mark(random);
        case ROLL_OVER -> {
            rollOver();
            yield true;
        }
        case DIGEST -> digest(1 + random.nextInt(8));
        case EXTEND -> extend(random);
        case RESERVE -> takeSnapshot();
        case RELEASE -> dropSnapshot();
        default -> throw new IllegalArgumentException(step.toString());
        });
    }

    private boolean mark(SplittableRandom random) {
        if (!begun) {
            return false;
        }
        int first = random.nextInt(lastWritten.size());
        int stride = 1 + random.nextInt(workload.stride());
        int count = 1 + random.nextInt(workload.run());
        for (int i = 0; i < count; i++) {
            int block = (first + i * stride) % lastWritten.size();
            metadata.mark(block);
            lastWritten.set(block, (int) currentEra);
            unsaved.add(block);
        }
        return true;
    }

    /** Now and then all is digested, as a daemon would: each era takes space until it is. */
    private void rollOver() {
        if (currentEra % ERAS_KEPT == 0) {
            metadata.digest();
        }
        metadata.rollOver();
        begun = true;
        currentEra++;
        unsaved.forEach(block -> lastWritten.set(block, (int) currentEra));
        changed(true);
    }

    private boolean digest(int steps) {
        if (!metadata.startDigestion()) {
            return false;
        }
        boolean more = true;
        for (int i = 0; i < steps && more; i++) {
            more = metadata.digestStep();
        }
        return true;
    }

    private boolean extend(SplittableRandom random) {
        int blocks = lastWritten.size() + 1 + random.nextInt(workload.growth());
        if (blocks > workload.maxBlocks()) {
            return false;
        }
        resize(blocks);
        commit();
        rollOver();
        return true;
    }

    private void resize(int blocks) {
        metadata.resize(blocks);
        begun = false;
        unsaved.clear();
        lastWritten.addAll(Collections.nCopies(blocks - lastWritten.size(), 0));
        changed(true);
    }

    /** Begins an era, commits, and then keeps what was committed. */
    private boolean takeSnapshot() {
        if (snapshot != null) {
            return false;
        }
        currentEra++;
        unsaved.forEach(block -> lastWritten.set(block, (int) currentEra));
        EraContent taken = content();
        // What was marked in the new era already is in its writeset, which a snapshot does not have.
        List<Integer> archived = new ArrayList<>(taken.lastWritten());
        unsaved.forEach(block -> archived.set(block, (int) currentEra - 1));
        committing(taken, metadata::takeSnapshot);
        unsaved.clear();
        begun = true;
        begunAtCommit = true;
        snapshot = new EraContent(currentEra, archived, null);
        return true;
    }

    private boolean dropSnapshot() {
        if (snapshot == null) {
            return false;
        }
        metadata.dropSnapshot();
        snapshot = null;
        return true;
    }

    @Override
    public void close() {
        metadata.close();
    }
}
