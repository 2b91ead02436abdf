package io.pdata.tools;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.core.device.MemoryDevice;
import io.pdata.testkit.Golden;
import io.pdata.tools.thin.ThinCheck;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever a kernel wrote is free of any finding, even of notices: else one of our expectations is wrong. */
class GoldenCheckTest {

    static Stream<String> thinImages() {
        return images("thin-");
    }

    private static Stream<String> images(String prefix) {
        return Golden.files(Golden.folder(), ".img.xz").stream().map(Path::getFileName).map(Path::toString)
                .filter(name -> name.startsWith(prefix)).map(name -> name.replace(".img.xz", ""));
    }

    static MetadataFile open(String name) {
        byte[] image = Golden.image(name);
        MemoryDevice device = new MemoryDevice(name, image.length);
        device.write(0, MemorySegment.ofArray(image));
        return new MetadataFile(device);
    }

    @ParameterizedTest
    @MethodSource("thinImages")
    void thinImagesAreClean(String name) {
        try (MetadataFile file = open(name)) {
            assertThat(ThinCheck.check(file, ThinCheck.Options.FULL, Report.SILENT).all()).isEmpty();
        }
    }
}
