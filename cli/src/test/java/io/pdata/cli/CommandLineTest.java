package io.pdata.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Command lines are read as thin-provisioning-tools 1.3.3 read them: its programs printed the messages expected here. */
class CommandLineTest {
    /** How LVM reads the version: sscanf with {@code %u.%u.%u}. */
    private static final Pattern VERSION = Pattern.compile("^(\\d+)\\.(\\d+)\\.(\\d+)");

    static Set<String> tools() {
        return Main.tools();
    }

    @ParameterizedTest
    @MethodSource("tools")
    void toolsAnswerWithTheVersionThatLvmCompares(String tool) {
        ToolRun version = ToolRun.of(tool, "-V");
        assertThat(version).isEqualTo(new ToolRun(0, "1.3.3 (pdata " + Main.version() + ")\n", ""));
        assertThat(ToolRun.of(tool, "--version")).isEqualTo(version);
        Matcher numbers = VERSION.matcher(version.out());
        assertThat(numbers.find()).isTrue();
        assertThat(numbers.group()).isEqualTo("1.3.3");
    }

    @Test
    void theProgramAnswersWithItsOwnVersion() {
        assertThat(ToolRun.of("--version")).isEqualTo(new ToolRun(0, Main.version() + "\n", ""));
        assertThat(ToolRun.of("-V")).isEqualTo(ToolRun.of("--version"));
        assertThat(ToolRun.of("inspect", "-V")).isEqualTo(ToolRun.of("--version"));
    }

    @Test
    void theProgramOfAllToolsRunsEach() {
        assertThat(ToolRun.of("pdata_tools", "thin_check", "none"))
                .isEqualTo(new ToolRun(64, "", "Couldn't find input file 'none'\n"));
        assertThat(ToolRun.of("pdata_tools", "/usr/sbin/thin_check", "none"))
                .isEqualTo(ToolRun.of("thin_check", "none"));
        assertThat(ToolRun.of("pdata_tools", "-V")).isEqualTo(ToolRun.of("thin_check", "-V"));
        ToolRun help = ToolRun.of("pdata_tools", "--help");
        assertThat(help.status()).isZero();
        assertThat(help.out()).startsWith("Usage: pdata_tools ").contains(Main.tools()).doesNotContain("serve");
        assertThat(ToolRun.of("pdata_tools")).isEqualTo(new ToolRun(64, "", help.out()));
        assertThat(ToolRun.of("pdata_tools", "thin_fly"))
                .isEqualTo(new ToolRun(64, "", "unrecognised command 'thin_fly'\n" + help.out()));
        assertThat(ToolRun.of("pdata_tools", "serve").err())
                .startsWith("unrecognised command 'serve'; it is one of pdata's: pdata serve\n");
    }

    @ParameterizedTest
    @MethodSource("tools")
    void unknownOptionsAreNamedEvenIfOthersAreMissing(String tool) {
        ToolRun unknown = ToolRun.of(tool, "--hedgehogs-only");
        assertThat(unknown.status()).isEqualTo(2);
        assertThat(unknown.out()).isEmpty();
        assertThat(unknown.err()).startsWith("error: unexpected argument '--hedgehogs-only' found\n")
                .endsWith("\n\nFor more information, try '--help'.\n");
        assertThat(ToolRun.of(tool, "--hedgehogs-only", "--help")).isEqualTo(unknown);
        assertThat(ToolRun.of(tool, "--help", "--hedgehogs-only")).isEqualTo(ToolRun.of(tool, "--help"));
    }

