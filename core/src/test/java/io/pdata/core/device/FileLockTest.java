package io.pdata.core.device;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.core.device.FileDevice.Access;
import io.pdata.testkit.LoopDevice;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Nothing that a process does with this library ends a lock that it holds: tried from outside, by processes with and
 * without native access, which have different kinds of locks.
 */
class FileLockTest {
    @TempDir
    Path folder;

    private Path file;

    @BeforeEach
    void makeFile() {
        file = folder.resolve("device");
        FileDevice.create(file, 1 << 20).close();
    }

    /** Another process that opens, closes and tries to open files on command, line by line. */
    private static final class Opener implements AutoCloseable {
        private final Process process;
        private final PrintStream commands;
        private final BufferedReader answers;

        Opener(boolean nativeAccess) throws IOException {
            List<String> command = new ArrayList<>();
            command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
            if (nativeAccess) {
                command.add("--enable-native-access=ALL-UNNAMED");
            } else {
                command.add("--illegal-native-access=deny");
            }
            command.addAll(List.of("-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path"),
                    OpenerMain.class.getName()));
            process = new ProcessBuilder(command).redirectErrorStream(true).start();
            commands = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
            answers = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        }

        String ask(String command, Object... arguments) throws IOException {
            StringBuilder line = new StringBuilder(command);
            for (Object argument : arguments) {
                line.append('\t').append(argument);
            }
            commands.println(line);
            return answers.readLine();
        }

