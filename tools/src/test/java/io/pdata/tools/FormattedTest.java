package io.pdata.tools;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.cache.CacheMetadata;
import io.pdata.core.device.MemoryDevice;
import io.pdata.era.EraMetadata;
import io.pdata.thin.ThinMetadata;
import io.pdata.tools.cache.CacheCheck;
import io.pdata.tools.cache.CacheDump;
import io.pdata.tools.era.EraCheck;
import io.pdata.tools.era.EraDump;
import io.pdata.tools.thin.ThinCheck;
import io.pdata.tools.thin.ThinDump;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Metadata that have just been made are good, and can be dumped although there is nothing in them. */
class FormattedTest {
    private static final long CACHE_BYTES = 1 << 20;

    private final MemoryDevice device = new MemoryDevice(1 << 20);

    private MetadataFile reopened() {
        return new MetadataFile(device.reopen());
    }

    @Test
    void thin() {
        ThinMetadata.format(device, 128, CACHE_BYTES).close();
        try (MetadataFile file = reopened()) {
            assertThat(ThinCheck.check(file, ThinCheck.Options.FULL, Report.SILENT).all()).isEmpty();
            assertThat(Recorded.written(out -> ThinDump.dump(file, ThinDump.Options.XML, () -> out)))
                    .endsWith("nr_data_blocks=\"0\">\n</superblock>");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void cache(int version) {
        CacheMetadata.format(device, version, 64, CACHE_BYTES).close();
        try (MetadataFile file = reopened()) {
            assertThat(CacheCheck.check(file, CacheCheck.Options.FULL, Report.SILENT).all()).isEmpty();
            assertThat(Recorded.written(out -> CacheDump.dump(file, () -> out))).endsWith(
                    "hint_width=\"0\">\n  <mappings>\n  </mappings>\n  <hints>\n  </hints>\n</superblock>");
        }
    }

    /** The kernel formats era metadata with totals that it has not committed; so do we, and so it must be forgiven. */
    @Test
    void era() {
        EraMetadata.format(device, 64, CACHE_BYTES).close();
        try (MetadataFile file = reopened()) {
            assertThat(EraCheck.check(file, false, Report.SILENT).all()).isEmpty();
            assertThat(Recorded.written(out -> EraDump.dump(file, false, () -> out)))
                    .endsWith("current_era=\"0\">\n  <era_array>\n  </era_array>\n</superblock>");
        }
    }
}
