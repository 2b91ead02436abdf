package io.pdata.thin.pool;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.thin.pool.ProbedDevice.Kind;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is flushed before what. */
class CommitOrderTest extends PoolOnTheBench {
    private final List<String> flushed = new ArrayList<>();
    private Runnable duringDataFlush = () -> {};

    private void watch() {
        data.breakWhere(kind -> {
            if (kind == Kind.FLUSH) {
                flushed.add("data");
                duringDataFlush.run();
            }
            return false;
        });
        metadata.breakWhere(kind -> {
            if (kind == Kind.FLUSH) {
                flushed.add("metadata");
            }
            return false;
        });
    }

    @Test
    void whatMappingsPointAtIsFlushedBeforeTheyAreCommitted() {
        format(64);
        Volume volume = create(1, 8);
        fill(volume, 0, 1, 7);
        watch();
        pool.status(); // commits
        assertThat(flushed).containsExactly("data", "metadata", "metadata");
        flushed.clear();
        discard(volume, 0, 1);
        pool.status();
        assertThat(flushed).as("nothing new is pointed at").containsExactly("metadata", "metadata");
    }

    @Test
    void aSnapshotHasWhatWasWrittenInPlaceAsDurablyAsItself() {
        format(64);
        Volume volume = create(1, 8);
        fill(volume, 0, 1, 7);
        volume.flush();
        fill(volume, 0, 1, 8);
        watch();
        pool.createSnapshot(2, 1);
        assertThat(flushed).startsWith("data").endsWith("data", "metadata", "metadata");
    }

    @Test
    void whatIsMappedWhileDataAreFlushedAheadIsFlushedByTheCommit() {
        format(64);
        Volume volume = create(1, 8);
        fill(volume, 0, 1, 7);
        watch();
        duringDataFlush = () -> {
            duringDataFlush = () -> {};
            fill(volume, 1, 1, 8);
        };
        volume.flush();
        assertThat(flushed).containsExactly("data", "data", "metadata", "metadata");
        flushed.clear();
        fill(volume, 2, 1, 9);
        volume.flush();
        assertThat(flushed).as("nothing has been mapped meanwhile").containsExactly("data", "metadata", "metadata");
    }

    @Test
    void whatAKilledProcessWroteIsFlushedBeforeItsMappingsAreCommitted() {
        format(64);
        fill(create(1, 8), 0, 1, 7);
        watch();
        killAndOpen();
        assertThat(flushed).as("by the end of the one, and by the next, which takes the mapping over")
                .containsExactly("data", "metadata", "metadata", "data", "metadata", "metadata");
    }
}
