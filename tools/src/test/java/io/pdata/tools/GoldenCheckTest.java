package io.pdata.tools;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.tools.thin.ThinCheck;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever a kernel wrote is free of any finding, even of notices: else one of our expectations is wrong. */
class GoldenCheckTest {

    static Stream<String> thinImages() {
        return Recorded.images("thin-");
    }

    @ParameterizedTest
    @MethodSource("thinImages")
    void thinImagesAreClean(String name) {
        try (MetadataFile file = Recorded.open(name)) {
            assertThat(ThinCheck.check(file, ThinCheck.Options.FULL, Report.SILENT).all()).isEmpty();
        }
    }
}