    /** The first mistake from the left; then options that exclude each other; then missing ones. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', value = {
        "thin_check -qz x | unexpected argument '-z' found",
        "thin_check --quie | unexpected argument '--quie' found",
        "thin_check -q -q --unknown | the argument '--quiet' cannot be used multiple times",
        "thin_check x y --unknown | unexpected argument 'y' found",
        "thin_check x --super-block-only=3 | unexpected value '3' for '--super-block-only' found; no more were expected",
        "thin_check -m=7 x | unexpected argument '-=' found",
        "thin_check --auto-repair -m | the argument '--auto-repair' cannot be used with '--metadata-snap'",
        "thin_check -m --auto-repair x | the argument '--metadata-snap' cannot be used with '--auto-repair'",
        "thin_check --io-engine | a value is required for '--io-engine <IO_ENGINE>' but none was supplied",
        "thin_restore -i --unknown | unexpected argument '--unknown' found",
        "thin_restore -i -o x | a value is required for '--input <FILE>' but none was supplied",
        "thin_restore -i -- x | a value is required for '--input <FILE>' but none was supplied",
        "thin_restore -q x | unexpected argument 'x' found",
        "thin_restore -ia -o=b -o c | the argument '--output <FILE>' cannot be used multiple times",
        "thin_restore -qi | a value is required for '--input <FILE>' but none was supplied",
        "thin_dump --dev-id x --unknown | unexpected argument '--unknown' found",
        "thin_dump --dev-id x -q | \"invalid value 'x' for '--dev-id <THIN_ID>': invalid digit found in string\"",
        "thin_dump --dev-id=-1 x | \"invalid value '-1' for '--dev-id <THIN_ID>': invalid digit found in string\"",
        "thin_dump --dev-id -1 x | unexpected argument '-1' found",
        "thin_dump -r -m x | the argument '--repair' cannot be used with '--metadata-snap[=<BLOCKNR>]'",
        "thin_dump -m=abc x | \"invalid value 'abc' for '--metadata-snap[=<BLOCKNR>]': invalid digit found in string\"",
        "thin_delta --thin1 1 --root1 2 | the argument '--thin1 <DEV_ID>' cannot be used with '--root1 <BLOCKNR>'",
        "thin_delta --thin1 1 --snap1 2 | the argument '--thin1 <DEV_ID>' cannot be used multiple times",
        "thin_repair -i a -o b c d | unexpected argument 'd' found",
        "era_repair -i a -o b c | unexpected argument 'c' found",
        "thin_metadata_size -b 64k -s 1g -m 1 -n long | unexpected argument 'long' found",
        "cache_metadata_size --device-size 3 --nr-blocks 5 | the argument '--device-size <SIZE[bskmgtp]>' cannot be used with '--nr-blocks <NUM>'"})
    void theFirstMistakeIsReported(String line, String error) {
        ToolRun run = ToolRun.of(line.split(" "));
        assertThat(run.status()).isEqualTo(2);
        assertThat(run.err()).startsWith("error: " + error + "\n");
    }

    @Test
    void whatIsMissingIsListedBesideWhatWasGiven() {
        assertThat(ToolRun.of("thin_check", "-q")).isEqualTo(new ToolRun(2, "",
                "error: the following required arguments were not provided:\n  <INPUT>\n\nUsage: thin_check --quiet <INPUT>\n"
                        + "\nFor more information, try '--help'.\n"));
        assertThat(ToolRun.of("cache_repair", "a", "-i", "x").err()).startsWith(
                "error: the following required arguments were not provided:\n  --output <FILE>\n\n");
    }

    @Test
    void optionsThatLookAlikeAreSuggested() {
        assertThat(ToolRun.of("thin_check", "--quiett", "x").err()).contains("a similar argument exists: '--quiet'");
        assertThat(ToolRun.of("thin_check", "--auto", "x").err())
                .contains("a similar argument exists: '--auto-repair'");
        assertThat(ToolRun.of("thin_check", "--abc", "x").err())
                .contains("to pass '--abc' as a value, use '-- --abc'").doesNotContain("similar");
    }

    @Test
    void valuesAndParametersAreTakenInEachForm() {
        String missing = "Couldn't find input file '--x'\n";
        assertThat(ToolRun.of("thin_check", "--", "--x").err()).isEqualTo(missing);
        assertThat(ToolRun.of("thin_dump", "-rqf=xml", "--dev-id", "+1", "--dev-id=2", "-m", "--", "--x").status())
                .isEqualTo(2);
        assertThat(ToolRun.of("thin_dump", "-m=7", "-fxml", "--", "--x").err()).isEqualTo(missing);
        assertThat(ToolRun.of("thin_check", "").err()).isEqualTo("Couldn't find input file ''\n");
        String size = "1064";
        String[] plain = {"thin_metadata_size", "-b64k", "-s", "1g", "-m=1"};
        assertThat(ToolRun.of(plain).out()).isEqualTo(size + " sectors\n");
        assertThat(sizeWith(plain, "-n")).isEqualTo(size + "\n");
        assertThat(sizeWith(plain, "-nlong")).isEqualTo(sizeWith(plain, "-n=long")).isEqualTo(size + "sectors\n");
        assertThat(sizeWith(plain, "-nshort")).isEqualTo(sizeWith(plain, "--numeric-only=short"))
                .isEqualTo(size + "s\n");
    }

    private static String sizeWith(String[] arguments, String option) {
        String[] all = Arrays.copyOf(arguments, arguments.length + 1);
        all[arguments.length] = option;
        return ToolRun.of(all).out();
    }
}
