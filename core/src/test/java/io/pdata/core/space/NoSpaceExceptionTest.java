package io.pdata.core.space;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class NoSpaceExceptionTest {

    @Test
    void saysWhereAndHowMuch() {
        assertThat(new NoSpaceException("data space map", 0, 100))
                .hasMessage("data space map: no space left (0 of 100 blocks free)");
    }

    @Test
    void saysWhatWillHelpIfAnythingIsFree() {
        assertThat(new NoSpaceException("data space map", 1, 100)).hasMessage("data space map: no space left "
                + "(1 of 100 blocks free, usable after the next commit or when open views have closed)");
    }
}
