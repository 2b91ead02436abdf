package io.pdata.cli.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class SizesTest {
    @ParameterizedTest
    @CsvSource({"0, 0", "512, 512", "512B, 512", "1K, 1024", "1k, 1024", "1KiB, 1024", "10G, 10737418240",
        "10GiB, 10737418240", "10gib, 10737418240", "1.5M, 1572864", "2T, 2199023255552", "1P, 1125899906842624",
        "8191P, 9222246136947933184"})
    void sizesAsPeopleWriteThem(String text, long bytes) {
        assertThat(new Sizes().convert(text)).isEqualTo(bytes);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "G", "10GB", "10 G", "-1", "1e3", "0.3", "1.00000001G", "8192P", "99999999999999999P",
        "iB", "5iB", "1.5B", "ten"})
    void whatIsNoSize(String text) {
        assertThatThrownBy(() -> new Sizes().convert(text)).isInstanceOf(TypeConversionException.class);
    }

    @ParameterizedTest
    @CsvSource({"8192P, too large", "99999999999999999P, too large", "9999999999999999999999, too large",
        "0.3, whole number", "1.3K, whole number", "ten, use bytes", "-1, use bytes", "1e3, use bytes"})
    void theMessageSaysWhatIsWrong(String text, String reason) {
        assertThatThrownBy(() -> new Sizes().convert(text)).hasMessageContaining("'" + text + "'")
                .hasMessageContaining(reason);
    }

    @Test
    void sizesForPeople() {
        assertThat(Sizes.format(0)).isEqualTo("0 B");
        assertThat(Sizes.format(1023)).isEqualTo("1023 B");
        assertThat(Sizes.format(1024)).isEqualTo("1.00 KiB");
        assertThat(Sizes.format(1536L << 20)).isEqualTo("1.50 GiB");
        assertThat(Sizes.format(3L << 50)).isEqualTo("3.00 PiB");
        assertThat(Sizes.format(Long.MAX_VALUE)).isEqualTo("8192.00 PiB");
        assertThat(Sizes.format(1536L << 20, Sizes.Unit.b)).isEqualTo("1610612736");
        assertThat(Sizes.format(1536L << 20, Sizes.Unit.g)).isEqualTo("1.50");
        assertThat(Sizes.percent(1, 3)).isEqualTo("33.33");
        assertThat(Sizes.percent(1, 0)).isEqualTo("0.00");
    }
}
