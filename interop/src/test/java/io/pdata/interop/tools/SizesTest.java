package io.pdata.interop.tools;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.testkit.Outcome;
import io.pdata.testkit.PeerTools;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Estimates of sizes, and complaints about what cannot be estimated, are those of the reference tools. */
class SizesTest {

    @ParameterizedTest
    @ValueSource(strings = {"-b 64k -s 1g -m 100", "-b 64k -s 1t -m 1000 -u m", "-b 64k -s 1t -m 1000 -u m -n",
        "-b 64k -s 1t -m 1000 -u M -n=long", "-b 64k -s 1t -m 1000 -u K --numeric-only=short", "-b128 -s1000000 -m1",
        "-b64k -s1p -m1 -uG", "-b64k -s1p -m1 -ug", "-b64k -s1p -m1 -up", "-b64k -s1g -m1 -ue", "-b100 -s1g -m1",
        "-b 128b -s 1000000b -m1 -ub", "-b 2g -s1t -m1", "-b 1m -s64k -m1", "-b64k -s1g", "-b64k -s1g -m1 -ux",
        "-b 64x -s1g -m1", "-b64k -s100e -m1", "-b k -s1g -m1", "-b64k -s1g -m 99999999999999999999999",
        "-b 64k -s1g -m1 -u k -n long", "-b 64k -s1g -m1 -n -u k", "-b64k -s1g -m1 -n=foo", "-b 64k -s 1g -m1 x",
        "-b 64KiB -s1TB -m4000000000 -u sector"})
    void thin(String arguments) {
        compare("thin_metadata_size", arguments);
    }

    @ParameterizedTest
    @ValueSource(strings = {"--nr-blocks 1000", "--device-size 1g --block-size 64k", "--device-size 1g",
        "--block-size 64k", "--nr-blocks 1000 --device-size 1g --block-size 64k", "--nr-blocks 1000 --block-size 64k",
        "--nr-blocks 1000000 --max-hint-width 16 -u m", "--nr-blocks 1000000 --max-hint-width 16 -u m -n",
        "--nr-blocks 0", "--device-size 1g --block-size 100", "--device-size 1g --block-size 2g",
        "--device-size 16k --block-size 32k", "--nr-blocks 1000 --max-hint-width x",
        "--nr-blocks 1000 --max-hint-width 4294967296", "--nr-blocks 99999999999999999999",
        "--nr-blocks 999999999999999", "--nr-blocks=4 -n", "-n"})
    void cache(String arguments) {
        compare("cache_metadata_size", arguments);
    }

    private static void compare(String tool, String arguments) {
        Object[] words = arguments.split(" ");
        Outcome theirs = PeerTools.run(PeerTools.RUST, tool, words);
        Object[] own = new Object[words.length + 1];
        own[0] = tool;
        System.arraycopy(words, 0, own, 1, words.length);
        assertThat(Own.run(own)).as(Arrays.toString(own))
                .isEqualTo(new Own(theirs.status(), theirs.output(), theirs.errors()));
    }
}
