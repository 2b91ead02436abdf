package io.pdata.interop.tools;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.testkit.PeerTools;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The blocks written since an era are those that the first generation's era_dump --logical dates to it or later. The
 * reference tools' era_invalidate says so too, but for the writeset of the current era, which it does not look at.
 */
class EraInvalidateTest {
    private static final Pattern ERA = Pattern.compile("<era block=\"(\\d+)\" era=\"(\\d+)\"/>");
    private static final Pattern BLOCK = Pattern.compile("<block block=\"(\\d+)\"/>");
    private static final Pattern RANGE = Pattern.compile("<range begin=\"(\\d+)\" end=\"(\\d+)\"/>");

    @TempDir
    private Path folder;

    @Test
    void whatWasWrittenSinceIsListed() {
        PeerTools.need();
        Metadata.golden("era-", folder, (name, file) -> {
            String dump = PeerTools.run(PeerTools.RUST, "era_dump", "--logical", file).succeeded().output();
            for (long since : new long[]{0, 2, 5, 7}) {
                BitSet expected = datedSince(dump, since);
                String listed = Own.output("era_invalidate", "--written-since", since, file);
                assertThat(blocks(listed)).as(name + " since " + since).isEqualTo(expected);
                String theirs = PeerTools.run(PeerTools.CPP, "era_invalidate", "--written-since", since, file)
                        .succeeded().output().replace(" = ", "=").stripTrailing();
                BitSet known = blocks(theirs);
                known.andNot(expected);
                assertThat(known.isEmpty()).as(name + " since " + since).isTrue();
                if (blocks(theirs).equals(expected)) {
                    assertThat(listed).as(name + " since " + since).isEqualTo(theirs);
                }
            }
        });
    }

    private static BitSet datedSince(String dump, long since) {
        BitSet blocks = new BitSet();
        for (Matcher era = ERA.matcher(dump); era.find();) {
            if (Long.parseLong(era.group(2)) >= since) {
                blocks.set(Integer.parseInt(era.group(1)));
            }
        }
        return blocks;
    }

    private static BitSet blocks(String list) {
        BitSet blocks = new BitSet();
        for (Matcher block = BLOCK.matcher(list); block.find();) {
            blocks.set(Integer.parseInt(block.group(1)));
        }
        for (Matcher range = RANGE.matcher(list); range.find();) {
            blocks.set(Integer.parseInt(range.group(1)), Integer.parseInt(range.group(2)));
        }
        return blocks;
    }
}
