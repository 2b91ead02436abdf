package io.pdata.reliability.damage;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.reliability.damage.Damage.Case;
import io.pdata.reliability.damage.Use.Action;
import io.pdata.testkit.Allocations;
import io.pdata.testkit.PeerTools;
import io.pdata.tools.Finding;
import io.pdata.tools.Findings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Damage under valid checksums is found and located by the check; everybody else answers correctly, or refuses. */
@Timeout(value = 20 * 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class DamageTest {
    private static final long SEED = Long.getLong("seed", 0);
    private static final int SEEDS = Boolean.getBoolean("long.tests") ? 40 : 2;
    private static final List<Damage> KINDS = DamageCatalogue.all();
    /** What one use of a small image may allocate on the heap, by the thread that asks for it. */
    private static final long MOST_ALLOCATED = 96L << 20;

    private static List<String> problems(Function<Case, Stream<String>> judge) {
        System.out.println("damage: " + KINDS.size() + " kinds, seeds " + SEED + " to " + (SEED + SEEDS - 1));
        return KINDS.parallelStream()
                .flatMap(kind -> LongStream.range(SEED, SEED + SEEDS).mapToObj(kind::damaged))
                .flatMap(damaged -> judge.apply(damaged).map(problem -> damaged + ": " + problem)).toList();
    }

    @Test
    void theImagesAreSound() {
        for (Image image : SmallImages.all()) {
            assertThat(Reaction.of(image, Action.CHECK).answer()).as(image.name()).isEmpty();
        }
    }

    @Test
    void everyKindIsFoundWithItsSeverityAndLocated() {
        assertThat(problems(DamageTest::judgeCheck)).isEmpty();
    }

    private static Stream<String> judgeCheck(Case damaged) {
        Reaction reaction = Reaction.of(damaged.image(), Action.CHECK);
        Verdict expected = damaged.damage().expected();
        if (reaction.refused()) {
            return expected == Verdict.REFUSED && hasAll(reaction.text(), damaged.words())
                    ? Stream.empty()
                    : Stream.of(reaction.text());
        }
        Findings findings = damaged.damage().format().use().check(damaged.image().device());
        boolean located = findings.all().stream().map(Finding::text).anyMatch(text -> hasAll(text, damaged.words()));
        return Verdict.of(findings) == expected && located
                ? Stream.empty()
                : Stream.of("expected " + expected + " and " + damaged.words() + ", found " + reaction.text());
    }

    private static boolean hasAll(String text, List<String> words) {
        return words.stream().allMatch(text::contains);
    }

    @Test
    void nobodyIsFooled() {
        Map<String, String> before = SmallImages.all().stream().flatMap(
                image -> Stream.of(Action.DUMP, Action.READ).map(action -> Map.entry(image.name() + action,
                        Reaction.of(image, action).answer())))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
        assertThat(problems(damaged -> Stream.of(Action.DUMP, Action.READ, Action.WRITE)
                .map(action -> judgeUse(damaged, action, before)).filter(Objects::nonNull))).isEmpty();
    }

    /** What is wrong with a reaction, or null. */
    private static String judgeUse(Case damaged, Action action, Map<String, String> before) {
        long allocated = Allocations.bytesOfThisThread();
        Reaction reaction;
        try {
            reaction = Reaction.of(damaged.image(), action);
        } catch (RuntimeException | Error e) {
            return action + " throws " + e + " at " + List.of(e.getStackTrace()).subList(0, 5);
        }
        allocated = Allocations.bytesOfThisThread() - allocated;
        if (allocated > MOST_ALLOCATED) {
            return action + " allocates " + allocated + " bytes";
        }
        if (reaction.refused()) {
            return reaction.refusal().getMessage().isBlank() ? action + " does not say what is wrong" : null;
        }
        boolean sameExpected = action != Action.WRITE && !damaged.damage().content();
        return sameExpected && !reaction.answer().equals(before.get(damaged.image().name() + action))
                ? action + " gives another answer"
                : action == Action.DUMP ? DumpOrder.problem(reaction.answer()) : null;
    }

    @Test
    void theTableSaysWhatOurCheckAndThoseOfOthersSay() throws IOException {
        Path file = Path.of(System.getProperty("project.root", "..")).resolve("docs/damage.md");
        Map<String, Map<String, String>> committed = DamageTable.parse(Files.readString(file)).rows();
        // Whom it makes hang is not asked again.
        Map<Boolean, List<Damage>> kinds = KINDS.stream().collect(Collectors
                .partitioningBy(kind -> committed.getOrDefault(kind.name(), Map.of()).toString().contains("hangs")));
        Map<String, Map<String, String>> computed = new HashMap<>(
                DamageTable.of(kinds.get(false), DamageTableCommand.installed()).rows());
        computed.putAll(DamageTable.of(kinds.get(true), List.of()).rows());
        assertThat(committed.keySet()).containsExactlyElementsOf(KINDS.stream().map(Damage::name).toList());
        assertThat(computed).allSatisfy((kind, row) -> assertThat(committed.get(kind)).as(kind)
                .containsAllEntriesOf(row));
        // Whatever anybody finds, we do.
        assertThat(committed).allSatisfy((kind, row) -> assertThat(row.get(DamageTable.OURS)).as(kind)
                .isNotEqualTo(Verdict.MISSED.text()));
    }

    @Test
    void othersFindNothingInTheImagesAsTheyAre() {
        PeerTools.need();
        assertThat(DamageTable.undamaged(DamageTableCommand.installed()).values()).containsOnly(Peer.Result.MISSED);
    }
}
