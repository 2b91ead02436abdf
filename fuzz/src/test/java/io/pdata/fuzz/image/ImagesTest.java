package io.pdata.fuzz.image;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.tools.Findings;
import io.pdata.tools.MetadataFile;
import io.pdata.tools.Report;
import io.pdata.tools.Severity;
import io.pdata.tools.cache.CacheCheck;
import io.pdata.tools.era.EraCheck;
import io.pdata.tools.thin.ThinCheck;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** The images are sound before they are damaged: otherwise all that is said of clean metadata would be said of none. */
class ImagesTest {
    private static final int IMAGES = 4;

    private static void assertClean(List<BaseImage> images, Function<MetadataFile, Findings> check) {
        assertThat(images).hasSize(IMAGES);
        for (BaseImage image : images) {
            try (MetadataFile file = new MetadataFile(new PatchedDevice(image))) {
                assertThat(check.apply(file).all()).as(image.name())
                        .noneMatch(finding -> finding.severity() != Severity.NOTICE);
            }
        }
    }

    @Test
    void thin() {
        assertClean(Images.thin(), file -> ThinCheck.check(file, ThinCheck.Options.FULL, Report.SILENT));
    }

    @Test
    void cache() {
        assertClean(Images.cache(), file -> CacheCheck.check(file, CacheCheck.Options.FULL, Report.SILENT));
    }

    @Test
    void era() {
        assertClean(Images.era(), file -> EraCheck.check(file, false, Report.SILENT));
    }

    /** No damage, a change with the right checksum, and one without. */
    @Test
    void aDamageChangesTheBlockItNames() {
        List<BaseImage> images = Images.thin();
        int block = images.getFirst().block(3);
        assertThat(damaged(images, "0100").block(block)).isEqualTo(images.getFirst().bytes(block));
        byte[] poked = damaged(images, "0101" + "0003" + "2000" + "ff00000000000000").block(block);
        assertThat(poked).isNotEqualTo(images.getFirst().bytes(block));
        assertThat(BlockTypes.of(poked, block)).isSameAs(images.getFirst().type(block));
        byte[] broken = damaged(images, "0101" + "0b03" + "2000" + "ff00000000000000").block(block);
        assertThat(BlockTypes.of(broken, block)).isNull();
    }

    private static PatchedDevice damaged(List<BaseImage> images, String input) {
        return new Input(HexFormat.of().parseHex(input)).image(images);
    }
}
