package io.pdata.tools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pdata.core.device.MemoryDevice;
import io.pdata.core.store.MetadataStore;
import io.pdata.core.store.OpenOptions;
import io.pdata.thin.ThinDevice;
import io.pdata.thin.ThinMetadata;
import io.pdata.thin.ThinSuperblockLayout;
import io.pdata.tools.thin.ThinCheck;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LeakRepairTest {
    private static final int BLOCKS = 256;

    private final MemoryDevice device = new MemoryDevice("metadata", BLOCKS * 4096L);

    @BeforeEach
    void makeMetadata() {
        try (ThinMetadata metadata = ThinMetadata.format(device, 128, 1 << 20)) {
            metadata.space().resizeData(20_000);
            metadata.createThin(0);
            map(metadata, 500);
            metadata.commit();
        }
    }

    private static void map(ThinMetadata metadata, int blocks) {
        ThinDevice volume = metadata.openDevice(0);
        for (int i = 0; i < blocks; i++) {
            metadata.insert(volume, i, metadata.allocateDataBlock());
        }
        metadata.closeDevice(volume);
    }

    /** Blocks that are taken, and that nobody has. */
    private void leakData(int blocks) {
        try (ThinMetadata metadata = ThinMetadata.open(device.reopen(), OpenOptions.readWrite())) {
            for (int i = 0; i < blocks; i++) {
                metadata.allocateDataBlock();
            }
            metadata.commit();
        }
    }

    private void leakMetadata(int blocks) {
        try (MetadataFile file = new MetadataFile(device.reopen())) {
            MetadataStore store = file.store(ThinSuperblockLayout.VALIDATOR, ThinSuperblockLayout.METADATA_SPACE_MAP);
            for (int i = 0; i < blocks; i++) {
                store.spaceMap().newBlock();
            }
            store.commit(block -> store.spaceMap().root().write(block, ThinSuperblockLayout.METADATA_SPACE_MAP),
                    () -> {});
        }
    }

    private Findings check() {
        try (MetadataFile file = new MetadataFile(device.reopen())) {
            return ThinCheck.check(file, ThinCheck.Options.FULL, Report.SILENT);
        }
    }

    private static List<Long> blocksOf(Leaks leaks) {
        List<Long> blocks = new ArrayList<>();
        leaks.forEach((begin, end) -> {
            for (long block = begin; block < end; block++) {
                blocks.add(block);
            }
        });
        return blocks;
    }

    @Test
    void leakedBlocksAreFreedAndNothingElseIsChanged() {
        leakData(3);
        leakMetadata(2);
        Findings before = check();
        assertThat(before.onlyLeaks()).isTrue();
        assertThat(blocksOf(before.dataLeaks())).containsExactly(500L, 501L, 502L);
        assertThat(blocksOf(before.metadataLeaks())).hasSize(2);
        try (MetadataFile file = new MetadataFile(device.reopen())) {
            ThinCheck.repairLeaks(file, ThinCheck.check(file, ThinCheck.Options.FULL, Report.SILENT), Report.SILENT);
        }
        assertThat(check().all()).isEmpty();
        try (ThinMetadata metadata = ThinMetadata.open(device.reopen(), OpenOptions.readWrite())) {
            assertThat(metadata.details(0).orElseThrow().mappedBlocks()).isEqualTo(500);
            assertThat(metadata.allocateDataBlock()).as("the next free block").isLessThan(503);
        }
    }

    @Test
    void dataBlocksAloneAndMetadataBlocksAlone() {
        leakMetadata(1);
        try (MetadataFile file = new MetadataFile(device.reopen())) {
            ThinCheck.repairLeaks(file, ThinCheck.check(file, ThinCheck.Options.FULL, Report.SILENT), Report.SILENT);
        }
        assertThat(check().all()).isEmpty();
        leakData(1);
        try (MetadataFile file = new MetadataFile(device.reopen())) {
            ThinCheck.repairLeaks(file, ThinCheck.check(file, ThinCheck.Options.FULL, Report.SILENT), Report.SILENT);
        }
        assertThat(check().all()).isEmpty();
    }

    @Test
    void whatIsSoundIsNotRepaired() {
        try (MetadataFile file = new MetadataFile(device.reopen())) {
            Findings none = ThinCheck.check(file, ThinCheck.Options.FULL, Report.SILENT);
            assertThat(none.onlyLeaks()).isFalse();
            assertThatThrownBy(() -> ThinCheck.repairLeaks(file, none, Report.SILENT))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void runsAreBounded() {
        Leaks leaks = new Leaks();
        for (long i = 0; i <= Leaks.MOST_RUNS; i++) {
            assertThat(leaks.complete()).isTrue();
            leaks.add(2 * i, 2 * i + 1);
        }
        assertThat(leaks.complete()).isFalse();
        assertThat(blocksOf(leaks)).hasSize(Leaks.MOST_RUNS).endsWith(2L * (Leaks.MOST_RUNS - 1));
    }
}
