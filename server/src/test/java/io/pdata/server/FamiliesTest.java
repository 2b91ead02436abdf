package io.pdata.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.thin.pool.NamedVolume;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class FamiliesTest {
    private static NamedVolume volume(String name, long id, String origin) {
        return new NamedVolume(name, id, id, 4096, origin, "", Instant.EPOCH, false, null, "", 0);
    }

    private static List<String> relatives(Families families, NamedVolume volume) {
        return families.relatives(volume).stream().map(NamedVolume::name).toList();
    }

    @Test
    void aFamilyIsAllThatCameFromOneVolume() {
        NamedVolume disk = volume("disk", 1, "");
        NamedVolume monday = volume("monday", 2, "disk");
        NamedVolume branch = volume("branch", 3, "monday");
        NamedVolume other = volume("other", 4, "");
        NamedVolume orphan = volume("orphan", 5, "gone");
        NamedVolume sibling = volume("sibling", 6, "gone");
        Families families = new Families(List.of(branch, disk, monday, orphan, other, sibling));
        assertThat(relatives(families, disk)).containsExactly("branch", "monday");
        assertThat(relatives(families, branch)).containsExactly("disk", "monday");
        assertThat(relatives(families, other)).isEmpty();
        assertThat(relatives(families, orphan)).containsExactly("sibling");
        assertThat(families.size(branch)).isEqualTo(3);
        assertThat(families.relative(disk, "branch")).contains(branch);
        assertThat(families.relative(disk, "other")).isEmpty();
        assertThat(families.relative(disk, "disk")).isEmpty();
        assertThat(families.relative(disk, "none")).isEmpty();
        NamedVolume late = volume("late", 7, "disk");
        assertThat(relatives(families, late)).as("made after the families").isEmpty();
        assertThat(families.relative(late, "disk")).isEmpty();
    }

    @Test
    void aCircleOfOriginsIsAFamily() {
        NamedVolume first = volume("a", 1, "b");
        NamedVolume second = volume("b", 2, "a");
        NamedVolume third = volume("c", 3, "b");
        Families families = new Families(List.of(first, second, third));
        assertThat(relatives(families, third)).containsExactly("a", "b");
        assertThat(relatives(families, first)).containsExactly("b", "c");
    }

    @Test
    @Timeout(30)
    void longChainsAreFollowedOnce() {
        List<NamedVolume> chain = new ArrayList<>();
        for (int i = 0; i < 50_000; i++) {
            chain.add(volume("v" + i, i, i == 0 ? "" : "v" + (i - 1)));
        }
        Collections.reverse(chain);
        assertThat(new Families(chain).size(chain.getFirst())).isEqualTo(50_000);
    }
}