        @Override
        public void close() {
            commands.close();
            try {
                if (process.waitFor(30, TimeUnit.SECONDS)) {
                    return;
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            process.destroyForcibly();
        }
    }

    /** The other process. */
    static final class OpenerMain {
        public static void main(String[] args) throws IOException {
            BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            Map<String, FileDevice> open = new HashMap<>();
            for (String line = commands.readLine(); line != null; line = commands.readLine()) {
                String[] words = line.split("\t");
                try {
                    switch (words[0]) {
                    case "native" -> System.out.println(NativeFile.available());
                    case "create" -> open.put(words[1], FileDevice.create(Path.of(words[2]), 1 << 20));
                    case "open" -> open.put(words[1],
                            FileDevice.open(Path.of(words[2]), Access.valueOf(words[3])));
                    default -> open.remove(words[1]).close();
                    }
                    if (!words[0].equals("native")) {
                        System.out.println("done");
                    }
                } catch (DeviceException e) {
                    System.out.println(e.toString().replace('\n', ' '));
                }
            }
        }
    }

    private static final String BUSY = "DeviceBusyException";

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void noOtherOpenerEndsTheLock(boolean nativeAccess) throws Exception {
        Path link = Files.createLink(folder.resolve("hard-link"), file);
        Path symbolic = Files.createSymbolicLink(folder.resolve("symbolic-link"), file);
        Path dots = folder.resolve("..").resolve(folder.getFileName()).resolve("device");
        try (Opener holder = new Opener(nativeAccess); Opener other = new Opener(!nativeAccess)) {
            assertThat(holder.ask("native")).isEqualTo(Boolean.toString(nativeAccess));
            assertThat(holder.ask("open", "first", file, Access.READ_WRITE)).isEqualTo("done");
            for (Path name : List.of(file, link, symbolic, dots)) {
                for (Access access : List.of(Access.READ_WRITE, Access.READ_ONLY)) {
                    assertThat(holder.ask("open", "second", name, access)).as("%s %s", name, access).contains(BUSY);
                    assertThat(other.ask("open", "x", file, Access.READ_WRITE)).contains(BUSY);
                }
                assertThat(holder.ask("open", "second", name, Access.READ_ONLY_UNLOCKED)).isEqualTo("done");
                assertThat(holder.ask("close", "second")).isEqualTo("done");
                assertThat(other.ask("open", "x", file, Access.READ_WRITE)).as("after %s", name).contains(BUSY);
            }
            Path renamed = Files.move(file, folder.resolve("renamed"));
            assertThat(holder.ask("open", "second", renamed, Access.READ_WRITE)).contains(BUSY);
            assertThat(other.ask("open", "x", renamed, Access.READ_WRITE)).contains(BUSY);
            assertThat(holder.ask("create", "new", file)).as("another file by the old name").isEqualTo("done");
            assertThat(holder.ask("close", "first")).isEqualTo("done");
            assertThat(other.ask("open", "x", renamed, Access.READ_WRITE)).isEqualTo("done");
        }
    }

    /** A file that was made here is locked like one that was there. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aNewFileIsLockedToo(boolean nativeAccess) throws Exception {
        Path made = folder.resolve("made");
        try (Opener holder = new Opener(nativeAccess); Opener other = new Opener(true)) {
            assertThat(holder.ask("create", "first", made)).isEqualTo("done");
            assertThat(holder.ask("open", "second", made, Access.READ_WRITE)).contains(BUSY);
            assertThat(holder.ask("create", "third", made)).contains("exists already");
            assertThat(other.ask("open", "x", made, Access.READ_WRITE)).contains(BUSY);
            assertThat(holder.ask("close", "first")).isEqualTo("done");
            assertThat(other.ask("open", "x", made, Access.READ_WRITE)).isEqualTo("done");
        }
    }

    /** Any number of readers, whichever goes first: the last one is as well protected as the first. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void readersShareTheLockUntilTheLastHasGone(boolean nativeAccess) throws Exception {
        try (Opener holder = new Opener(nativeAccess); Opener other = new Opener(!nativeAccess)) {
            assertThat(holder.ask("open", "look", file, Access.READ_ONLY_UNLOCKED)).isEqualTo("done");
            for (String reader : List.of("a", "b", "c")) {
                assertThat(holder.ask("open", reader, file, Access.READ_ONLY)).isEqualTo("done");
            }
            assertThat(holder.ask("open", "w", file, Access.READ_WRITE)).contains(BUSY);
            for (String reader : List.of("look", "a", "c")) {
                assertThat(other.ask("open", "x", file, Access.READ_WRITE)).contains(BUSY);
                assertThat(holder.ask("close", reader)).isEqualTo("done");
            }
            assertThat(other.ask("open", "x", file, Access.READ_WRITE)).contains(BUSY);
            assertThat(other.ask("open", "r", file, Access.READ_ONLY)).isEqualTo("done");
            assertThat(other.ask("close", "r")).isEqualTo("done");
            assertThat(holder.ask("close", "b")).isEqualTo("done");
            assertThat(other.ask("open", "x", file, Access.READ_WRITE)).isEqualTo("done");
            assertThat(holder.ask("open", "late", file, Access.READ_ONLY)).contains(BUSY);
        }
    }

    /** By its node, by another node of the same number, and by a descriptor. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aBlockDeviceIsOneWhateverItsNodeIsCalled(boolean nativeAccess) throws Exception {
        try (LoopDevice loop = LoopDevice.of(file);
                Opener holder = new Opener(nativeAccess);
                Opener other = new Opener(nativeAccess)) {
            DeviceNumber number = DeviceNumber.of(loop.path());
            Path node = folder.resolve("node");
            Process mknod = new ProcessBuilder("mknod", node.toString(), "b", "" + number.major(), "" + number.minor())
                    .start();
            Assumptions.assumeTrue(mknod.waitFor() == 0, "mknod is not allowed");
            assertThat(holder.ask("open", "first", loop.path(), Access.READ_WRITE)).isEqualTo("done");
            assertThat(holder.ask("open", "second", node, Access.READ_WRITE)).contains(BUSY);
            assertThat(holder.ask("open", "look", node, Access.READ_ONLY_UNLOCKED)).isEqualTo("done");
            assertThat(holder.ask("close", "look")).isEqualTo("done");
            assertThat(other.ask("open", "x", loop.path(), Access.READ_WRITE)).contains(BUSY);
        }
    }
}
