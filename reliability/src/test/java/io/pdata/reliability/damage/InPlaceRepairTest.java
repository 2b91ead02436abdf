package io.pdata.reliability.damage;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.reliability.damage.ToolRun.End;
import io.pdata.testkit.PeerTools;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A repair in place does all or nothing: either it changes no byte, or the metadata are sound afterwards, as our check
 * and those of others find, and have the same content. By default for every ninth kind of damage, with {@code
 * -Dlong.tests=true} for all.
 */
class InPlaceRepairTest {
    private static final int EVERY = Boolean.getBoolean("long.tests") ? 1 : 9;

    @TempDir
    private Path folder;

    @Test
    void whatCanBeRepairedInPlaceIsAndNothingElseIsTouched() throws IOException {
        Set<String> repaired = new TreeSet<>();
        Set<String> expected = repairable();
        List<Damage> kinds = DamageCatalogue.all().stream().filter(kind -> kind.format() != Format.ERA).toList();
        for (int i = 0; i < kinds.size(); i++) {
            String name = kinds.get(i).name();
            if (i % EVERY > 0) {
                expected.remove(name);
            } else if (repairs(kinds.get(i), i % 2 == 0 ? "--auto-repair" : "--clear-needs-check-flag")) {
                repaired.add(name);
            }
        }
        assertThat(repaired).isEqualTo(expected);
    }

    private static Set<String> repairable() throws IOException {
        try (InputStream list = InPlaceRepairTest.class.getResourceAsStream("repaired-in-place.txt")) {
            return new TreeSet<>(new String(list.readAllBytes(), StandardCharsets.UTF_8).lines().toList());
        }
    }

    private boolean repairs(Damage kind, String option) throws IOException {
        Image image = kind.damaged(0).image();
        Path file = Files.write(folder.resolve("image"), image.bytes());
        String check = kind.format().checker();
        if (ToolRun.own(check, option, file.toString()).end() != End.WELL) {
            assertThat(Files.readAllBytes(file)).as(kind.name()).isEqualTo(image.bytes());
            return false;
        }
        boolean changed = Files.mismatch(file, Files.write(folder.resolve("before"), image.bytes())) >= 0;
        if (changed) {
            assertSound(kind, file, folder.resolve("before"),
                    Files.write(folder.resolve("whole"), SmallImages.named(image.name()).bytes()));
        }
        return changed;
    }

    private static void assertSound(Damage kind, Path repaired, Path damaged, Path whole) {
        String check = kind.format().checker();
        String dump = check.replace("check", "dump");
        assertThat(ToolRun.own(check, repaired.toString()).end()).as(kind.name()).isEqualTo(End.WELL);
        assertThat(ToolRun.own(dump, repaired.toString()).output()).as(kind.name())
                .isIn(ToolRun.own(dump, damaged.toString()).output(), ToolRun.own(dump, whole.toString()).output());
        if (PeerTools.ready()) {
            for (String version : List.of(PeerTools.CPP, PeerTools.RUST)) {
                Path peer = PeerTools.folder(version);
                assertThat(ToolRun.of(peer, check, repaired.toString()).end()).as(kind.name() + ", " + version)
                        .isEqualTo(ToolRun.of(peer, check, whole.toString()).end());
            }
        }
    }
}
