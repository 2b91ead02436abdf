package io.pdata.tools;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.tools.cache.CacheCheck;
import io.pdata.tools.era.EraCheck;
import io.pdata.tools.thin.ThinCheck;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever a kernel wrote is free of any finding, even of notices: else one of our expectations is wrong. */
class GoldenCheckTest {

    static Stream<String> thinImages() {
        return Recorded.images("thin-");
    }

    static Stream<String> cacheImages() {
        return Recorded.images("cache-");
    }

    static Stream<String> eraImages() {
        return Recorded.images("era-");
    }

    @ParameterizedTest
    @MethodSource("thinImages")
    void thinImagesAreClean(String name) {
        try (MetadataFile file = Recorded.open(name)) {
            assertThat(ThinCheck.check(file, ThinCheck.Options.FULL, Report.SILENT).all()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("cacheImages")
    void cacheImagesAreClean(String name) {
        try (MetadataFile file = Recorded.open(name)) {
            assertThat(CacheCheck.check(file, CacheCheck.Options.FULL, Report.SILENT).all()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("eraImages")
    void eraImagesAreClean(String name) {
        try (MetadataFile file = Recorded.open(name)) {
            assertThat(EraCheck.check(file, false, Report.SILENT).all()).isEmpty();
        }
    }
}
