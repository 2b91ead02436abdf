package io.pdata.tools.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.cache.CacheMetadata;
import io.pdata.core.block.Bytes;
import io.pdata.core.device.MemoryDevice;
import io.pdata.core.store.OpenOptions;
import io.pdata.era.EraMetadata;
import io.pdata.era.EraSuperblockLayout;
import io.pdata.tools.Finding;
import io.pdata.tools.MetadataFile;
import io.pdata.tools.Report;
import io.pdata.tools.Severity;
import io.pdata.tools.cache.CacheCheck;
import io.pdata.tools.era.EraCheck;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is left of an array that has shrunk to end exactly before a block is no damage; a length that lies is. */
class ShrunkArrayTest {
    private static final int PER_BLOCK = 1018;

    private final MemoryDevice device = new MemoryDevice(1 << 20);

    private void sizes(long... sizes) {
        EraMetadata.format(device, 8, 1 << 20).close();
        for (long size : sizes) {
            try (EraMetadata era = EraMetadata.open(device.reopen(), OpenOptions.readWrite())) {
                era.resume(size);
                era.suspend();
            }
        }
    }

    private List<Finding> check() {
        try (MetadataFile file = new MetadataFile(device.reopen())) {
            return EraCheck.check(file, false, Report.SILENT).all();
        }
    }

    @Test
    void theLastBlockMayBeLeftOver() {
        sizes(3 * PER_BLOCK + 7, 3 * PER_BLOCK);
        assertThat(check()).singleElement().satisfies(finding -> {
            assertThat(finding.severity()).isEqualTo(Severity.NOTICE);
            assertThat(finding.text()).contains("era array", "left over from when there were more than 3054 values");
        });
    }

    @Test
    void soItMayWhenTheArrayShrinksFurther() {
        sizes(3 * PER_BLOCK + 7, 3 * PER_BLOCK, 100);
        assertThat(check()).singleElement().satisfies(
                finding -> assertThat(finding.severity()).isEqualTo(Severity.NOTICE));
    }

    @Test
    void itGoesWhenTheArrayGrowsAgain() {
        sizes(PER_BLOCK + 7, PER_BLOCK, PER_BLOCK + 500);
        assertThat(check()).isEmpty();
    }

    @Test
    void aMappingArrayMayHaveALeftOverToo() {
        CacheMetadata.format(device, 1, 64, 1 << 20).close();
        for (long size : new long[]{2 * 509 + 7, 2 * 509}) {
            try (CacheMetadata cache = CacheMetadata.open(device.reopen(), OpenOptions.readWrite())) {
                cache.resize(size);
                cache.commit();
            }
        }
        try (MetadataFile file = new MetadataFile(device.reopen())) {
            assertThat(CacheCheck.check(file, CacheCheck.Options.FULL, Report.SILENT).all()).isNotEmpty()
                    .allSatisfy(finding -> assertThat(finding.severity()).isEqualTo(Severity.NOTICE));
        }
    }

    @Test
    void aFullBlockIsNoneThatCouldBeLeftOver() {
        sizes(2 * PER_BLOCK);
        MemorySegment superblock = MemorySegment.ofArray(new byte[Bytes.BLOCK_SIZE]);
        device.reopen().read(0, superblock);
        superblock.set(Bytes.U32, EraSuperblockLayout.BLOCKS, PER_BLOCK);
        EraSuperblockLayout.VALIDATOR.prepare(superblock, 0);
        device.write(0, superblock);
        assertThat(check()).anySatisfy(finding -> {
            assertThat(finding.severity()).isEqualTo(Severity.FATAL);
            assertThat(finding.text()).contains("has 2036 values instead of 1018");
        });
    }
}
